/* The hash that chooses a tuple's bucket. */
#ifndef NFL_FLOW_BUCKET_H
#define NFL_FLOW_BUCKET_H

#include <nfl/bucket.h>
#include <nfl/num.h>

/* Of the words of struct nfl_probe. All 64 bits are good. */
uint64_t nfl_bucket_hash(const struct nfl_bucket_key *key, const uint64_t *w,
                         bool v6);

#endif
