/* The hash that chooses a tuple's bucket. Whoever sends packets chooses tuples:
 * without the key nobody shall find many that meet in one bucket. So it is
 * keyed, each start draws the key, and it is not linear, since tuples that
 * collide under one key of a linear hash (CRC, Toeplitz) do so under all.
 *
 * Not normative: no result depends on it. */
#ifndef NFL_FLOW_BUCKET_H
#define NFL_FLOW_BUCKET_H

#include <nfl/num.h>
#include <stdbool.h>
#include <stdint.h>

enum { NFL_BUCKET_ROUNDS = 4 }; /* of AES, for each block of 16 bytes */

struct nfl_bucket_key {
    uint64_t k[2 * (1 + NFL_BUCKET_ROUNDS)];
    bool aes; /* the CPU has its rounds; else SipHash-1-3 does the work */
} __attribute__((aligned(16)));

void nfl_bucket_key_init(struct nfl_bucket_key *key, uint64_t seed);
/* side: 0 or 1, a part of what is hashed. All 64 bits are good. */
uint64_t nfl_bucket_hash(const struct nfl_bucket_key *key,
                         const struct nfl_tuple *t, unsigned side);

#endif
