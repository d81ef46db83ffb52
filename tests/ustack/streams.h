/* The streams of a capture, by what a monitor delivers. */
#ifndef NFL_TESTS_STREAMS_H
#define NFL_TESTS_STREAMS_H

#include "wire.h"

enum { SHA256 = 32 };

struct stream { /* of one direction */
    uint64_t len;
    uint8_t sum[SHA256];
};

/* Into stream[2 * flow + side]; that many as there are flows. */
void streams_of(const struct engine *e, const struct capture *c,
                struct stream *stream);

#endif
