/* Packets that NFs make: LANGUAGE.md, section 4. Only gen.h includes this,
 * where generated code has defined NFLG_EDITS. */
#ifndef NFL_GEN_MAKE_H
#define NFL_GEN_MAKE_H

#include <nfl/made.h>

/* Headers in front of the n bytes that are there already. */
NFLG_FN void nflg_make_headers(struct nfl_pkt *pkt, const struct nflg_stack *s,
                               const uint8_t *bytes, unsigned n,
                               const struct nflg_sums *sums)
{
    struct nflg_plan p = {.n = 0};
    struct nflg_head t;
    unsigned k;

    nflg_begin(&t, pkt);
    nflg_edit_begin(&t);
    nflg_plan_encap(&p, s, 0, 0, n);
    memcpy(t.data, bytes, s->bytes);
    for (k = 0; k < s->n; k++)
        t.edit.origin[k].flags =
            (uint8_t)(NFLG_ADDED | (s->no_sum >> k & 1 ? NFLG_NO_SUM : 0));
    nflg_fill(&t, &p, s, 0, 0, 0);
    nflg_say(&t, &p, s->n);
    nflg_edit_end(&t, &p, s->n, 0, (int)s->bytes);
    nflg_fix_edited(&t, sums);
}

/* A frame of so many bytes, which the caller writes. */
NFLG_FN void nflg_made_init(struct nfl_made *m, const struct nfl_ctx *c,
                            const struct nflg_head *h, unsigned len, bool back)
{
    const struct nfl_worker *w = c->worker;

    c->chain->made++;
    m->cause = w->behind ? w->behind : h->pkt;
    m->by = (uint16_t)c->nf;
    m->back = back;
    m->pkt = (struct nfl_pkt){
        .data = m->bytes + NFL_MADE_ROOM,
        .len = len,
        .headroom = NFL_MADE_ROOM,
        .port = c->chain->desc->port[back ? !c->side : c->side],
        .origin = NFL_GENERATED,
        .time = h->pkt->time,
        .number = h->pkt->number,
    };
}

/* A later fragment keeps the ports and the protocol that its flow has here. */
NFLG_COLD void nflg_turn_later(const struct nfl_ctx *c, struct nfl_pkt *p)
{
    struct nfl_tuple t = nfl_session_tuple(c->chain, c->session, c->nf);

    p->later = 1;
    p->proto = t.proto;
    p->sport = c->back ? t.dport : t.sport;
    p->dport = c->back ? t.sport : t.dport;
}

/* The packet at hand, all of which is `frame`, turns around at the NF, once. */
NFLG_SLOW void nflg_turn(const struct nfl_ctx *c, const struct nflg_head *h,
                         struct nflg_bytes frame)
{
    struct nfl_made *m = c->worker->turned;

    if (h->pkt->origin != NFL_ARRIVED || m->cause ||
        frame.len > NFL_MADE_HEADERS + NFL_MADE_DATA)
        return;
    nflg_made_init(m, c, h, frame.len, true);
    m->pkt.origin = NFL_TURNED;
    m->pkt.cut = h->pkt->cut;
    m->pkt.cut_id = h->pkt->cut_id;
    m->pkt.joined = h->pkt->joined;
    if (h->later && c->session)
        nflg_turn_later(c, &m->pkt);
    memcpy(m->pkt.data, frame.at, frame.len);
}

/* The one that turns around now, among all that were made. What it makes has
 * the same cause. */
NFLG_SLOW struct nfl_made *nflg_turned(struct nfl_worker *w)
{
    struct nfl_made *m = &w->made[w->n_made++];

    w->n_passed = w->n_made;
    *m = *w->turned;
    m->pkt.data = m->bytes + NFL_MADE_ROOM;
    w->turned->cause = NULL;
    w->behind = m->cause;
    return m;
}

/* The NF at hand makes a packet of the headers s, which are `bytes` without
 * lengths, selectors and checksums, and of at most `most` bytes of data. Of one
 * that was made itself nothing is. */
NFLG_SLOW void nflg_make(const struct nfl_ctx *c, const struct nflg_head *h,
                         const struct nflg_stack *s, const uint8_t *bytes,
                         struct nflg_bytes data, unsigned most, bool back,
                         const struct nflg_sums *sums)
{
    unsigned n = data.len < most ? data.len : most;
    struct nfl_worker *w = c->worker;
    struct nfl_made *m;

    if (h->pkt->origin == NFL_GENERATED)
        return;
    m = &w->made[w->n_made++];
    nflg_made_init(m, c, h, s->bytes + n, back);
    if (n)
        memcpy(m->pkt.data + s->bytes, data.at, n);
    nflg_make_headers(&m->pkt, s, bytes, n, sums);
}

/* The next packet that the one of the context `by` made, parsed into h, leaves
 * its maker. It belongs to the flow of its cause if it is of its tuple there.
 */
NFLG_FN void nflg_enter_made(struct nfl_ctx *c, const struct nfl_ctx *by,
                             struct nflg_head *h, const struct nfl_made *m)
{
    bool back = by->back != m->back;
    struct nfl_tuple t;

    nflg_enter(c, by->worker, by->chain, h->pkt);
    c->shard = by->shard;
    c->side = m->back ? !by->side : by->side;
    if (!by->session || !nflg_has_flow(h)) {
        h->no_flow |= h->quotes;
        return;
    }
    t = nfl_session_tuple(by->chain, by->session, m->by);
    if (back)
        t = nfl_tuple_reverse(&t);
    if (nfl_tuple_eq(&t, &h->tuple)) {
        c->session = by->session;
        c->back = back;
    } else {
        h->no_flow |= h->quotes;
    }
}

/* One that turned around has the flow of its tuple, as if it had arrived at the
 * side from where it comes now. False if it is dropped. */
NFLG_FN bool nflg_enter_turned(struct nfl_ctx *c, const struct nfl_ctx *by,
                               struct nflg_head *h)
{
    bool goes;

    nflg_enter(c, by->worker, by->chain, h->pkt);
    c->shard = by->shard;
    c->side = !by->side;
    if (!nflg_has_flow(h))
        return true;
    if (nfl_shard_of(c->chain, &h->tuple, c->side) != by->shard)
        return nflg_drop(c, h, NFL_DROP_turned);
    if (!c->chain->table)
        return true;
    c->chain->turning = true;
    c->chain->kept = by->session;
    goes = nflg_session(c, h, nfl_session_hash(c->chain, &h->tuple, c->side));
    c->chain->turning = false;
    c->chain->kept = NULL;
    return goes;
}

#endif
