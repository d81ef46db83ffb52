/* What streams said that is not acknowledged yet: <nfl/tcp_unacked.h>. */
#include <nfl/tcp_inline.h>
#include <nfl/tcp_unacked.h>

#include "ustack/ring.h"
#include "ustack/stream.h"

enum { SYN = 0x02 };

static void forget(struct nfl_unacked *u, struct nfl_tcp_pool *pool,
                   unsigned side)
{
    us_ring_end(pool, &u->last[side]);
    u->len[side] = 0;
}

void nfl_tcp_unacked_end(struct nfl_unacked *u, struct nfl_tcp_pool *pool)
{
    forget(u, pool, 0);
    forget(u, pool, 1);
}

/* Of a run that does not lead to front, or of another connection. */
static void settle(struct nfl_unacked *u, const struct nfl_tcp *t,
                   struct nfl_tcp_pool *pool, unsigned was,
                   const struct nfl_tcp_view *v)
{
    unsigned side, now = t->side[v->from].way & NFL_TCP_WATCH;

    for (side = 0; side < 2; side++)
        if (!(was & now & 1u << side) ||
            v->signs & (NFL_TCP_SIGN(syn) | NFL_TCP_SIGN(reset)) ||
            (side == v->from && v->gap))
            forget(u, pool, side);
}

/* Only of a segment of which the receiver takes something. */
static bool counts(const struct nfl_segment *seg, const struct nfl_tcp_view *v)
{
    const uint64_t bad =
        (NFL_TCP_SIGN(bad_signature) << 1) - NFL_TCP_SIGN(bad_checksum);

    return v->watched && !(seg->tcp[13] & SYN) &&
           v->signs & (NFL_TCP_SIGN(retransmission) | NFL_TCP_SIGN(overlap)) &&
           !(v->signs & bad & ~NFL_TCP_SIGN(urgent));
}

/* The first run of the n bytes that are others. */
static void compare(struct nfl_tcp_view *v, const uint8_t *first,
                    const uint8_t *now, uint32_t n, uint8_t *room)
{
    uint32_t from = 0, to;

    while (first[from] == now[from])
        from++;
    for (to = from; to < n && first[to] != now[to];)
        to++;
    if (!v->conflict_len) {
        memcpy(room, now + from, to - from);
        v->was = first + from;
        v->now = room;
        v->conflict_len = to - from;
    }
    v->signs |= NFL_TCP_SIGN(conflict);
}

static struct nfl_tcp_first against(const struct nfl_unacked *u,
                                    const struct nfl_tcp *t,
                                    const struct nfl_tcp_pool *pool,
                                    const struct nfl_segment *seg,
                                    uint64_t front, struct nfl_tcp_view *v,
                                    uint8_t *room)
{
    const uint8_t *payload = seg->tcp + seg->tcp_len - seg->payload;
    int64_t at = nfl_tcp_place(t, v->from, nfl_tcp_get32(seg->tcp + 4)),
            least = (int64_t)(front - u->len[v->from]), s, e;
    struct nfl_tcp_first f = {room, 0, 0};

    s = at > least ? at : least;
    e = at + seg->payload < (int64_t)front ? at + seg->payload : (int64_t)front;
    if (s >= e)
        return f;
    us_ring_get(pool, u->last[v->from], (uint64_t)least, (uint64_t)s,
                (uint32_t)(e - s), room);
    if (memcmp(room, payload + (s - at), (size_t)(e - s)) == 0)
        return f;
    f.at = (uint32_t)(s - at);
    f.len = (uint32_t)(e - s);
    compare(v, room, payload + f.at, f.len, room + NFL_TCP_LARGEST);
    return f;
}

static void acknowledged(struct nfl_unacked *u, const struct nfl_tcp *t,
                         struct nfl_tcp_pool *pool, unsigned side, uint64_t end)
{
    int64_t acked = nfl_tcp_place(t, side, t->side[side].acked),
            least = (int64_t)(end - u->len[side]);

    if (acked > (int64_t)end)
        acked = (int64_t)end;
    if (acked <= least)
        return;
    us_ring_trim(pool, &u->last[side],
                 us_ring_pieces((uint64_t)least, end) -
                     us_ring_pieces((uint64_t)acked, end));
    u->len[side] = (uint32_t)((int64_t)end - acked);
}

static void remember(struct nfl_unacked *u, struct nfl_tcp_pool *pool,
                     uint32_t most, const struct nfl_tcp_view *v)
{
    uint32_t *len = &u->len[v->from], *last = &u->last[v->from];
    uint64_t from = v->fresh_offset, to = from + v->fresh_len;

    if (*len + v->fresh_len > most ||
        us_ring_pieces(from - *len, to) - us_ring_pieces(from - *len, from) >
            pool->left)
        forget(u, pool, v->from);
    if (v->fresh_len > most ||
        us_ring_pieces(from - *len, to) - us_ring_pieces(from - *len, from) >
            pool->left)
        return;
    us_ring_grow(pool, last, *len, from, v->fresh, v->fresh_len);
    *len += v->fresh_len;
}

struct nfl_tcp_first nfl_tcp_unacked(
    struct nfl_unacked *u, const struct nfl_tcp *t, struct nfl_tcp_pool *pool,
    const struct nfl_tcp_rules *r, const struct nfl_segment *seg,
    struct nfl_tcp_before before, struct nfl_tcp_view *v, uint8_t *room)
{
    struct nfl_tcp_first first = {NULL, 0, 0};

    settle(u, t, pool, before.watch, v);
    if (counts(seg, v))
        first = against(u, t, pool, seg, before.offset, v, room);
    acknowledged(u, t, pool, v->from, before.offset);
    acknowledged(u, t, pool, !v->from, t->side[!v->from].offset);
    if (v->watched && v->fresh_len)
        remember(u, pool, r->unacked, v);
    return first;
}
