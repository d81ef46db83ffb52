/* Entries, and in which order they came. */
#include "flow/bucket.h"
#include "flow/memory.h"
#include "flow/table.h"
#include <stdlib.h>

_Static_assert(sizeof(struct nfl_due) == NFL_DUE_BYTES &&
                   sizeof(struct nfl_cold) == NFL_COLD_BYTES &&
                   sizeof(struct nfl_line) == NFL_LINE_BYTES,
               "nflc explain says so");

/* A reference has 29 bits for an index. */
static const uint64_t ENTRIES_MAX = ((uint64_t)1 << 29) - 1;

/* ---- making ---- */

static bool no_memory(const struct nfl_chain_desc *d, char *err, size_t errlen)
{
    const struct nfl_flows_desc *f = d->flows;

    snprintf(err, errlen,
             "chain %s: no memory for %llu flows of %u bytes "
             "(%.0f bytes in all); give it a smaller flows(...)",
             d->name, (unsigned long long)f->size, f->entry_bytes,
             nfl_flow_bytes(f->size, f->entry_bytes, d->n_hops, true));
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
        t->shards[i].key.due = UINT64_MAX;
        t->shards[i].key.low = UINT32_MAX;
        t->shards[i].place = i;
        t->heap[i] = &t->shards[i];
    }
    t->unused[0] = t->unused[1] = 1;
}

/* Entries of both families: in memory that was never touched there is none. */
static bool allocate(struct nfl_table *t, const struct nfl_chain_desc *d,
                     char *err, size_t errlen)
{
    struct nfl_finder *f = &t->find;
    unsigned v6;

    if (t->size > ENTRIES_MAX)
        return no_memory(d, err, errlen);
    f->n_lines = nfl_flow_lines(t->size, d->n_hops);
    for (v6 = 0; v6 < 2; v6++) {
        f->entries[v6] = nfl_memory_new(t->size + 1, f->stride[v6]);
        t->cold[v6] = nfl_memory_new(t->size + 1, sizeof(**t->cold));
    }
    t->due = nfl_memory_new(t->size + 1, sizeof(*t->due));
    f->lines = nfl_memory_new(f->n_lines, sizeof(*f->lines));
    t->shards = nfl_memory_new(t->n_shards, sizeof(*t->shards));
    t->heap = nfl_memory_new(t->n_shards, sizeof(*t->heap));
    if (!f->entries[0] || !f->entries[1] || !t->cold[0] || !t->cold[1] ||
        !t->due || !f->lines || !t->shards || !t->heap)
        return no_memory(d, err, errlen);
    return true;
}

/* Of an odd number, by Newton: each step doubles the bits that are right. */
static uint64_t inverse_of(uint64_t odd)
{
    uint64_t x = odd; /* three bits of it */
    unsigned i;

    for (i = 0; i < 5; i++)
        x *= 2 - odd * x;
    return x;
}

static void shape(struct nfl_table *t, const struct nfl_chain_desc *d)
{
    const struct nfl_flows_desc *f = d->flows;
    unsigned v6, i;

    for (v6 = 0; v6 < 2; v6++) {
        uint64_t stride = nfl_entry_stride(f->entry_bytes, d->n_hops, v6);

        t->find.stride[v6] = (uint32_t)stride;
        t->shift[v6] = (uint8_t)__builtin_ctzll(stride);
        t->inverse[v6] = inverse_of(stride >> t->shift[v6]);
    }
    t->find.tail6 = (uint32_t)nfl_entry_tail(f->entry_bytes, true);
    t->find.two_way = d->two_way;
    t->find.timeout[NFL_OPENING] = f->opening;
    t->find.timeout[NFL_CLOSING] = f->closing;
    for (i = 0; i < 256; i++)
        t->find.idle[i] = f->idle;
    for (i = 0; i < f->n_own; i++)
        t->find.idle[f->own[i].proto] = f->own[i].ticks;
    t->full = f->full;
    t->n_shards = d->shards;
}

struct nfl_table *nfl_table_new(const struct nfl_chain_desc *d, unsigned index,
                                unsigned of, uint64_t seed, char *err,
                                size_t errlen)
{
    struct nfl_table *t = nfl_memory_new(1, sizeof(*t));

    if (!t) {
        no_memory(d, err, errlen);
        return NULL;
    }
    t->size = share_of(d, index, of);
    shape(t, d);
    if (!allocate(t, d, err, errlen)) {
        nfl_table_free(t);
        return NULL;
    }
    divide(t, d->flows->size, index, of);
    nfl_bucket_key_init(&t->find.key, seed);
    return t;
}

void nfl_table_free(struct nfl_table *t)
{
    unsigned v6;

    if (!t)
        return;
    for (v6 = 0; v6 < 2; v6++) {
        nfl_memory_free(t->find.entries[v6], t->size + 1, t->find.stride[v6]);
        nfl_memory_free(t->cold[v6], t->size + 1, sizeof(**t->cold));
    }
    nfl_memory_free(t->due, t->size + 1, sizeof(*t->due));
    nfl_memory_free(t->find.lines, t->find.n_lines, sizeof(*t->find.lines));
    nfl_memory_free(t->shards, t->n_shards, sizeof(*t->shards));
    nfl_memory_free(t->heap, t->n_shards, sizeof(*t->heap));
    nfl_memory_free(t, 1, sizeof(*t));
}

/* ---- ids ---- */

struct nfl_session *nfl_table_at(const struct nfl_table *t, uint32_t id)
{
    return nfl_find_entry(&t->find, id << 2);
}

uint32_t nfl_table_id(const struct nfl_table *t, const struct nfl_session *s)
{
    uint64_t at = (uint64_t)((const uint8_t *)s - t->find.entries[s->v6]);

    return (uint32_t)((at >> t->shift[s->v6]) * t->inverse[s->v6]) << 1 | s->v6;
}

struct nfl_cold *nfl_table_cold(const struct nfl_table *t, uint32_t id)
{
    return &t->cold[id & 1][id >> 1];
}

/* ---- finding ---- */

uint64_t nfl_table_hash(const struct nfl_table *t, const struct nfl_tuple *k,
                        unsigned side)
{
    struct nfl_probe key;

    nfl_probe_make(&key, k, t->find.two_way, side);
    return nfl_hash_probe(&t->find, &key);
}

struct nfl_session *nfl_table_find(const struct nfl_table *t,
                                   const struct nfl_tuple *k, unsigned side,
                                   uint64_t hash, bool *back)
{
    struct nfl_session *s;
    struct nfl_probe key;

    nfl_probe_make(&key, k, t->find.two_way, side);
    s = nfl_find_probe(&t->find, &key, hash);
    *back = s && s->turned != key.turned;
    return s;
}

uint64_t nfl_session_hash(const struct nfl_chain *c, const struct nfl_tuple *t,
                          unsigned side)
{
    uint64_t hash = nfl_table_hash(c->table, t, side);

    nfl_find_fetch_line(&c->table->find, hash);
    return hash;
}

void nfl_session_fetch(const struct nfl_chain *c, uint64_t hash)
{
    nfl_find_fetch(&c->table->find, hash);
}

/* ---- linking ---- */

enum { BOTH = 3 };

void nfl_table_move_tn(struct nfl_table *t, struct nfl_session *s,
                       const struct nfl_tuple *tn)
{
    struct nfl_finder *f = &t->find;
    unsigned side = !s->turned, bits = 1u << side;
    uint32_t id = nfl_table_id(t, s);
    struct nfl_probe k;

    nfl_links_probe(f, s, side, &k);
    nfl_links_remove(f, id, bits, nfl_hash_probe(f, &k));
    nfl_probe_put(&k, tn, s->turned);
    if (s->v6)
        memcpy((uint8_t *)s + f->tail6 + side * sizeof(k.w), k.w, sizeof(k.w));
    else
        memcpy(side ? &s->right : &s->left, k.w, sizeof(s->left));
    nfl_links_add(f, id, bits, &k, nfl_hash_probe(f, &k));
}

/* Asks for what the next flow will take. */
static void fetch_free(const struct nfl_table *t, bool v6)
{
    const uint8_t *p = (const uint8_t *)nfl_table_at(t, t->free[v6] | v6);
    uint32_t i;

    for (i = 0; i < t->find.stride[v6]; i += NFL_ENTRY_ALIGN)
        __builtin_prefetch(p + i, 1);
    __builtin_prefetch(nfl_table_cold(t, t->free[v6] | v6), 1);
}

/* An entry of a table that is not full is free, or was never taken. */
struct nfl_session *nfl_table_take(struct nfl_table *t, unsigned shard, bool v6)
{
    uint32_t id = t->free[v6];
    struct nfl_session *s;

    if (t->shards[shard].n == t->shards[shard].most)
        return NULL;
    if (!id)
        return nfl_table_at(t, (uint32_t)t->unused[v6]++ << 1 | v6);
    t->free[v6] = nfl_table_cold(t, id)->order[NEXT];
    fetch_free(t, v6);
    s = nfl_table_at(t, id);
    memset(s, 0, t->find.stride[v6]);
    return s;
}

void nfl_table_add(struct nfl_table *t, struct nfl_session *s, uint64_t hash)
{
    struct nfl_shard *sh = &t->shards[s->shard];
    uint32_t id = nfl_table_id(t, s);
    struct nfl_cold *cold = nfl_table_cold(t, id);
    struct nfl_probe k;

    s->live = 1;
    nfl_links_probe(&t->find, s, s->turned, &k);
    nfl_links_add(&t->find, id, BOTH, &k, hash);
    t->inserted++;
    if (t->full != NFL_FULL_OLDEST) {
        cold->order[0] = (uint32_t)(t->inserted >> 32);
        cold->order[1] = (uint32_t)t->inserted;
        return;
    }
    cold->order[PREV] = sh->last;
    cold->order[NEXT] = 0;
    *(sh->last ? &nfl_table_cold(t, sh->last)->order[NEXT] : &sh->first) = id;
    sh->last = id;
}

static void unlist(struct nfl_table *t, struct nfl_shard *sh,
                   const struct nfl_cold *cold)
{
    uint32_t prev = cold->order[PREV], next = cold->order[NEXT];

    *(prev ? &nfl_table_cold(t, prev)->order[NEXT] : &sh->first) = next;
    *(next ? &nfl_table_cold(t, next)->order[PREV] : &sh->last) = prev;
}

void nfl_table_leaves(const struct nfl_table *t, const struct nfl_session *s,
                      uint64_t hash[2])
{
    struct nfl_probe k;
    unsigned i;

    for (i = 0; i < 2; i++) {
        nfl_links_probe(&t->find, s, i, &k);
        hash[i] = nfl_hash_probe(&t->find, &k);
        nfl_find_fetch_line(&t->find, hash[i]);
    }
    __builtin_prefetch(s->leases, 1);
}

void nfl_table_drop(struct nfl_table *t, struct nfl_session *s,
                    const uint64_t hash[2])
{
    uint32_t id = nfl_table_id(t, s);
    struct nfl_cold *cold = nfl_table_cold(t, id);

    nfl_links_remove(&t->find, id, BOTH, hash[0]);
    if (hash[1] != hash[0])
        nfl_links_remove(&t->find, id, BOTH, hash[1]);
    if (t->full == NFL_FULL_OLDEST)
        unlist(t, &t->shards[s->shard], cold);
    s->live = 0;
    cold->order[NEXT] = t->free[s->v6];
    t->free[s->v6] = id;
}
