/* Entries, and the hash table over them. */
#include "flow/memory.h"
#include "flow/table.h"
#include <nfl/flow_bytes.h>
#include <stdlib.h>
#include <string.h>

enum { LINE = NFL_ENTRY_ALIGN };

/* The line of an entry that packets do not need. */
enum { COLD = offsetof(struct nfl_session, ins_next) };

_Static_assert(COLD % LINE == 0 && COLD + LINE == sizeof(struct nfl_session),
               "the cold part is a line");

_Static_assert(sizeof(struct nfl_session) == NFL_SESSION_BYTES &&
                   sizeof(struct nfl_hop) == NFL_HOP_BYTES &&
                   sizeof(struct nfl_due) == NFL_DUE_BYTES,
               "nflc explain says so");

static const uint64_t ENTRIES_MAX = INT32_MAX; /* a reference has 31 bits */

/* ---- making ---- */

static bool no_memory(const struct nfl_chain_desc *d, char *err, size_t errlen)
{
    const struct nfl_flows_desc *f = d->flows;

    snprintf(err, errlen,
             "chain %s: no memory for %llu flows of %u bytes "
             "(%.0f bytes in all); give it a smaller flows(...)",
             d->name, (unsigned long long)f->size, f->entry_bytes,
             nfl_flow_bytes(f->size, f->entry_bytes));
    return false;
}

/* What the shards of worker `index` may have. */
static uint64_t share_of(const struct nfl_chain_desc *d, unsigned index,
                         unsigned of)
{
    uint32_t first = nfl_first_shard(d->shards, of, index), i;
    uint64_t n = 0;

    for (i = 0; i < nfl_share(d->shards, of, index); i++)
        n += nfl_share(d->flows->size, d->shards, first + i);
    return n;
}

static void divide(struct nfl_table *t, uint64_t size, unsigned index,
                   unsigned of)
{
    uint64_t at = 0;
    uint32_t i;

    for (i = 0; i < t->n_shards; i++) {
        t->shards[i].due = t->due + at;
        if (nfl_owner_of(t->n_shards, of, i) == index)
            t->shards[i].most = nfl_share(size, t->n_shards, i);
        at += t->shards[i].most;
        t->shards[i].expires = t->shards[i].armed = UINT64_MAX;
        t->shards[i].place = i;
        t->heap[i] = &t->shards[i];
    }
    t->unused = 1;
}

static bool allocate(struct nfl_table *t, const struct nfl_chain_desc *d,
                     char *err, size_t errlen)
{
    uint64_t n = nfl_flow_buckets(t->size);

    t->mask = n - 1;
    if (t->size > ENTRIES_MAX)
        return no_memory(d, err, errlen);
    t->entries = nfl_memory_new(t->size + 1, t->stride);
    t->due = nfl_memory_new(t->size + 1, sizeof(*t->due));
    t->buckets = nfl_memory_new(n, sizeof(*t->buckets));
    t->shards = nfl_memory_new(t->n_shards, sizeof(*t->shards));
    t->heap = nfl_memory_new(t->n_shards, sizeof(*t->heap));
    if (!t->entries || !t->due || !t->buckets || !t->shards || !t->heap)
        return no_memory(d, err, errlen);
    return true;
}

struct nfl_table *nfl_table_new(const struct nfl_chain_desc *d, unsigned index,
                                unsigned of, uint64_t seed, char *err,
                                size_t errlen)
{
    const struct nfl_flows_desc *f = d->flows;
    struct nfl_table *t = nfl_memory_new(1, sizeof(*t));

    if (!t) {
        no_memory(d, err, errlen);
        return NULL;
    }
    t->two_way = d->two_way;
    t->n_shards = d->shards;
    t->size = share_of(d, index, of);
    t->stride = (f->entry_bytes + (size_t)LINE - 1) / LINE * LINE;
    t->timeout[NFL_OPENING] = f->opening;
    t->timeout[NFL_OPEN] = f->idle;
    t->timeout[NFL_CLOSING] = f->closing;
    if (!allocate(t, d, err, errlen)) {
        nfl_table_free(t);
        return NULL;
    }
    divide(t, f->size, index, of);
    nfl_bucket_key_init(&t->key, seed);
    return t;
}

void nfl_table_free(struct nfl_table *t)
{
    if (!t)
        return;
    nfl_memory_free(t->entries, t->size + 1, t->stride);
    nfl_memory_free(t->due, t->size + 1, sizeof(*t->due));
    nfl_memory_free(t->buckets, t->mask + 1, sizeof(*t->buckets));
    nfl_memory_free(t->shards, t->n_shards, sizeof(*t->shards));
    nfl_memory_free(t->heap, t->n_shards, sizeof(*t->heap));
    nfl_memory_free(t, 1, sizeof(*t));
}

/* ---- references ---- */

/* In a bucket, or of the next in it: above, 32 bits of the hash, so that what
 * is not looked for is seldom touched; below, the index of the entry times 2,
 * and 1 if it stands there by the tuple of its answers. 0: none.
 *
 * In each bucket those by T0 come first: they are linked at the front, the
 * others at the end, in the order in which they had their Tn. */
static inline uint64_t reference(uint64_t hash, uint32_t index, unsigned by)
{
    return (hash >> 32) << 32 | (uint64_t)index << 1 | by;
}

static inline bool may_be(uint64_t ref, uint64_t hash)
{
    return ref >> 32 == hash >> 32;
}

static inline struct nfl_session *entry_of(const struct nfl_table *t,
                                           uint64_t ref)
{
    return (struct nfl_session *)(t->entries +
                                  (size_t)((uint32_t)ref >> 1) * t->stride);
}

/* ---- finding ---- */

static inline bool asks(const struct nfl_table *t, const struct nfl_session *s,
                        const struct nfl_tuple *k, unsigned side)
{
    return nfl_tuple_eq(&s->t0, k) && (!t->two_way || s->side == side);
}

static inline bool answers(const struct nfl_table *t,
                           const struct nfl_session *s,
                           const struct nfl_tuple *k, unsigned side)
{
    const struct nfl_tuple *tn = &s->tn;

    return tn->src == k->dst && tn->dst == k->src && tn->sport == k->dport &&
           tn->dport == k->sport && tn->proto == k->proto && tn->v6 == k->v6 &&
           (!t->two_way || s->side != side);
}

struct nfl_session *nfl_table_find(const struct nfl_table *t,
                                   const struct nfl_tuple *k, unsigned side,
                                   uint64_t hash, bool *back)
{
    uint64_t ref = t->buckets[hash & t->mask];
    struct nfl_session *s;

    for (; ref; ref = s->hash_next[ref & 1]) {
        s = entry_of(t, ref);
        if (!may_be(ref, hash))
            continue;
        *back = ref & 1;
        if (*back ? answers(t, s, k, side) : asks(t, s, k, side))
            return s;
    }
    *back = false;
    return NULL;
}

uint64_t nfl_table_hash(const struct nfl_table *t, const struct nfl_tuple *k,
                        unsigned side)
{
    return nfl_bucket_hash(&t->key, k, t->two_way ? side : 0);
}

uint64_t nfl_session_hash(const struct nfl_chain *c, const struct nfl_tuple *t,
                          unsigned side)
{
    uint64_t hash = nfl_table_hash(c->table, t, side);

    __builtin_prefetch(&c->table->buckets[hash & c->table->mask]);
    return hash;
}

void nfl_session_fetch(const struct nfl_chain *c, uint64_t hash)
{
    const struct nfl_table *t = c->table;
    uint64_t ref = t->buckets[hash & t->mask];
    const uint8_t *p;
    size_t i;

    if (!may_be(ref, hash))
        return;
    p = (const uint8_t *)entry_of(t, ref);
    for (i = 0; i < t->stride; i += LINE)
        if (i != COLD)
            __builtin_prefetch(p + i, 1);
}

/* ---- linking ---- */

static uint64_t hash_by(const struct nfl_table *t, const struct nfl_session *s,
                        unsigned by)
{
    struct nfl_tuple back = nfl_tuple_reverse(&s->tn);

    return by ? nfl_table_hash(t, &back, !s->side)
              : nfl_table_hash(t, &s->t0, s->side);
}

static void hash_link(struct nfl_table *t, struct nfl_session *s, unsigned by)
{
    uint64_t hash = hash_by(t, s, by);
    uint64_t *at = &t->buckets[hash & t->mask];

    while (by && *at)
        at = &entry_of(t, *at)->hash_next[*at & 1];
    s->hash_next[by] = *at;
    *at = reference(hash, s->index, by);
}

static void hash_unlink(struct nfl_table *t, struct nfl_session *s, unsigned by)
{
    uint64_t hash = hash_by(t, s, by), ref = reference(hash, s->index, by);
    uint64_t *at = &t->buckets[hash & t->mask];

    while (*at != ref)
        at = &entry_of(t, *at)->hash_next[*at & 1];
    *at = s->hash_next[by];
}

void nfl_table_move_tn(struct nfl_table *t, struct nfl_session *s,
                       const struct nfl_tuple *tn)
{
    hash_unlink(t, s, 1);
    s->tn = *tn;
    hash_link(t, s, 1);
}

/* An entry of a table that is not full is free, or was never taken. */
struct nfl_session *nfl_table_take(struct nfl_table *t, unsigned shard)
{
    struct nfl_session *s = t->free;
    uint32_t index;

    if (t->shards[shard].n == t->shards[shard].most)
        return NULL;
    if (!s) {
        s = entry_of(t, t->unused << 1);
        s->index = (uint32_t)t->unused++;
        return s;
    }
    t->free = s->ins_next;
    index = s->index;
    memset(s, 0, t->stride);
    s->index = index;
    return s;
}

void nfl_table_add(struct nfl_table *t, struct nfl_session *s)
{
    struct nfl_shard *sh = &t->shards[s->shard];

    hash_link(t, s, 0);
    hash_link(t, s, 1);
    s->inserted = ++t->inserted;
    s->ins_prev = sh->last;
    s->ins_next = NULL;
    *(sh->last ? &sh->last->ins_next : &sh->first) = s;
    sh->last = s;
}

void nfl_table_drop(struct nfl_table *t, struct nfl_session *s)
{
    struct nfl_shard *sh = &t->shards[s->shard];

    hash_unlink(t, s, 0);
    hash_unlink(t, s, 1);
    *(s->ins_prev ? &s->ins_prev->ins_next : &sh->first) = s->ins_next;
    *(s->ins_next ? &s->ins_next->ins_prev : &sh->last) = s->ins_prev;
    s->ins_next = t->free;
    t->free = s;
}
