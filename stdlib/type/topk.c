/* topk[K](size): Space-Saving. The keys of a shard stand in a heap, the one
 * with the least count first, among equals the one that was taken in first;
 * and in buckets. LANGUAGE.md, section 7. */
#include "sketch.h"
#include <nfl/report.h>
#include <nfl/table.h>
#include <nfl/trace.h>

enum { KEYS_MAX = 1 << 20, KEY_TEXT = 4096 };

struct entry {
    uint64_t count, error;
    uint64_t taken; /* the number of its taking in */
    uint32_t place; /* in the heap */
    uint32_t next;  /* in its bucket: index + 1; 0: none */
    uint64_t key[];
};

struct shard {
    uint64_t added; /* all counts */
    uint64_t taken, evicted;
    uint32_t n;
};

struct nfs_topk {
    uint64_t seed;
    const struct nfl_key_desc *key;
    uint32_t size, shards;
    uint32_t mask;                     /* buckets - 1 */
    size_t stride;                     /* of entries */
    size_t span, heap, buckets, first; /* in a block */
    uint8_t *blocks;
};

void *nfs_topk_new(struct nfl_chain *c, struct nfl_setup *setup,
                   const struct nfl_key_desc *key, uint64_t size);
void nfs_topk_free(void *object);
uint64_t nfs_topk_add(struct nfl_ctx *c, void *object, const char *name,
                      const uint64_t *key, unsigned words, uint64_t n);
uint64_t nfs_topk_count(struct nfl_ctx *c, void *object, const char *name,
                        const uint64_t *key, unsigned words);
void nfs_topk_state(const void *object, struct nfl_state *s,
                    const char *prefix);
void nfs_topk_report(const void *object, struct nfl_report *r,
                     const struct nfl_report_object *who);

static void lay_out(struct nfs_topk *t)
{
    uint32_t buckets = 16;

    while (buckets < t->size)
        buckets *= 2;
    t->mask = buckets - 1;
    t->stride = sizeof(struct entry) + t->key->n_words * sizeof(uint64_t);
    t->heap = sizeof(struct shard);
    t->buckets = t->heap + t->size * sizeof(uint32_t);
    t->first = nfs_lines(t->buckets + buckets * sizeof(uint32_t));
    t->span = nfs_lines(t->first + t->size * t->stride);
}

void *nfs_topk_new(struct nfl_chain *c, struct nfl_setup *setup,
                   const struct nfl_key_desc *key, uint64_t size)
{
    struct nfs_topk *t;

    (void)c;
    if (size < 1 || size > KEYS_MAX) {
        snprintf(setup->err, sizeof(setup->err),
                 "the size of a topk is from 1 to %d", KEYS_MAX);
        return NULL;
    }
    t = calloc(1, sizeof(*t));
    if (t) {
        t->seed = setup->seed;
        t->key = key;
        t->size = (uint32_t)size;
        t->shards = setup->shards;
        lay_out(t);
        t->blocks = nfs_blocks(t->shards, t->span);
    }
    if (t && t->blocks)
        return t;
    free(t);
    snprintf(setup->err, sizeof(setup->err), "no memory for a topk");
    return NULL;
}

void nfs_topk_free(void *object)
{
    struct nfs_topk *t = object;

    if (!t)
        return;
    free(t->blocks);
    free(t);
}

/* ---- in a block ---- */

static struct shard *shard_of(const struct nfs_topk *t, uint32_t i)
{
    return (struct shard *)(t->blocks + i * t->span);
}

static inline uint32_t *heap_of(const struct nfs_topk *t, struct shard *s)
{
    return (uint32_t *)((uint8_t *)s + t->heap);
}

static inline struct entry *entry_at(const struct nfs_topk *t, struct shard *s,
                                     uint32_t i)
{
    return (struct entry *)((uint8_t *)s + t->first + i * t->stride);
}

static inline uint32_t *bucket_of(const struct nfs_topk *t, struct shard *s,
                                  const uint64_t *key)
{
    uint64_t hash = nfs_key_hash(t->seed, key, t->key->n_words);

    return (uint32_t *)((uint8_t *)s + t->buckets) + (hash & t->mask);
}

static bool same_key(const struct nfs_topk *t, const struct entry *e,
                     const uint64_t *key)
{
    return memcmp(e->key, key, t->key->n_words * sizeof(*key)) == 0;
}

static struct entry *find(const struct nfs_topk *t, struct shard *s,
                          uint32_t bucket, const uint64_t *key)
{
    struct entry *e;

    for (; bucket; bucket = e->next) {
        e = entry_at(t, s, bucket - 1);
        if (same_key(t, e, key))
            return e;
    }
    return NULL;
}

static bool before(const struct entry *a, const struct entry *b)
{
    return a->count < b->count || (a->count == b->count && a->taken < b->taken);
}

static void put(const struct nfs_topk *t, struct shard *s, uint32_t place,
                uint32_t i)
{
    heap_of(t, s)[place] = i;
    entry_at(t, s, i)->place = place;
}

/* What is at `place` grew. */
static void down(const struct nfs_topk *t, struct shard *s, uint32_t place)
{
    const uint32_t *heap = heap_of(t, s);
    uint32_t i = heap[place], child;

    for (; (child = 2 * place + 1) < s->n; place = child) {
        if (child + 1 < s->n && before(entry_at(t, s, heap[child + 1]),
                                       entry_at(t, s, heap[child])))
            child++;
        if (!before(entry_at(t, s, heap[child]), entry_at(t, s, i)))
            break;
        put(t, s, place, heap[child]);
    }
    put(t, s, place, i);
}

/* What is at `place` is new. */
static void up(const struct nfs_topk *t, struct shard *s, uint32_t place)
{
    const uint32_t *heap = heap_of(t, s);
    uint32_t i = heap[place];

    for (; place > 0 &&
           before(entry_at(t, s, i), entry_at(t, s, heap[(place - 1) / 2]));
         place = (place - 1) / 2)
        put(t, s, place, heap[(place - 1) / 2]);
    put(t, s, place, i);
}

static void unlink_bucket(const struct nfs_topk *t, struct shard *s,
                          const struct entry *e, uint32_t i)
{
    uint32_t *at = bucket_of(t, s, e->key);

    while (*at != i + 1)
        at = &entry_at(t, s, *at - 1)->next;
    *at = e->next;
}

/* A new key, in a place that is free, or in that of the least count. */
static struct entry *take_in(const struct nfs_topk *t, struct shard *s,
                             const uint64_t *key, uint64_t n)
{
    bool room = s->n < t->size;
    uint32_t i = room ? s->n : heap_of(t, s)[0], *bucket;
    struct entry *e = entry_at(t, s, i);

    if (!room) {
        unlink_bucket(t, s, e, i);
        s->evicted++;
    }
    e->error = room ? 0 : e->count;
    e->count = e->error + n;
    e->taken = ++s->taken;
    memcpy(e->key, key, t->key->n_words * sizeof(*key));
    bucket = bucket_of(t, s, key);
    e->next = *bucket;
    *bucket = i + 1;
    if (room) {
        put(t, s, s->n, i);
        s->n++;
        up(t, s, e->place);
    } else {
        down(t, s, 0);
    }
    return e;
}

uint64_t nfs_topk_add(struct nfl_ctx *c, void *object, const char *name,
                      const uint64_t *key, unsigned words, uint64_t n)
{
    const struct nfs_topk *t = object;
    struct shard *s = shard_of(t, c->shard);
    struct entry *e = find(t, s, *bucket_of(t, s, key), key);

    (void)name;
    (void)words;
    s->added += n;
    if (!e)
        return take_in(t, s, key, n)->count;
    e->count += n;
    down(t, s, e->place);
    return e->count;
}

uint64_t nfs_topk_count(struct nfl_ctx *c, void *object, const char *name,
                        const uint64_t *key, unsigned words)
{
    const struct nfs_topk *t = object;
    struct shard *s = shard_of(t, c->shard);
    const struct entry *e = find(t, s, *bucket_of(t, s, key), key);

    (void)name;
    (void)words;
    return e ? e->count : 0;
}

/* ---- over all shards ---- */

/* What a key that a full shard does not have may have had there. */
static uint64_t least(const struct nfs_topk *t, struct shard *s)
{
    return s->n == t->size ? entry_at(t, s, heap_of(t, s)[0])->count : 0;
}

struct merged {
    uint64_t count, error;
};

static struct merged merge(const struct nfs_topk *t, const uint64_t *key)
{
    struct merged m = {0, 0};
    uint32_t i;

    for (i = 0; i < t->shards; i++) {
        struct shard *s = shard_of(t, i);
        const struct entry *e = find(t, s, *bucket_of(t, s, key), key);

        uint64_t most = t->key->divided ? 0 : least(t, s);

        m.count += e ? e->count : most;
        m.error += e ? e->error : most;
    }
    return m;
}

/* No shard before this one has it. */
static bool is_first(const struct nfs_topk *t, uint32_t shard,
                     const uint64_t *key)
{
    uint32_t i;

    for (i = 0; i < shard; i++)
        if (find(t, shard_of(t, i), *bucket_of(t, shard_of(t, i), key), key))
            return false;
    return true;
}

/* Calls for each key once. */
static unsigned each(const struct nfs_topk *t,
                     void (*call)(void *to, const struct nfs_topk *t,
                                  const uint64_t *key),
                     void *to)
{
    unsigned found = 0;
    uint32_t i, k;

    for (i = 0; i < t->shards; i++) {
        struct shard *s = shard_of(t, i);

        for (k = 0; k < s->n; k++) {
            if (!is_first(t, i, entry_at(t, s, k)->key))
                continue;
            found++;
            call(to, t, entry_at(t, s, k)->key);
        }
    }
    return found;
}

struct lines {
    struct nfl_state *state;
    const char *prefix;
};

static void state_line(void *to, const struct nfs_topk *t, const uint64_t *key)
{
    const struct lines *l = to;
    struct merged m = merge(t, key);
    char text[KEY_TEXT];

    nfl_key_text(t->key->parts, t->key->n_parts, key, text, sizeof(text));
    nfl_state_add(l->state, "object %s key %s count %llu error %llu", l->prefix,
                  text, (unsigned long long)m.count,
                  (unsigned long long)m.error);
}

void nfs_topk_state(const void *object, struct nfl_state *s, const char *prefix)
{
    struct lines l = {s, prefix};

    each(object, state_line, &l);
}

static void report_line(void *to, const struct nfs_topk *t, const uint64_t *key)
{
    struct merged m = merge(t, key);
    char text[KEY_TEXT + 64];
    size_t n;

    nfl_key_text(t->key->parts, t->key->n_parts, key, text, KEY_TEXT);
    n = strlen(text);
    if (m.error)
        snprintf(text + n, sizeof(text) - n, " -> %llu, error %llu",
                 (unsigned long long)m.count, (unsigned long long)m.error);
    else
        snprintf(text + n, sizeof(text) - n, " -> %llu",
                 (unsigned long long)m.count);
    nfl_report_entry_add(to, text);
}

static void no_line(void *to, const struct nfs_topk *t, const uint64_t *key)
{
    (void)to;
    (void)t;
    (void)key;
}

void nfs_topk_report(const void *object, struct nfl_report *r,
                     const struct nfl_report_object *who)
{
    const struct nfs_topk *t = object;
    struct nfl_report_table *row = &r->tables[r->n_tables++];
    uint32_t i;

    *row = (struct nfl_report_table){
        .chain = who->chain, .nf = who->nf, .name = who->name, .size = t->size};
    for (i = 0; i < t->shards; i++) {
        row->added += shard_of(t, i)->taken;
        row->evicted += shard_of(t, i)->evicted;
    }
    row->entries = each(t, r->top ? report_line : no_line, row);
    nfl_report_entries_cut(row, r->top);
}
