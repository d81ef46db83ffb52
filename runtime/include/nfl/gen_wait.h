/* Packets that wait, and go on: LANGUAGE.md, "Packets that wait". Only gen.h
 * includes this. */
#ifndef NFL_GEN_WAIT_H
#define NFL_GEN_WAIT_H

#include <nfl/queue.h>

/* The tuple with which it arrived, or NULL. */
NFLG_FN const struct nfl_tuple *nflg_came_with(const struct nfl_ctx *c,
                                               const struct nflg_head *h)
{
    return nfs_packet_in_flow(c, h) ? &h->tuple : NULL;
}

/* The packet at hand waits: a copy of it is in a queue. Always false. */
NFLG_FN bool nflg_waits_now(const struct nflg_head *h)
{
    h->pkt->out = NFL_OUT_DROP;
    h->pkt->reason = NFL_DROP_none;
    return false;
}

/* Behind the packet that has left some go on. */
NFLG_FN bool nflg_wakes(const struct nfl_worker *w,
                        const struct nfl_chain *chain)
{
    return __builtin_expect(chain->wake <= w->now, 0);
}

/* One that waited, parsed into h, comes to its NF again. */
NFLG_FN void nflg_enter_again(struct nfl_ctx *c, struct nfl_worker *w,
                              struct nfl_chain *chain, struct nflg_head *h,
                              const struct nfl_made *m)
{
    nflg_enter(c, w, chain, h->pkt);
    c->side = m->side;
    c->session = m->session;
    c->shard = m->session ? m->session->shard : 0;
    c->back = m->back;
    h->no_flow |= h->quotes && !m->session;
    if (m->has_tuple && nflg_has_flow(h))
        h->tuple = m->tuple;
}

#endif
