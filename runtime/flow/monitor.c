/* What the TCP monitor of a chain needs beside the sessions: pieces by shard,
 * and a worker's room. */
#include "flow/monitor.h"
#include "core/fail.h"
#include "flow/table.h"
#include <nfl/tcp_inline.h>
#include <nfl/tcp_unacked.h>
#include <stdlib.h>

static const struct nfl_tcp_desc *monitor_of(const struct nfl_chain *c)
{
    return c->desc->flows ? c->desc->flows->tcp : NULL;
}

bool nfl_monitor_init(struct nfl_chain *c, const struct nfl_part *part,
                      char *err, size_t errlen)
{
    const struct nfl_tcp_desc *d = monitor_of(c);
    uint32_t s, n = c->desc->shards;

    if (!d)
        return true;
    c->pieces = calloc(n, sizeof(*c->pieces));
    c->no_pieces = nfl_tcp_pool_new(0);
    if (!c->pieces || !c->no_pieces)
        return nfl_fail(err, errlen, "no memory");
    for (s = 0; s < n; s++) {
        if (nfl_owner_of(n, part->of, s) != part->index)
            continue;
        c->pieces[s] = nfl_tcp_pool_new((uint32_t)nfl_share(d->pieces, n, s));
        if (!c->pieces[s])
            return nfl_fail(
                err, errlen, "chain %s: no memory for %llu bytes of streams",
                c->desc->name, (unsigned long long)d->pieces * NFL_TCP_PIECE);
    }
    return true;
}

void nfl_monitor_fini(struct nfl_chain *c)
{
    uint32_t s;

    for (s = 0; c->pieces && s < c->desc->shards; s++)
        nfl_tcp_pool_free(c->pieces[s]);
    free(c->pieces);
    nfl_tcp_pool_free(c->no_pieces);
    c->pieces = NULL;
}

size_t nfl_monitor_scratch(const struct nfl_chain *c)
{
    const struct nfl_tcp_desc *d = monitor_of(c);

    if (!d)
        return 0;
    return nfl_tcp_scratch(&d->rules) +
           (d->changes ? nfl_tcp_scratch_more(&d->rules) : 0) +
           (d->unacked ? nfl_tcp_unacked_room() : 0);
}

void nfl_monitor_forgets(const struct nfl_chain *c, struct nfl_session *s)
{
    if (!c->pieces || s->proto != NFL_TCP)
        return;
    nfl_tcp_end(nfl_session_tcp(c->desc, s), c->pieces[s->shard]);
    if (monitor_of(c)->unacked)
        nfl_tcp_unacked_end(nfl_session_unacked(c->desc, s),
                            c->pieces[s->shard]);
    if (c->early)
        nfl_tcp_changes_end(nfl_session_inline(c->desc, s),
                            c->pieces[s->shard]);
}
