/* Inline chains: segments that wait for bytes in front of them, and changes of
 * bytes of streams. LANGUAGE.md, "Inline chains". Only gen.h includes this. */
#ifndef NFL_GEN_INLINE_H
#define NFL_GEN_INLINE_H

#include <nfl/early.h>

/* Beside the signs of a packet: its payload has bytes that came before, of
 * which NFs changed some. */
#define NFLG_AGAIN ((uint64_t)1 << 63)
/* .. and its payload is in no stream, so it does not leave. */
#define NFLG_UNFIT ((uint64_t)1 << 62)

enum { NFLG_FIN = 0x01, NFLG_SYN = 0x02, NFLG_RST = 0x04 };

NFLG_FN struct nfl_inline *nflg_inline(const struct nfl_ctx *c)
{
    return nfl_session_inline(c->chain->desc, c->session);
}

/* ---- who waits ---- */

/* Its bytes are not due yet. */
NFLG_FN bool nflg_is_early(const struct nfl_ctx *c, const struct nflg_head *h,
                           const struct nfl_tcp *t, unsigned watch)
{
    struct nfl_segment s = nflg_segment(c, h);
    uint32_t seq = nfl_tcp_get32(s.tcp + 4);

    if (__builtin_expect(seq == t->side[c->back].front, 1) || s.cut ||
        s.tcp[13] & (NFLG_SYN | NFLG_RST) ||
        !(s.payload || s.tcp[13] & NFLG_FIN))
        return false;
    return nfl_tcp_is_early(t, nflg_pieces(c), c->back, watch, seq, s.payload);
}

/* It is held, or dropped. */
NFLG_COLD void nflg_hold_early(const struct nfl_ctx *c,
                               const struct nflg_head *h, nflg_parse_fn *parse)
{
    struct nfl_segment s = nflg_segment(c, h);
    struct nfl_early_segment early = {.seq = nfl_tcp_get32(s.tcp + 4),
                                      .payload = s.payload,
                                      .tcp = (uint32_t)(s.tcp - h->data),
                                      .header = s.tcp_len - s.payload,
                                      .fin = s.tcp[13] & NFLG_FIN};
    struct nflg_head own; /* h may lack what a shape does not ask for */

    parse(&own, h->pkt);
    nfl_early_hold(c, h->pkt, &own.tuple, &early);
}

/* Packets of the flow at hand wait. */
NFLG_FN bool nflg_holds(const struct nfl_ctx *c)
{
    const struct nfl_inline *l;

    if (!c->session || c->session->proto != NFL_TCP)
        return false;
    l = nflg_inline(c);
    return l->held[0] | l->held[1];
}

/* ---- who does not leave ---- */

/* Whose payload enters no stream. */
#define NFLG_NO_BYTES                                                          \
    (NFL_TCP_SIGN(not_kept) |                                                  \
     NFLG_SIGNS(NFL_TCP_SIGN_bad_checksum, NFL_TCP_SIGN_bad_sequence) |        \
     NFL_TCP_SIGN(bad_timestamp) | NFL_TCP_SIGN(after_close) |                 \
     NFL_TCP_SIGN(before_syn) | NFL_TCP_SIGN(bad_signature))

NFLG_FN uint64_t nflg_unfit(const struct nfl_tcp_view *v,
                            const struct nfl_segment *s)
{
    return v->watched && s->payload && v->signs & NFLG_NO_BYTES ? NFLG_UNFIT
                                                                : 0;
}

/* False: the packet, which would leave, is dropped. */
NFLG_FN bool nflg_may_leave(const struct nfl_ctx *c, const struct nflg_head *h)
{
    if (__builtin_expect(c->signs & NFLG_UNFIT, 0))
        return nflg_drop(c, h, NFL_DROP_unfit);
    return true;
}

NFLG_FN void nflg_leave_fit(struct nfl_ctx *c, struct nflg_head *h,
                            const struct nflg_sums *sums)
{
    if (nflg_may_leave(c, h))
        nflg_leave(c, h, sums);
}

/* ---- changes ---- */

NFLG_FN bool nflg_has_changes(const struct nfl_inline *l)
{
    return l->n_changes[0] | l->n_changes[1];
}

/* The monitor saw the segment; front of its sender was `was` before. */
NFLG_FN void nflg_old_bytes(struct nfl_ctx *c, const struct nfl_tcp *t,
                            const struct nfl_segment *s, uint64_t was)
{
    struct nfl_tcp_view *v = &c->worker->view;
    struct nfl_inline *l = nflg_inline(c);
    int64_t old;

    v->changed_for = 0;
    v->payload_at = nfl_tcp_place(t, c->back, nfl_tcp_get32(s->tcp + 4));
    v->payload_len = s->payload;
    if (__builtin_expect(!nflg_has_changes(l), 1))
        return;
    if (v->signs & NFL_TCP_SIGN(syn))
        nfl_tcp_changes_end(l, nflg_pieces(c));
    nfl_tcp_changes_settle(l, t, nflg_pieces(c));
    old = (int64_t)was - v->payload_at;
    v->old_len = old <= 0                    ? 0
                 : old < (int64_t)s->payload ? (uint32_t)old
                                             : s->payload;
    if (l->n_changes[c->back] && v->old_len && !(s->tcp[13] & NFLG_SYN))
        c->signs |= NFLG_AGAIN;
}

/* Where the payload of the segment at hand is now; NULL: it is not as long as
 * it was. */
NFLG_FN uint8_t *nflg_segment_bytes(const struct nfl_ctx *c,
                                    const struct nflg_head *h)
{
    const struct nflg_header *tcp = &h->parsed[h->role[NFLG_SPORT].header];

    return h->end - tcp->to == c->worker->view.payload_len ? h->data + tcp->to
                                                           : NULL;
}

/* The packet leaves an NF that changes bytes: those that came before become
 * what it made of them. Always true. */
NFLG_FN bool nflg_change_again(const struct nfl_ctx *c, struct nflg_head *h)
{
    const struct nfl_tcp_view *v = &c->worker->view;

    if (__builtin_expect(!(c->signs & NFLG_AGAIN), 1) ||
        !nflg_segment_bytes(c, h))
        return true;
    nflg_edit_payload(c, h);
    nfl_tcp_changed(nflg_inline(c), nflg_pieces(c), c->back,
                    (uint64_t)1 << c->nf, v->payload_at,
                    nflg_segment_bytes(c, h), v->old_len);
    return true;
}

NFLG_FN bool nflg_change(const struct nfl_ctx *c, struct nflg_head *h,
                         uint64_t at, const uint8_t *bytes, uint64_t n)
{
    const struct nfl_tcp_view *v = &c->worker->view;
    struct nfl_tcp_bytes b = nflg_seen_bytes(c);
    int64_t in = (int64_t)(b.offset + at) - v->payload_at;

    if (!n || n > NFL_TCP_CHANGE_MAX || at < b.fresh || at > b.len ||
        n > b.len - at || in < 0 || in + (int64_t)n > v->payload_len ||
        !nflg_segment_bytes(c, h) ||
        !nfl_tcp_change(nflg_inline(c), nflg_pieces(c), c->back, c->nf,
                        b.offset + at, bytes, (uint32_t)n))
        return false;
    nflg_edit_payload(c, h);
    memcpy(nflg_segment_bytes(c, h) + in, bytes, n);
    /* Where it looks for them, too: <nfl/tcp_inline.h>. */
    memcpy((uint8_t *)(uintptr_t)b.p + at, bytes, n);
    return true;
}

NFLG_FN bool nfs_stream_write(const struct nfl_ctx *c, struct nflg_head *h,
                              const struct nflg_head *self, uint64_t at,
                              const char *text)
{
    (void)self;
    return nflg_change(c, h, at, (const uint8_t *)text, strlen(text));
}

NFLG_FN bool nfs_stream_fill(const struct nfl_ctx *c, struct nflg_head *h,
                             const struct nflg_head *self, uint64_t at,
                             uint64_t n, uint64_t value)
{
    uint8_t bytes[NFL_TCP_CHANGE_MAX];

    (void)self;
    if (n > sizeof(bytes))
        return false;
    memset(bytes, (int)value, n);
    return nflg_change(c, h, at, bytes, n);
}

#endif
