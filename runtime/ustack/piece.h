/* A shard's pieces of 256 bytes, for what the TCP monitor stores: segments that
 * come early, ranges of them, and what NFs keep. A number of a piece is never
 * 0. */
#ifndef NFL_USTACK_PIECE_H
#define NFL_USTACK_PIECE_H

#include <nfl/tcp.h>

/* What belongs to a piece, one line of the cache apart from its bytes. The
 * fields from `then` to `part` are of a stored segment, in its first piece. */
struct us_piece {
    uint32_t next;     /* of the same segment or ring; 0: the last */
    uint32_t then;     /* the next stored segment of the side, by `s` */
    uint32_t s, e;     /* sequence numbers: [s, e) */
    uint32_t from, to; /* its place, by which overlaps are judged */
    uint32_t left;     /* bytes that are still its own */
    uint32_t part;     /* not all are: `own` counts */
    uint64_t own[4];   /* a bit for each byte of the piece */
};

struct nfl_tcp_pool {
    uint32_t pieces, left;
    uint32_t freed;   /* list of those that were given back */
    uint32_t touched; /* so many were ever taken */
    struct us_piece *piece;
    uint8_t *bytes;
};

static inline uint8_t *us_bytes(const struct nfl_tcp_pool *pool, uint32_t i)
{
    return pool->bytes + (size_t)(i - 1) * NFL_TCP_PIECE;
}

static inline struct us_piece *us_piece(const struct nfl_tcp_pool *pool,
                                        uint32_t i)
{
    return &pool->piece[i - 1];
}

/* A chain of n > 0 pieces, which are left; its last one is in *last. */
uint32_t us_take(struct nfl_tcp_pool *pool, uint32_t n, uint32_t *last);
/* Gives n pieces of a chain back; returns what follows them. */
uint32_t us_give(struct nfl_tcp_pool *pool, uint32_t first, uint32_t n);
/* Gives the chain back. */
void us_give_all(struct nfl_tcp_pool *pool, uint32_t first);

#endif
