/* The TCP monitor on the way of a packet, and the C of the prelude's type
 * `stream`. Only gen.h includes this. */
#ifndef NFL_GEN_TCP_H
#define NFL_GEN_TCP_H

#include <nfl/tcp_fast.h>
#include <nfl/tcp_inline.h>
#include <nfl/tcp_unacked.h>

/* Groups of signs, behind the signs themselves: see the prelude's tcp_sign. */
enum { NFLG_ANOMALY = 56, NFLG_OF_FLOW = 57, NFLG_OF_STREAM = 58 };

#define NFLG_SIGNS(from, to) (((uint64_t)2 << (to)) - ((uint64_t)1 << (from)))

NFLG_FN bool nfs_packet_shows(const struct nfl_ctx *c,
                              const struct nflg_head *h, uint64_t sign)
{
    uint64_t mask = sign < NFLG_ANOMALY      ? (uint64_t)1 << sign
                    : sign == NFLG_ANOMALY   ? NFLG_SIGNS(12, 31)
                    : sign == NFLG_OF_FLOW   ? NFLG_SIGNS(32, 47)
                    : sign == NFLG_OF_STREAM ? NFLG_SIGNS(48, 55)
                                             : 0;

    (void)h;
    return (c->signs & mask) != 0;
}

/* ---- a packet is seen ---- */

/* It arrived, with a TCP header that gave it its session, which was found by
 * its tuple: what a shape says of that is known when it is compiled. */
NFLG_FN bool nflg_is_segment(const struct nfl_ctx *c, const struct nflg_head *h)
{
    return c->session && h->tuple.proto == NFL_TCP && !h->later && !h->quotes &&
           h->role[NFLG_SPORT].bits;
}

NFLG_FN struct nfl_tcp_pool *nflg_pieces(const struct nfl_ctx *c)
{
    return c->chain->pieces[c->shard];
}

/* No handler that is awake for the flow asks for it. */
NFLG_FN void nflg_unasked(const struct nfl_ctx *c, struct nfl_tcp *t)
{
    nfl_tcp_sleep(t, nflg_pieces(c));
    if (c->chain->desc->flows->tcp->unacked)
        nfl_tcp_unacked_end(nfl_session_unacked(c->chain->desc, c->session),
                            nflg_pieces(c));
}

/* The lengths of the IP packet that gave the addresses, RFC 791 and 8200. */
NFLG_FN uint32_t nflg_ip_len(const uint8_t *ip, bool v6)
{
    return v6 ? nflg_get16(ip, 4) + 40u : nflg_get16(ip, 2);
}

NFLG_FN struct nfl_segment nflg_segment(const struct nfl_ctx *c,
                                        const struct nflg_head *h)
{
    const struct nflg_header *tcp = &h->parsed[h->role[NFLG_SPORT].header],
                             *ip = &h->parsed[h->role[NFLG_SRC].header];
    bool v6 = h->role[NFLG_SRC].bits > 32;
    struct nfl_segment s = {.tcp = h->data + tcp->at,
                            .tcp_len = h->end - tcp->at,
                            .payload = h->end - tcp->to,
                            .addr = h->data + ip->at + (v6 ? 8 : 12),
                            .addr_len = v6 ? 32 : 8};

    s.cut = ip->at + nflg_ip_len(h->data + ip->at, v6) > h->pkt->len;
    s.reuses = c->chain->reused_at == c->worker->packets;
    return s;
}

/* gen_inline.h */
NFLG_FN uint64_t nflg_unfit(const struct nfl_tcp_view *v,
                            const struct nfl_segment *s);
NFLG_FN void nflg_old_bytes(struct nfl_ctx *c, const struct nfl_tcp *t,
                            const struct nfl_segment *s, uint64_t was);

/* What came first counts, where it was not acknowledged: in an inline chain it
 * takes the place of what comes now. */
NFLG_FN void nflg_unacked(const struct nfl_ctx *c, struct nflg_head *h,
                          const struct nfl_tcp_desc *d, const struct nfl_tcp *t,
                          const struct nfl_segment *s,
                          struct nfl_tcp_before before)
{
    struct nfl_tcp_view *v = &c->worker->view;
    struct nfl_tcp_first first =
        nfl_tcp_unacked(nfl_session_unacked(c->chain->desc, c->session), t,
                        nflg_pieces(c), &d->rules, s, before, v,
                        c->worker->streams + nfl_tcp_scratch(&d->rules) +
                            (d->changes ? nfl_tcp_scratch_more(&d->rules) : 0));

    if (__builtin_expect(!first.len, 1) || !d->in_line)
        return;
    nflg_edit_payload(c, h);
    memcpy(h->data + h->end - s->payload + first.at, first.bytes, first.len);
}

NFLG_FN void nflg_monitor(struct nfl_ctx *c, struct nflg_head *h,
                          const struct nfl_tcp_desc *d, struct nfl_tcp *t,
                          unsigned watch)
{
    struct nfl_worker *w = c->worker;
    struct nfl_segment s = nflg_segment(c, h);
    struct nfl_tcp_before before = {t->side[c->back].offset,
                                    t->side[c->back].way & NFL_TCP_WATCH};

    nfl_tcp_packet(t, nflg_pieces(c), &d->rules, &s, c->back, watch, &w->view,
                   w->streams);
    if (d->unacked)
        nflg_unacked(c, h, d, t, &s, before);
    c->signs = w->view.signs;
    if (!w->view.watched)
        c->signs &= ~NFLG_SIGNS(48, 55);
    if (d->in_line)
        c->signs |= nflg_unfit(&w->view, &s);
    /* Bytes that C of some NF may change are looked at as they arrived. */
    if (d->edits && w->view.watched)
        nfl_tcp_apart(&d->rules, &w->view);
    if (d->changes)
        nflg_old_bytes(c, t, &s, before.offset);
}

/* --no-consolidate: an NF has a monitor of its own, at byte `at` of an entry,
 * as it would beside NFs that it knows nothing of. Nothing new comes of it. It
 * stores nothing. */
NFLG_FN void nflg_monitor_alone(const struct nfl_ctx *c,
                                const struct nflg_head *h,
                                const struct nfl_tcp_desc *d, size_t at)
{
    struct nfl_tcp_view v;
    struct nfl_segment s;

    if (h->pkt->origin == NFL_GENERATED || !nflg_is_segment(c, h))
        return;
    s = nflg_segment(c, h);
    nfl_tcp_packet((struct nfl_tcp *)(void *)((uint8_t *)c->session + at),
                   c->chain->no_pieces, &d->rules, &s, c->back, 3, &v,
                   c->worker->streams);
    __asm__ volatile("" : : "r"(&v) : "memory");
}

/* ---- what it says of the stream ---- */

NFLG_FN struct nfl_tcp *nflg_tcp(const struct nfl_ctx *c)
{
    return nfl_session_tcp(c->chain->desc, c->session);
}

NFLG_FN struct nfl_tcp_kept nflg_kept(const struct nfl_ctx *c)
{
    const struct nfl_tcp_desc *d = c->chain->desc->flows->tcp;

    return (struct nfl_tcp_kept){
        (uint64_t *)(void *)((uint8_t *)c->session + d->kept), d->slots};
}

NFLG_FN uint32_t nflg_tcp_state(const struct nfl_ctx *c,
                                const struct nfl_session *f, unsigned side)
{
    return f->proto == NFL_TCP
               ? nfl_tcp_state(nfl_session_tcp(c->chain->desc, f), side)
               : 0;
}

NFLG_FN uint32_t nfs_flow_client_state(const struct nfl_ctx *c,
                                       const struct nfl_session *f)
{
    return nflg_tcp_state(c, f, 0);
}

NFLG_FN uint32_t nfs_flow_server_state(const struct nfl_ctx *c,
                                       const struct nfl_session *f)
{
    return nflg_tcp_state(c, f, 1);
}

/* What the NF at hand sees: one that never keeps, what is new. */
NFLG_FN struct nfl_tcp_bytes nflg_seen_bytes(const struct nfl_ctx *c)
{
    const struct nfl_tcp_desc *d = c->chain->desc->flows->tcp;
    struct nfl_tcp_view *v = &c->worker->view;
    struct nfl_tcp_bytes b = {v->fresh, v->fresh_len, 0, v->fresh_offset};

    if (c->keeps)
        b = nfl_tcp_bytes(nflg_tcp(c), nflg_pieces(c), &d->rules, v,
                          nflg_kept(c), c->keeps - 1u);
    if (c->before)
        b = nfl_tcp_bytes_changed(
            nfl_session_inline(c->chain->desc, c->session), nflg_pieces(c),
            &d->rules, v, b, c->before, c->nf);
    return b;
}

NFLG_FN struct nflg_bytes nfs_stream_bytes(const struct nfl_ctx *c,
                                           const struct nflg_head *h)
{
    struct nfl_tcp_bytes b = nflg_seen_bytes(c);

    (void)h;
    return (struct nflg_bytes){b.p, b.len};
}

NFLG_FN uint32_t nfs_stream_fresh(const struct nfl_ctx *c,
                                  const struct nflg_head *h)
{
    (void)h;
    return nflg_seen_bytes(c).fresh;
}

NFLG_FN uint64_t nfs_stream_offset(const struct nfl_ctx *c,
                                   const struct nflg_head *h)
{
    (void)h;
    return nflg_seen_bytes(c).offset;
}

NFLG_FN uint32_t nfs_stream_gap(const struct nfl_ctx *c,
                                const struct nflg_head *h)
{
    (void)h;
    return c->worker->view.gap;
}

NFLG_FN struct nflg_bytes nfs_stream_was(const struct nfl_ctx *c,
                                         const struct nflg_head *h)
{
    const struct nfl_tcp_view *v = &c->worker->view;

    (void)h;
    return (struct nflg_bytes){v->was, v->conflict_len};
}

NFLG_FN struct nflg_bytes nfs_stream_now(const struct nfl_ctx *c,
                                         const struct nflg_head *h)
{
    const struct nfl_tcp_view *v = &c->worker->view;

    (void)h;
    return (struct nflg_bytes){v->now, v->conflict_len};
}

NFLG_FN bool nfs_stream_keep(const struct nfl_ctx *c, const struct nflg_head *h,
                             uint64_t at)
{
    const struct nfl_tcp_desc *d = c->chain->desc->flows->tcp;

    (void)h;
    return nfl_tcp_keep(nflg_tcp(c), nflg_pieces(c), &d->rules,
                        &c->worker->view, nflg_kept(c), c->keeps - 1u,
                        (uint32_t)at);
}

NFLG_FN void nfs_stream_release(const struct nfl_ctx *c,
                                const struct nflg_head *h)
{
    const struct nfl_tcp_desc *d = c->chain->desc->flows->tcp;

    (void)h;
    if (c->keeps)
        nfl_tcp_release(nflg_tcp(c), nflg_pieces(c), &d->rules,
                        &c->worker->view, nflg_kept(c), c->keeps - 1u);
}

#endif
