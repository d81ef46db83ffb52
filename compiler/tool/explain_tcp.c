/* What nflc explain says of a chain's TCP monitor: who asks it, and what it may
 * store. */
#include "plan/plan.h"
#include "tool/explain.h"
#include <nfl/flow_bytes.h>

static void askers(const struct chain *c, FILE *to)
{
    const struct position *p;
    const struct handler *h;
    const char *before = "asked by ";

    LIST_EACH (p, &c->nfs) {
        bool asks = false, always = false;

        LIST_EACH (h, &p->nf->handlers) {
            asks |= h->monitors;
            always |= h->monitors && !handler_sleeps(h);
        }
        if (!asks)
            continue;
        fprintf(to, "%s%s%s", before, p->name,
                always ? "" : " (while its handlers are awake)");
        before = ", ";
    }
}

void explain_tcp(const struct chain *c, FILE *to)
{
    const struct stream_rules *r = &c->tcp;

    if (!c->monitors)
        return;
    fprintf(to, "    TCP monitor: ");
    askers(c, to);
    fprintf(to, "; %u bytes of each flow\n", (unsigned)NFL_TCP_BYTES);
    fprintf(to,
            "      connections that it did not see begin: %s; checksums: %s\n",
            r->ignores ? "ignored" : "picked up",
            r->trusts ? "trusted" : "checked");
    if (!c->streams) {
        fputs("      nobody asks for bytes of streams\n", to);
        return;
    }
    fprintf(
        to,
        "      bytes of streams: %llu in all may be stored, %llu a shard in "
        "pieces of %u (%u of memory); of a side\n      %llu beyond a hole, "
        "%llu that NFs keep; where segments overlap: %s\n",
        (unsigned long long)r->pool,
        (unsigned long long)(r->pool / NFL_TCP_PIECE / c->shards *
                             NFL_TCP_PIECE),
        (unsigned)NFL_TCP_PIECE, (unsigned)NFL_TCP_PIECE_ALL,
        (unsigned long long)r->ahead, (unsigned long long)r->keep,
        overlap_name[r->overlap]);
}
