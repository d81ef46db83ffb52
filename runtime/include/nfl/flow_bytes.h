/* What a flow takes of memory: known to the runtime, which asks for it, and to
 * `nflc explain`, which says so before. */
#ifndef NFL_FLOW_BYTES_H
#define NFL_FLOW_BYTES_H

#include <stdint.h>

enum {
    NFL_SESSION_BYTES = 256, /* struct nfl_session */
    NFL_HOP_BYTES = 64,      /* struct nfl_hop */
    NFL_DUE_BYTES = 24,      /* struct nfl_due */
    NFL_ENTRY_ALIGN = 64     /* entries begin at a line of the cache */
};

/* Two references for each session, and as many buckets: a power of two. */
static inline uint64_t nfl_flow_buckets(uint64_t flows)
{
    uint64_t n = 16;

    while (n / 2 < flows && n < UINT64_MAX / 4)
        n *= 2;
    return n;
}

/* Of a table of so many flows, whose entries take so much: for one worker. Also
 * where they are more than any memory has. */
static inline double nfl_flow_bytes(uint64_t flows, uint64_t entry)
{
    uint64_t stride =
        (entry + NFL_ENTRY_ALIGN - 1) / NFL_ENTRY_ALIGN * NFL_ENTRY_ALIGN;

    return ((double)flows + 1) * (double)(stride + NFL_DUE_BYTES) +
           (double)nfl_flow_buckets(flows) * sizeof(uint64_t);
}

#endif
