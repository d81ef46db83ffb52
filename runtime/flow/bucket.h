/* The hash that chooses a tuple's bucket. */
#ifndef NFL_FLOW_BUCKET_H
#define NFL_FLOW_BUCKET_H

#include <nfl/bucket.h>
#include <nfl/num.h>

/* side: 0 or 1, a part of what is hashed. All 64 bits are good. */
uint64_t nfl_bucket_hash(const struct nfl_bucket_key *key,
                         const struct nfl_tuple *t, unsigned side);

#endif
