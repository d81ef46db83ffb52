/* A shard's pieces: an array with a list of those that are free. */
#include "ustack/piece.h"

#include "flow/memory.h"

#include <stdlib.h>

_Static_assert(sizeof(struct us_piece) + NFL_TCP_PIECE == NFL_TCP_PIECE_ALL,
               "nflc explain says so");

struct nfl_tcp_pool *nfl_tcp_pool_new(uint32_t pieces)
{
    struct nfl_tcp_pool *pool = calloc(1, sizeof(*pool));

    if (!pool)
        return NULL;
    pool->pieces = pool->left = pieces;
    pool->piece = nfl_memory_new(pieces, sizeof(*pool->piece));
    pool->bytes = nfl_memory_new(pieces, NFL_TCP_PIECE);
    if (!pool->piece || !pool->bytes) {
        nfl_tcp_pool_free(pool);
        return NULL;
    }
    return pool;
}

void nfl_tcp_pool_free(struct nfl_tcp_pool *pool)
{
    if (!pool)
        return;
    nfl_memory_free(pool->piece, pool->pieces, sizeof(*pool->piece));
    nfl_memory_free(pool->bytes, pool->pieces, NFL_TCP_PIECE);
    free(pool);
}

uint32_t nfl_tcp_pool_left(const struct nfl_tcp_pool *pool)
{
    return pool->left;
}

/* Those that were given back are warm; the others may not even be there. */
static uint32_t take_one(struct nfl_tcp_pool *pool)
{
    uint32_t i = pool->freed;

    if (i)
        pool->freed = us_piece(pool, i)->next;
    else
        i = ++pool->touched;
    pool->left--;
    return i;
}

uint32_t us_take(struct nfl_tcp_pool *pool, uint32_t n, uint32_t *last)
{
    uint32_t first = take_one(pool), i = first;

    while (--n > 0)
        i = us_piece(pool, i)->next = take_one(pool);
    us_piece(pool, i)->next = 0;
    *last = i;
    return first;
}

uint32_t us_give(struct nfl_tcp_pool *pool, uint32_t first, uint32_t n)
{
    uint32_t next;

    for (; n > 0; n--, first = next) {
        next = us_piece(pool, first)->next;
        us_piece(pool, first)->next = pool->freed;
        pool->freed = first;
        pool->left++;
    }
    return first;
}

void us_give_all(struct nfl_tcp_pool *pool, uint32_t first)
{
    while (first)
        first = us_give(pool, first, 1);
}
