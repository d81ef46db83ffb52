/* The common path of the TCP monitor, to be inlined: a segment of an open
 * connection that comes in order, while nothing waits and nothing is kept. All
 * others take nfl_tcp_segment, which says the same of these, too. It touches
 * the two lines of the connection and the segment's bytes once. */
#ifndef NFL_TCP_FAST_H
#define NFL_TCP_FAST_H

#include <nfl/tcp.h>

enum {                      /* nfl_tcp_side.way */
       NFL_TCP_WATCH = 3,   /* the latest `watch` */
       NFL_TCP_OPEN = 4,    /* the common path is, for what this side sends */
       NFL_TCP_STAMPS = 8,  /* timestamps are looked at */
       NFL_TCP_SYN = 16,    /* its SYN was seen, */
       NFL_TCP_SIGNED = 32, /* and had a signature (RFC 2385, 5925) */
       NFL_TCP_SACKS = 64,  /* or SACK-permitted (RFC 2018) */
       NFL_TCP_FIN = 128    /* its FIN counts */
};

typedef uint32_t nfl_tcp_lanes __attribute__((vector_size(32)));

static inline uint64_t nfl_tcp_load(const uint8_t *p)
{
    uint64_t w;

    memcpy(&w, p, sizeof(w));
    return w;
}

/* The 16-bit words of at least 8 bytes, as they lie in memory. The lanes do not
 * overflow: a segment has less than NFL_TCP_LARGEST bytes. */
static inline uint64_t nfl_tcp_words(const uint8_t *p, uint32_t n)
{
    nfl_tcp_lanes low = {0}, high = {0}, v;
    uint64_t sum = 0, w;
    unsigned i, rest;

    for (; n >= 32; n -= 32, p += 32) {
        memcpy(&v, p, sizeof(v));
        low += v & 0xffff;
        high += v >> 16;
    }
    for (i = 0; i < 8; i++)
        sum += (uint64_t)low[i] + high[i];
    for (; n >= 8; n -= 8, p += 8) {
        w = nfl_tcp_load(p);
        sum += (w >> 32) + (uint32_t)w;
    }
    for (i = 0, w = 0, rest = n; i < rest; i++)
        ((uint8_t *)&w)[i] = p[i];
    return sum + (w >> 32) + (uint32_t)w;
}

/* RFC 9293, 3.1: over the pseudo header, the header and the payload. */
static inline bool nfl_tcp_sum_good(const struct nfl_segment *seg)
{
    const uint8_t pseudo[8] = {0,
                               0,
                               0,
                               6,
                               (uint8_t)(seg->tcp_len >> 24),
                               (uint8_t)(seg->tcp_len >> 16),
                               (uint8_t)(seg->tcp_len >> 8),
                               (uint8_t)seg->tcp_len};
    uint64_t sum = nfl_tcp_words(seg->tcp, seg->tcp_len), w;
    unsigned i;

    for (i = 0; i < seg->addr_len; i += 8) {
        w = nfl_tcp_load(seg->addr + i);
        sum += (w >> 32) + (uint32_t)w;
    }
    w = nfl_tcp_load(pseudo);
    sum += (w >> 32) + (uint32_t)w;
    sum = (sum >> 32) + (uint32_t)sum;
    sum = (sum >> 16) + (sum & 0xffff);
    sum = (sum >> 16) + (sum & 0xffff);
    sum = (sum >> 16) + (sum & 0xffff);
    return sum == 0xffff;
}

static inline uint32_t nfl_tcp_get32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 |
           p[3];
}

/* Are the options none, or a timestamp alone, as hosts put it? Both in
 * *stamped. */
static inline bool nfl_tcp_plain(const struct nfl_segment *seg, bool *stamped)
{
    uint32_t header = seg->tcp_len - seg->payload;

    *stamped = header == 32;
    if (seg->cut || seg->payload > seg->tcp_len)
        return false;
    return header == 20 ||
           (header == 32 && nfl_tcp_get32(seg->tcp + 20) == 0x0101080a);
}

/* As nfl_tcp_segment, if the segment is a common one; else false, and nothing
 * was changed. */
static inline bool nfl_tcp_common(struct nfl_tcp *t,
                                  const struct nfl_tcp_rules *r,
                                  const struct nfl_segment *seg, unsigned from,
                                  unsigned watch, struct nfl_tcp_view *v,
                                  uint8_t *scratch)
{
    struct nfl_tcp_side *x = &t->side[from], *y = &t->side[!from];
    const uint8_t *tcp = seg->tcp;
    uint32_t seq, ack, window, stamp = 0, len = seg->payload;
    bool stamped;

    if ((x->way & (NFL_TCP_OPEN | NFL_TCP_WATCH)) != (NFL_TCP_OPEN | watch) ||
        (tcp[13] & 0x37) != 0x10 || !nfl_tcp_plain(seg, &stamped))
        return false;
    seq = nfl_tcp_get32(tcp + 4);
    ack = nfl_tcp_get32(tcp + 8);
    window = (uint32_t)(tcp[14] << 8 | tcp[15]) << x->scale;
    stamped &= (x->way & NFL_TCP_STAMPS) != 0;
    if (stamped)
        stamp = nfl_tcp_get32(tcp + 24);
    if (seq != x->front || (int32_t)(x->front - x->acked) < 0 ||
        (int32_t)(x->edge - seq) < (len != 0) ||
        ack - y->acked > y->next - y->acked || !window ||
        (!len && ack == y->acked) ||
        (stamped && (int32_t)(x->ts_recent - stamp) > 0))
        return false;
    if (!seg->sum_good && !r->trust_sums && !nfl_tcp_sum_good(seg))
        return false;
    if (stamped && seq == x->acked)
        x->ts_recent = stamp;
    if ((int32_t)(ack + window - y->edge) > 0)
        y->edge = ack + window;
    if (window > x->widest)
        x->widest = window;
    y->acked = ack;
    x->window = window;
    v->signs = len ? NFL_TCP_SIGN(ready) : 0;
    v->from = from;
    v->watched = watch >> from & 1;
    v->fresh = tcp + seg->tcp_len - len;
    v->fresh_len = len;
    v->gap = 0;
    v->fresh_offset = x->offset;
    v->conflict_len = 0;
    v->asker = 0;
    v->scratch = scratch;
    x->front += len;
    x->offset += len;
    if ((int32_t)(x->front - x->next) > 0)
        x->next = x->front;
    return true;
}

/* The next segment that somebody asks about: see nfl_tcp_segment. */
static inline void nfl_tcp_packet(struct nfl_tcp *t, struct nfl_tcp_pool *pool,
                                  const struct nfl_tcp_rules *r,
                                  const struct nfl_segment *seg, unsigned from,
                                  unsigned watch, struct nfl_tcp_view *v,
                                  uint8_t *scratch)
{
    if (!nfl_tcp_common(t, r, seg, from, watch, v, scratch))
        nfl_tcp_segment(t, pool, r, seg, from, watch, v, scratch);
}

#endif
