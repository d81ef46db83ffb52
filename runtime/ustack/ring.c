#include "ustack/ring.h"

uint32_t us_ring_pieces(uint64_t from, uint64_t to)
{
    if (from == to)
        return 0;
    return (uint32_t)((to + NFL_TCP_PIECE - 1) / NFL_TCP_PIECE -
                      from / NFL_TCP_PIECE);
}

uint32_t us_ring_first(const struct nfl_tcp_pool *pool, uint32_t last)
{
    return last ? us_piece(pool, last)->next : 0;
}

uint32_t us_ring_add(struct nfl_tcp_pool *pool, uint32_t *last, uint32_t n,
                     bool before)
{
    uint32_t end, first;

    if (!n)
        return 0;
    first = us_take(pool, n, &end);
    if (!*last) {
        us_piece(pool, end)->next = first;
        *last = end;
        return first;
    }
    us_piece(pool, end)->next = us_piece(pool, *last)->next;
    us_piece(pool, *last)->next = first;
    if (!before)
        *last = end;
    return first;
}

void us_ring_trim(struct nfl_tcp_pool *pool, uint32_t *last, uint32_t n)
{
    uint32_t next;

    if (!n)
        return;
    next = us_give(pool, us_piece(pool, *last)->next, n - 1);
    if (next == *last) {
        us_give(pool, *last, 1);
        *last = 0;
        return;
    }
    us_piece(pool, *last)->next = us_give(pool, next, 1);
}

void us_ring_end(struct nfl_tcp_pool *pool, uint32_t *last)
{
    uint32_t first = us_ring_first(pool, *last);

    if (!first)
        return;
    us_piece(pool, *last)->next = 0;
    us_give_all(pool, first);
    *last = 0;
}

void us_ring_put(struct nfl_tcp_pool *pool, uint32_t piece, uint64_t offset,
                 const uint8_t *bytes, uint32_t n)
{
    uint32_t in = offset % NFL_TCP_PIECE, len;

    for (; n > 0; n -= len, bytes += len, in = 0) {
        len = n < NFL_TCP_PIECE - in ? n : NFL_TCP_PIECE - in;
        memcpy(us_bytes(pool, piece) + in, bytes, len);
        piece = us_piece(pool, piece)->next;
    }
}

void us_ring_get(const struct nfl_tcp_pool *pool, uint32_t last, uint64_t least,
                 uint64_t from, uint32_t n, uint8_t *to)
{
    uint64_t skip = from / NFL_TCP_PIECE - least / NFL_TCP_PIECE;
    uint32_t piece = us_ring_first(pool, last), in = from % NFL_TCP_PIECE, len;

    for (; n > 0 && skip > 0; skip--)
        piece = us_piece(pool, piece)->next;
    for (; n > 0; n -= len, to += len, in = 0) {
        len = n < NFL_TCP_PIECE - in ? n : NFL_TCP_PIECE - in;
        memcpy(to, us_bytes(pool, piece) + in, len);
        piece = us_piece(pool, piece)->next;
    }
}

void us_ring_grow(struct nfl_tcp_pool *pool, uint32_t *last, uint32_t len,
                  uint64_t end, const uint8_t *bytes, uint32_t n)
{
    uint32_t old = *last, first;

    first = us_ring_add(pool, last,
                        us_ring_pieces(end - len, end + n) -
                            us_ring_pieces(end - len, end),
                        false);
    us_ring_put(pool, len && end % NFL_TCP_PIECE ? old : first, end, bytes, n);
}
