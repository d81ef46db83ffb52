/* Accesses of generated code to tables. Only gen.h includes this. */
#ifndef NFL_GEN_TABLE_H
#define NFL_GEN_TABLE_H

#include <nfl/table.h>

struct nflg_spot { /* where an access looks */
    struct nfl_tab *tab;
    struct nfl_tab_shard *shard;
    uint64_t hash, now;
};

NFLG_FN struct nflg_spot nflg_spot(const struct nfl_ctx *c, unsigned table,
                                   const uint64_t *key, unsigned words)
{
    struct nflg_spot s = {.tab = c->chain->tabs[table]};

    s.shard = &s.tab->shards[c->shard];
    s.hash = nfl_bucket_words(&s.tab->key, key, words);
    s.now = c->worker->now;
    return s;
}

/* The entry that is there, or NULL. */
NFLG_FN struct nfl_entry *nflg_look(const struct nflg_spot *s,
                                    const uint64_t *key, unsigned words)
{
    uint32_t i = s->shard->buckets[s->hash & s->shard->mask];
    struct nfl_entry *e;

    for (; i; i = e->next) {
        e = nfl_tab_entry(s->tab, s->shard, i);
        if (e->tag == (uint32_t)(s->hash >> 32) &&
            memcmp(nfl_tab_key(e), key, words * sizeof(*key)) == 0)
            return e->expires > s->now ? e : NULL;
    }
    return NULL;
}

/* Restarts the entry's time. */
NFLG_FN void nflg_restart(const struct nflg_spot *s, struct nfl_entry *e)
{
    uint64_t expires = s->now + s->tab->desc->ticks;

    if (s->tab->desc->ticks && e->expires != expires)
        nfl_tab_arm(s->tab, s->shard, e, expires);
}

/* The entry with the key, or NULL. */
NFLG_FN void *nflg_table_find(const struct nfl_ctx *c, unsigned table,
                              const uint64_t *key, unsigned words)
{
    struct nflg_spot s = nflg_spot(c, table, key, words);
    struct nfl_entry *e = nflg_look(&s, key, words);

    if (e && s.tab->desc->idle)
        nflg_restart(&s, e);
    return e;
}

/* The entry whose value is set next, made if there is none. NULL: refused. */
NFLG_FN void *nflg_table_set(const struct nfl_ctx *c, unsigned table,
                             const uint64_t *key, unsigned words)
{
    struct nflg_spot s = nflg_spot(c, table, key, words);
    struct nfl_entry *e = nflg_look(&s, key, words);

    if (!e)
        return nfl_tab_insert(s.tab, s.shard, key, s.hash, s.now);
    nflg_restart(&s, e);
    return e;
}

/* The entry whose value is changed next, made as zero if there is none. NULL:
 * refused. */
NFLG_FN void *nflg_table_update(const struct nfl_ctx *c, unsigned table,
                                const uint64_t *key, unsigned words)
{
    struct nflg_spot s = nflg_spot(c, table, key, words);
    struct nfl_entry *e = nflg_look(&s, key, words);

    if (!e)
        return nfl_tab_insert(s.tab, s.shard, key, s.hash, s.now);
    if (s.tab->desc->idle)
        nflg_restart(&s, e);
    return e;
}

NFLG_FN void nflg_table_remove(const struct nfl_ctx *c, unsigned table,
                               const uint64_t *key, unsigned words)
{
    struct nflg_spot s = nflg_spot(c, table, key, words);
    struct nfl_entry *e = nflg_look(&s, key, words);

    if (e)
        nfl_tab_remove(s.tab, s.shard, e);
}

#endif
