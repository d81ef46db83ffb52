/* A run of bytes of a stream in a ring of pieces that begin at multiples of 256
 * of the stream's offset. Its owner has its last piece (0: there is none), and
 * says where it begins and ends. */
#ifndef NFL_USTACK_RING_H
#define NFL_USTACK_RING_H

#include "ustack/piece.h"

/* How many pieces [from, to) takes. */
uint32_t us_ring_pieces(uint64_t from, uint64_t to);
uint32_t us_ring_first(const struct nfl_tcp_pool *pool, uint32_t last);
/* Puts n pieces, which are left, behind the last one, or before the first.
 * Returns the first of the new ones. */
uint32_t us_ring_add(struct nfl_tcp_pool *pool, uint32_t *last, uint32_t n,
                     bool before);
/* Gives back the first n pieces; all. */
void us_ring_trim(struct nfl_tcp_pool *pool, uint32_t *last, uint32_t n);
void us_ring_end(struct nfl_tcp_pool *pool, uint32_t *last);
/* Copies to the piece of the offset, and those that follow it. */
void us_ring_put(struct nfl_tcp_pool *pool, uint32_t piece, uint64_t offset,
                 const uint8_t *bytes, uint32_t n);
/* Copies n bytes from `from` on, of a run that begins at `least`. */
void us_ring_get(const struct nfl_tcp_pool *pool, uint32_t last, uint64_t least,
                 uint64_t from, uint32_t n, uint8_t *to);
/* n bytes follow a run of `len` bytes that ends at `end`; there is room. */
void us_ring_grow(struct nfl_tcp_pool *pool, uint32_t *last, uint32_t len,
                  uint64_t end, const uint8_t *bytes, uint32_t n);

#endif
