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

static void inline_of(const struct chain *c, FILE *to)
{
    const char *before = "; bytes are changed by ";
    const struct position *p;
    unsigned long long held = (unsigned long long)c->tcp.held;

    if (!c->tcp.in_line)
        return;
    fprintf(to,
            "      inline: segments wait for bytes in front of them, %llu "
            "packets in all, %llu%s a shard, %u of a side",
            held, held / c->shards, held % c->shards ? " or one more" : "",
            (unsigned)NFL_TCP_HELD);
    LIST_EACH (p, &c->nfs) {
        if (!p->nf->changes)
            continue;
        fprintf(to, "%s%s", before, p->name);
        before = ", ";
    }
    fputc('\n', to);
}

static unsigned bytes_of(const struct chain *c)
{
    return NFL_TCP_BYTES + (c->tcp.unacked ? NFL_UNACKED_BYTES : 0u) +
           (c->tcp.in_line ? NFL_INLINE_BYTES : 0u);
}

void explain_tcp(const struct chain *c, FILE *to)
{
    const struct stream_rules *r = &c->tcp;

    if (!c->monitors)
        return;
    fprintf(to, "    TCP monitor: ");
    askers(c, to);
    fprintf(to, "; %u bytes of each flow\n", bytes_of(c));
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
    if (r->unacked)
        fprintf(to,
                "      %llu of a side are remembered until the receiver has "
                "acknowledged them\n",
                (unsigned long long)r->unacked);
    inline_of(c, to);
}
