/* The hash that chooses buckets. Whoever sends packets chooses what is hashed:
 * without the key nobody shall find many that meet in one bucket. So it is
 * keyed, each start draws the key, and it is not linear, since what collides
 * under one key of a linear hash (CRC, Toeplitz) does so under all.
 *
 * Not normative: no result depends on it. */
#ifndef NFL_BUCKET_H
#define NFL_BUCKET_H

#include <stdbool.h>
#include <stdint.h>

enum { NFL_BUCKET_ROUNDS = 4 }; /* of AES, for each block of 16 bytes */

struct nfl_bucket_key {
    uint64_t k[2 * (1 + NFL_BUCKET_ROUNDS)];
    bool aes; /* the CPU has its rounds; else SipHash-1-3 does the work */
} __attribute__((aligned(16)));

void nfl_bucket_key_init(struct nfl_bucket_key *key, uint64_t seed);
/* Of n words, n being the same in all calls. All 64 bits are good. */
uint64_t nfl_bucket_words(const struct nfl_bucket_key *key, const uint64_t *w,
                          unsigned n);

#endif
