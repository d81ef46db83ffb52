/* What sketches have in common: the normative hash of a key, and a block of
 * memory for each shard, in lines of the cache that no other worker touches. */
#ifndef NFS_SKETCH_H
#define NFS_SKETCH_H

#include <nfl/ctx.h>
#include <stdlib.h>
#include <string.h>

enum { NFS_LINE = 64 };

/* Seeded by the run's seed. Words are hashed as little-endian bytes. */
static inline uint64_t nfs_key_hash(uint64_t seed, const uint64_t *key,
                                    unsigned words)
{
    return nfl_hash(seed, key, words * sizeof(*key));
}

/* The i-th of several numbers that follow from a hash (splitmix64). */
static inline uint64_t nfs_mixed(uint64_t hash, uint64_t i)
{
    uint64_t x = hash + (i + 1) * 0x9e3779b97f4a7c15;

    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
    x = (x ^ x >> 27) * 0x94d049bb133111eb;
    return x ^ x >> 31;
}

/* A number below n, from a number of 64 bits. */
static inline uint64_t nfs_below(uint64_t x, uint64_t n)
{
    return (uint64_t)((nfl_u128)x * n >> 64);
}

static inline size_t nfs_lines(size_t bytes)
{
    return (bytes + NFS_LINE - 1) / NFS_LINE * NFS_LINE;
}

/* Zeros, for so many shards. NULL: no memory. */
static inline void *nfs_blocks(uint32_t shards, size_t bytes)
{
    void *p = aligned_alloc(NFS_LINE, shards * nfs_lines(bytes));

    if (p)
        memset(p, 0, shards * nfs_lines(bytes));
    return p;
}

#endif
