/* Entries, and the two hash tables over them. */
#include "flow/table.h"
#include <stdlib.h>
#include <string.h>

enum { LINE = 64 }; /* of the cache; entries begin at one */

/* ---- hash of the buckets ---- */

/* Keyed, so that nobody who cannot see the key fills one bucket; not
 * normative: no result depends on it. */
static inline uint64_t mix(uint64_t a, uint64_t b)
{
    nfl_u128 m = (nfl_u128)a * b;

    return (uint64_t)m ^ (uint64_t)(m >> 64);
}

uint64_t nfl_table_hash(const struct nfl_table *t, const struct nfl_tuple *k,
                        unsigned side)
{
    const uint64_t *key = t->key;
    uint64_t ends = (uint64_t)k->sport << 48 | (uint64_t)k->dport << 32 |
                    (uint64_t)k->proto << 16 | (uint64_t)k->v6 << 8 |
                    (t->two_way ? side : 0);
    uint64_t h;

    if (!k->v6)
        return mix(mix(((uint64_t)k->src << 32 | (uint32_t)k->dst) ^ key[0],
                       ends ^ key[1]) ^
                       key[2],
                   key[3]);
    h = mix((uint64_t)k->src ^ key[0], (uint64_t)(k->src >> 64) ^ key[1]);
    h = mix((uint64_t)k->dst ^ h ^ key[2], (uint64_t)(k->dst >> 64) ^ key[3]);
    return mix(mix(h ^ key[0], ends ^ key[1]) ^ key[2], key[3]);
}

/* ---- making ---- */

static bool no_memory(const struct nfl_chain_desc *d, char *err, size_t errlen)
{
    const struct nfl_flows_desc *f = d->flows;
    double bytes = (double)f->size * (f->entry_bytes + 64.0);

    snprintf(err, errlen,
             "chain %s: no memory for %llu flows of %u bytes "
             "(%.0f bytes in all); give it a smaller flows(...)",
             d->name, (unsigned long long)f->size, f->entry_bytes, bytes);
    return false;
}

static void divide(struct nfl_table *t, uint64_t size)
{
    uint64_t at = 0;
    uint32_t i;

    for (i = 0; i < t->n_shards; i++) {
        t->shards[i].unused = at;
        t->shards[i].due = t->due + at;
        at += nfl_share(size, t->n_shards, i);
        t->shards[i].end = at;
        t->shards[i].expires = t->shards[i].armed = UINT64_MAX;
        t->shards[i].place = i;
        t->heap[i] = &t->shards[i];
    }
}

/* calloc of something large costs nothing before it is touched. */
static bool allocate(struct nfl_table *t, const struct nfl_chain_desc *d,
                     char *err, size_t errlen)
{
    uint64_t n = 16, size = d->flows->size;

    while (n < size && n < UINT64_MAX / 4)
        n *= 2;
    t->mask = n - 1;
    if (size > SIZE_MAX / 2 / t->stride || n > SIZE_MAX / 32)
        return no_memory(d, err, errlen);
    t->block = calloc(size + 1, t->stride);
    t->due = calloc(size + 1, sizeof(*t->due));
    t->bucket[0] = calloc(n, sizeof(*t->bucket[0]));
    t->bucket[1] = calloc(n, sizeof(*t->bucket[1]));
    t->shards = calloc(t->n_shards, sizeof(*t->shards));
    t->heap = calloc(t->n_shards, sizeof(*t->heap));
    if (!t->block || !t->due || !t->bucket[0] || !t->bucket[1] || !t->shards ||
        !t->heap)
        return no_memory(d, err, errlen);
    t->entries = t->block;
    t->entries += -(uintptr_t)t->block % LINE;
    return true;
}

static void set_keys(struct nfl_table *t, uint64_t seed)
{
    unsigned i;

    for (i = 0; i < 4; i++)
        t->key[i] = nfl_hash(seed,
                             (const char *)"bucket0bucket1bucket2bucket3" +
                                 7 * (size_t)i,
                             7) |
                    1;
}

struct nfl_table *nfl_table_new(const struct nfl_chain_desc *d, uint64_t seed,
                                char *err, size_t errlen)
{
    const struct nfl_flows_desc *f = d->flows;
    struct nfl_table *t = calloc(1, sizeof(*t));

    if (!t) {
        no_memory(d, err, errlen);
        return NULL;
    }
    t->two_way = d->two_way;
    t->n_shards = d->shards;
    t->stride = (f->entry_bytes + (size_t)LINE - 1) / LINE * LINE;
    t->timeout[NFL_OPENING] = f->opening;
    t->timeout[NFL_OPEN] = f->idle;
    t->timeout[NFL_CLOSING] = f->closing;
    if (!allocate(t, d, err, errlen)) {
        nfl_table_free(t);
        return NULL;
    }
    divide(t, f->size);
    set_keys(t, seed);
    return t;
}

void nfl_table_free(struct nfl_table *t)
{
    if (!t)
        return;
    free(t->block);
    free(t->due);
    free(t->bucket[0]);
    free(t->bucket[1]);
    free(t->shards);
    free(t->heap);
    free(t);
}

/* ---- finding ---- */

struct nfl_session *nfl_table_find_t0(const struct nfl_table *t,
                                      const struct nfl_tuple *k, unsigned side,
                                      uint64_t hash)
{
    struct nfl_session *s = t->bucket[0][hash & t->mask];

    while (s && !(nfl_tuple_eq(&s->t0, k) && (!t->two_way || s->side == side)))
        s = s->hash_next[0];
    return s;
}

static bool answers(const struct nfl_tuple *tn, const struct nfl_tuple *k)
{
    return tn->src == k->dst && tn->dst == k->src && tn->sport == k->dport &&
           tn->dport == k->sport && tn->proto == k->proto && tn->v6 == k->v6;
}

struct nfl_session *nfl_table_find_tn(const struct nfl_table *t,
                                      const struct nfl_tuple *k, unsigned side,
                                      uint64_t hash)
{
    struct nfl_session *s = t->bucket[1][hash & t->mask];

    while (s && !(answers(&s->tn, k) && (!t->two_way || s->side != side)))
        s = s->hash_next[1];
    return s;
}

/* ---- linking ---- */

static struct nfl_session **bucket_of(struct nfl_table *t,
                                      const struct nfl_session *s, unsigned by)
{
    struct nfl_tuple back = nfl_tuple_reverse(&s->tn);
    uint64_t hash = by ? nfl_table_hash(t, &back, !s->side)
                       : nfl_table_hash(t, &s->t0, s->side);

    return &t->bucket[by][hash & t->mask];
}

/* At the end: of those with the same tuple the first to have it is found. */
static void hash_link(struct nfl_table *t, struct nfl_session *s, unsigned by)
{
    struct nfl_session **at = bucket_of(t, s, by);

    while (*at)
        at = &(*at)->hash_next[by];
    s->hash_next[by] = NULL;
    *at = s;
}

static void hash_unlink(struct nfl_table *t, struct nfl_session *s, unsigned by)
{
    struct nfl_session **at = bucket_of(t, s, by);

    while (*at != s)
        at = &(*at)->hash_next[by];
    *at = s->hash_next[by];
}

void nfl_table_move_tn(struct nfl_table *t, struct nfl_session *s,
                       const struct nfl_tuple *tn)
{
    hash_unlink(t, s, 1);
    s->tn = *tn;
    hash_link(t, s, 1);
}

struct nfl_session *nfl_table_take(struct nfl_table *t, unsigned shard)
{
    struct nfl_shard *sh = &t->shards[shard];
    struct nfl_session *s = sh->free;

    if (s) {
        sh->free = s->hash_next[0];
        memset(s, 0, t->stride);
    } else if (sh->unused < sh->end) {
        s = (void *)(t->entries + sh->unused++ * t->stride);
    }
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
    s->hash_next[0] = sh->free;
    sh->free = s;
}
