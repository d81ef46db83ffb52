/* Connections as nobody behaves, at several monitors at once: what they say of
 * each segment must be the same. */
#ifndef NFL_TESTS_CHAOS_H
#define NFL_TESTS_CHAOS_H

#include "engine.h"
#include <stddef.h>
#include <stdio.h>

/* What happens is drawn from here: from bytes, to their end, or, where there
 * are none, from numbers that follow from `seed`, for `most` segments. */
struct source {
    const uint8_t *p;
    size_t n;
    uint64_t seed;
    unsigned most;
    uint64_t segments;  /* so many there were */
    uint64_t signs[64]; /* how often each was said */
};

/* Connections of one shard, at all monitors. False: they do not agree, and
 * `out` was told how. */
bool chaos(struct source *s, const struct engine *const *all, FILE *out);

#endif
