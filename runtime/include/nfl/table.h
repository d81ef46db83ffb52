/* Tables of NFs: entries found by a key, in each shard its exact share of
 * them. A shard has memory of its own, so that two workers never meet in one.
 * Nothing is allocated after nfl_tab_new; each access costs at most a step for
 * each level of a heap of the shard's entries.
 *
 * Keys are words of 64 bits, which the compiler packs. Times are ticks of 1 ms.
 */
#ifndef NFL_TABLE_H
#define NFL_TABLE_H

#include <nfl/bucket.h>
#include <nfl/module.h>
#include <stdbool.h>

/* Before the key and the value of an entry. Indices count from 1, 0 is none. */
struct nfl_entry {
    uint64_t expires;       /* tick; UINT64_MAX: never */
    uint32_t next;          /* in its bucket, or among the free ones */
    uint32_t tag;           /* the upper half of the key's hash */
    uint32_t before, after; /* in order of insertion */
    uint32_t place;         /* in the heap */
};

struct nfl_tab_due {
    uint64_t expires, inserted;
    uint32_t index;
};

struct nfl_tab_shard {
    uint8_t *entries;  /* of stride bytes, from index 1 */
    uint32_t *buckets; /* mask + 1 of them */
    uint64_t mask;
    uint32_t n, most;          /* how many it has, also due ones; may have */
    uint32_t unused, free;     /* the first never taken; the first given back */
    uint32_t first, last;      /* in order of insertion */
    struct nfl_tab_due *due;   /* a heap by (expires, inserted) */
    uint64_t inserted;         /* so far */
    uint64_t evicted, refused; /* so far */
} __attribute__((aligned(64)));

struct nfl_tab {
    const struct nfl_tab_desc *desc;
    struct nfl_bucket_key key;
    size_t stride;
    uint32_t n_shards;
    struct nfl_tab_shard *shards;
    /* What the shards share out: spans of bytes, numbers of buckets. */
    uint8_t *entries, *due;
    uint32_t *buckets;
    size_t entries_span, due_span, n_buckets;
};

/* Of a chain's table; NULL and err (one sentence) on failure. */
struct nfl_tab *nfl_tab_new(const struct nfl_chain_desc *c,
                            const struct nfl_tab_desc *d, uint64_t seed,
                            char *err, size_t errlen);
void nfl_tab_free(struct nfl_tab *t);

static inline struct nfl_entry *nfl_tab_entry(const struct nfl_tab *t,
                                              const struct nfl_tab_shard *s,
                                              uint32_t index)
{
    return (struct nfl_entry *)(s->entries + index * t->stride);
}

static inline const uint64_t *nfl_tab_key(const struct nfl_entry *e)
{
    return (const uint64_t *)(e + 1);
}

/* The slow half of the accesses in gen_table.h. `hash` is the key's. */

/* A new entry for a key that has none (or one that is due): its value is zero.
 * NULL: the shard is full and its policy refuses. */
struct nfl_entry *nfl_tab_insert(struct nfl_tab *t, struct nfl_tab_shard *s,
                                 const uint64_t *key, uint64_t hash,
                                 uint64_t now);
/* It expires then, which is not before it did. */
void nfl_tab_arm(struct nfl_tab *t, struct nfl_tab_shard *s,
                 struct nfl_entry *e, uint64_t expires);
void nfl_tab_remove(struct nfl_tab *t, struct nfl_tab_shard *s,
                    struct nfl_entry *e);

/* How many entries are there at `now`. */
uint64_t nfl_tab_entries(const struct nfl_tab *t, uint64_t now);
/* The text of a key, as in the language. Returns buf. */
char *nfl_key_text(const struct nfl_part_desc *parts, unsigned n,
                   const uint64_t *key, char *buf, size_t len);
/* The text of one: "KEY", or "KEY -> VALUE". Returns buf. */
char *nfl_tab_text(const struct nfl_tab *t, const struct nfl_entry *e,
                   char *buf, size_t len);

#endif
