/* Tables of NFs: entries come and go. */
#include "flow/memory.h"
#include <nfl/session.h>
#include <nfl/table.h>
#include <stdlib.h>
#include <string.h>

/* ---- making ---- */

static struct nfl_tab *no_memory(struct nfl_tab *t,
                                 const struct nfl_chain_desc *c,
                                 const struct nfl_tab_desc *d, char *err,
                                 size_t errlen)
{
    snprintf(err, errlen,
             "chain %s: no memory for the %llu entries of table '%s' of %s "
             "(%.0f bytes in all); give it a smaller size",
             c->name, (unsigned long long)d->size, d->name, c->nfs[d->nf].name,
             (double)d->size *
                 (d->entry_bytes + sizeof(struct nfl_tab_due) + 8.0));
    nfl_tab_free(t);
    return NULL;
}

/* Shards begin at lines of the cache: what one worker writes no other needs. */
enum { LINE = 64 };

static size_t lines(size_t bytes)
{
    return (bytes + LINE - 1) / LINE * LINE;
}

/* As many buckets as entries, or up to twice as many. */
static uint64_t buckets_for(uint64_t entries)
{
    uint64_t n = LINE / sizeof(uint32_t);

    while (n < entries)
        n *= 2;
    return n;
}

static void divide(struct nfl_tab *t)
{
    uint32_t i;

    for (i = 0; i < t->n_shards; i++) {
        struct nfl_tab_shard *s = &t->shards[i];

        s->most = (uint32_t)nfl_share(t->desc->size, t->n_shards, i);
        s->unused = 1;
        s->entries = t->entries + i * t->entries_span;
        s->buckets = t->buckets + i * t->n_buckets;
        s->mask = t->n_buckets - 1;
        s->due = (struct nfl_tab_due *)(t->due + i * t->due_span);
    }
}

struct nfl_tab *nfl_tab_new(const struct nfl_chain_desc *c,
                            const struct nfl_tab_desc *d, uint64_t seed,
                            char *err, size_t errlen)
{
    struct nfl_tab *t = nfl_memory_new(1, sizeof(*t)); /* an aligned key */
    uint64_t most = nfl_share(d->size, c->shards, 0);

    if (!t || d->size > INT32_MAX)
        return no_memory(t, c, d, err, errlen);
    t->desc = d;
    t->stride = d->entry_bytes;
    t->n_shards = c->shards;
    t->entries_span = lines((most + 1) * t->stride);
    t->due_span = lines(d->ticks ? most * sizeof(struct nfl_tab_due) : 1);
    t->n_buckets = buckets_for(most);
    t->entries = nfl_memory_new(c->shards, t->entries_span);
    t->buckets = nfl_memory_new(c->shards, t->n_buckets * sizeof(*t->buckets));
    t->due = nfl_memory_new(c->shards, t->due_span);
    t->shards = nfl_memory_new(c->shards, sizeof(*t->shards));
    if (!t->entries || !t->buckets || !t->due || !t->shards)
        return no_memory(t, c, d, err, errlen);
    nfl_bucket_key_init(&t->key, seed);
    divide(t);
    return t;
}

void nfl_tab_free(struct nfl_tab *t)
{
    if (!t)
        return;
    nfl_memory_free(t->entries, t->n_shards, t->entries_span);
    nfl_memory_free(t->buckets, t->n_shards,
                    t->n_buckets * sizeof(*t->buckets));
    nfl_memory_free(t->due, t->n_shards, t->due_span);
    nfl_memory_free(t->shards, t->n_shards, sizeof(*t->shards));
    nfl_memory_free(t, 1, sizeof(*t));
}

/* ---- the heap of a shard ---- */

static bool sooner(const struct nfl_tab_due *a, const struct nfl_tab_due *b)
{
    return a->expires < b->expires ||
           (a->expires == b->expires && a->inserted < b->inserted);
}

static void place(const struct nfl_tab *t, struct nfl_tab_shard *s,
                  const struct nfl_tab_due *d, uint32_t i)
{
    s->due[i] = *d;
    nfl_tab_entry(t, s, d->index)->place = i;
}

static void up(const struct nfl_tab *t, struct nfl_tab_shard *s,
               struct nfl_tab_due d, uint32_t i)
{
    for (; i > 0 && sooner(&d, &s->due[(i - 1) / 2]); i = (i - 1) / 2)
        place(t, s, &s->due[(i - 1) / 2], i);
    place(t, s, &d, i);
}

static void down(const struct nfl_tab *t, struct nfl_tab_shard *s,
                 struct nfl_tab_due d, uint32_t i)
{
    uint32_t child;

    for (; (child = 2 * i + 1) < s->n; i = child) {
        if (child + 1 < s->n && sooner(&s->due[child + 1], &s->due[child]))
            child++;
        if (!sooner(&s->due[child], &d))
            break;
        place(t, s, &s->due[child], i);
    }
    place(t, s, &d, i);
}

/* s->n counts the entry no longer. */
static void heap_remove(const struct nfl_tab *t, struct nfl_tab_shard *s,
                        const struct nfl_entry *e)
{
    struct nfl_tab_due last = s->due[s->n];
    uint32_t i = e->place;

    if (i == s->n)
        return;
    down(t, s, last, i);
    up(t, s, last, nfl_tab_entry(t, s, last.index)->place);
}

void nfl_tab_arm(struct nfl_tab *t, struct nfl_tab_shard *s,
                 struct nfl_entry *e, uint64_t expires)
{
    struct nfl_tab_due d = s->due[e->place];

    e->expires = d.expires = expires;
    down(t, s, d, e->place);
}

/* ---- entries ---- */

static uint32_t index_of(const struct nfl_tab *t, const struct nfl_tab_shard *s,
                         const struct nfl_entry *e)
{
    return (uint32_t)((size_t)((const uint8_t *)e - s->entries) / t->stride);
}

static void link_last(const struct nfl_tab *t, struct nfl_tab_shard *s,
                      struct nfl_entry *e, uint32_t index)
{
    e->before = s->last;
    e->after = 0;
    *(s->last ? &nfl_tab_entry(t, s, s->last)->after : &s->first) = index;
    s->last = index;
}

static void unlink_order(const struct nfl_tab *t, struct nfl_tab_shard *s,
                         const struct nfl_entry *e)
{
    *(e->before ? &nfl_tab_entry(t, s, e->before)->after : &s->first) =
        e->after;
    *(e->after ? &nfl_tab_entry(t, s, e->after)->before : &s->last) = e->before;
}

static void unlink_bucket(const struct nfl_tab *t, struct nfl_tab_shard *s,
                          const struct nfl_entry *e, uint32_t index)
{
    uint64_t hash =
        nfl_bucket_words(&t->key, nfl_tab_key(e), t->desc->key_words);
    uint32_t *at = &s->buckets[hash & s->mask];

    while (*at != index)
        at = &nfl_tab_entry(t, s, *at)->next;
    *at = e->next;
}

void nfl_tab_remove(struct nfl_tab *t, struct nfl_tab_shard *s,
                    struct nfl_entry *e)
{
    uint32_t index = index_of(t, s, e);

    unlink_bucket(t, s, e, index);
    unlink_order(t, s, e);
    s->n--;
    if (t->desc->ticks)
        heap_remove(t, s, e);
    e->next = s->free;
    s->free = index;
}

/* What is due and has the same key, or is due first, makes room. */
static void sweep(struct nfl_tab *t, struct nfl_tab_shard *s,
                  const uint64_t *key, uint64_t hash, uint64_t now)
{
    uint32_t i = s->buckets[hash & s->mask];
    size_t bytes = t->desc->key_words * sizeof(*key);
    struct nfl_entry *e;

    for (; i; i = e->next) {
        e = nfl_tab_entry(t, s, i);
        if (e->tag == (uint32_t)(hash >> 32) &&
            memcmp(nfl_tab_key(e), key, bytes) == 0) {
            nfl_tab_remove(t, s, e);
            break;
        }
    }
    if (t->desc->ticks && s->n > 0 && s->due[0].expires <= now)
        nfl_tab_remove(t, s, nfl_tab_entry(t, s, s->due[0].index));
}

/* True if the shard has room. */
static bool make_room(struct nfl_tab *t, struct nfl_tab_shard *s)
{
    enum nfl_full full = t->desc->full;

    if (s->n < s->most)
        return true;
    if (full == NFL_FULL_REFUSE || s->n == 0) {
        s->refused++;
        return false;
    }
    s->evicted++;
    nfl_tab_remove(
        t, s,
        nfl_tab_entry(t, s,
                      full == NFL_FULL_IDLE ? s->due[0].index : s->first));
    return true;
}

struct nfl_entry *nfl_tab_insert(struct nfl_tab *t, struct nfl_tab_shard *s,
                                 const uint64_t *key, uint64_t hash,
                                 uint64_t now)
{
    size_t bytes = t->desc->key_words * sizeof(*key);
    struct nfl_tab_due d = {.expires = now + t->desc->ticks};
    struct nfl_entry *e;
    uint32_t *bucket = &s->buckets[hash & s->mask];

    sweep(t, s, key, hash, now);
    if (!make_room(t, s))
        return NULL;
    d.inserted = ++s->inserted;
    d.index = s->free ? s->free : s->unused++;
    e = nfl_tab_entry(t, s, d.index);
    if (s->free)
        s->free = e->next;
    memset(e, 0, t->stride);
    memcpy(e + 1, key, bytes);
    e->expires = t->desc->ticks ? d.expires : UINT64_MAX;
    e->tag = (uint32_t)(hash >> 32);
    e->next = *bucket;
    *bucket = d.index;
    link_last(t, s, e, d.index);
    s->n++;
    if (t->desc->ticks)
        up(t, s, d, s->n - 1);
    return e;
}
