/* The keyed hash that divides flows among shards. */
#ifndef NFL_INTERP_HASH_H
#define NFL_INTERP_HASH_H

#include <stddef.h>
#include <stdint.h>

/* SipHash-1-3 (Aumasson, Bernstein 2012) of len bytes. */
uint64_t siphash13(uint64_t k0, uint64_t k1, const uint8_t *data, size_t len);

#endif
