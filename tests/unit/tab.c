/* Tables of NFs against a naive model: a list in order of insertion. Random
 * accesses and leaps of the clock, with each policy and kind of time; what is
 * found, added, refused and evicted must agree, and so must what is there. */
#define NFLG_HEADERS 1

#include <nfl/ctx.h>
#include <nfl/gen.h>
#include <nfl/table.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

enum { STEPS = 20000, MOST = 64, SHARDS = 3 };

struct entry {
    struct nfl_entry entry;
    uint64_t key[3];
    uint32_t value;
};

struct mentry {
    uint64_t key[3], expires;
    uint32_t value;
};

struct model {
    struct mentry e[SHARDS][MOST]; /* in order of insertion */
    unsigned n[SHARDS];
    uint64_t added, evicted, refused;
};

struct world {
    struct nfl_tab_desc desc;
    struct nfl_chain_desc chain_desc;
    struct nfl_chain chain;
    struct nfl_worker worker;
    struct nfl_ctx ctx;
    struct nfl_tab *tab;
    struct model m;
    uint64_t random;
};

static unsigned rnd(struct world *w, unsigned n)
{
    w->random = w->random * 6364136223846793005ull + 1442695040888963407ull;
    return (unsigned)(w->random >> 33) % n;
}

/* ---- the model ---- */

static void m_remove(struct model *m, unsigned s, unsigned i)
{
    memmove(&m->e[s][i], &m->e[s][i + 1],
            (m->n[s] - i - 1) * sizeof(m->e[s][0]));
    m->n[s]--;
}

static void m_expire(struct world *w)
{
    unsigned s, i;

    for (s = 0; s < SHARDS; s++)
        for (i = 0; i < w->m.n[s];)
            if (w->m.e[s][i].expires <= w->worker.now)
                m_remove(&w->m, s, i);
            else
                i++;
}

static struct mentry *m_find(struct world *w, const uint64_t *key)
{
    unsigned s = w->ctx.shard, i;

    for (i = 0; i < w->m.n[s]; i++)
        if (memcmp(w->m.e[s][i].key, key, w->desc.key_words * 8) == 0)
            return &w->m.e[s][i];
    return NULL;
}

static void m_arm(struct world *w, struct mentry *e)
{
    if (w->desc.ticks)
        e->expires = w->worker.now + w->desc.ticks;
}

static struct mentry *m_insert(struct world *w, const uint64_t *key)
{
    unsigned s = w->ctx.shard, i, victim = 0;
    struct model *m = &w->m;
    struct mentry *e;

    if (m->n[s] == nfl_share(w->desc.size, SHARDS, s)) {
        if (w->desc.full == NFL_FULL_REFUSE) {
            m->refused++;
            return NULL;
        }
        for (i = 1; i < m->n[s] && w->desc.full == NFL_FULL_IDLE; i++)
            if (m->e[s][i].expires < m->e[s][victim].expires)
                victim = i;
        m->evicted++;
        m_remove(m, s, victim);
    }
    e = &m->e[s][m->n[s]++];
    memset(e, 0, sizeof(*e));
    memcpy(e->key, key, w->desc.key_words * 8);
    e->expires = UINT64_MAX;
    m_arm(w, e);
    m->added++;
    return e;
}

/* ---- one step of both ---- */

static void step_find(struct world *w, const uint64_t *key)
{
    struct entry *e = nflg_table_find(&w->ctx, 0, key, w->desc.key_words);
    struct mentry *m = m_find(w, key);

    assert_true(!e == !m);
    if (!e)
        return;
    if (w->desc.idle)
        m_arm(w, m);
    assert_int_equal(e->value, m->value);
}

static void step_set(struct world *w, const uint64_t *key, uint32_t v)
{
    struct entry *e = nflg_table_set(&w->ctx, 0, key, w->desc.key_words);
    struct mentry *m = m_find(w, key);

    if (m)
        m_arm(w, m);
    else
        m = m_insert(w, key);
    assert_true(!e == !m);
    if (e)
        e->value = m->value = v;
}

static void step_update(struct world *w, const uint64_t *key, uint32_t v)
{
    struct entry *e = nflg_table_update(&w->ctx, 0, key, w->desc.key_words);
    struct mentry *m = m_find(w, key);

    if (m && w->desc.idle)
        m_arm(w, m);
    else if (!m)
        m = m_insert(w, key);
    assert_true(!e == !m);
    if (e)
        assert_int_equal(e->value += v, m->value += v);
}

static void step_remove(struct world *w, const uint64_t *key)
{
    struct mentry *m = m_find(w, key);
    unsigned s = w->ctx.shard;

    nflg_table_remove(&w->ctx, 0, key, w->desc.key_words);
    if (m)
        m_remove(&w->m, s, (unsigned)(m - w->m.e[s]));
}

/* ---- what is there ---- */

static void compare(struct world *w)
{
    uint64_t evicted = 0, refused = 0, added = 0, n = 0;
    unsigned s, i;

    for (s = 0; s < SHARDS; s++) {
        const struct nfl_tab_shard *sh = &w->tab->shards[s];
        uint32_t k = sh->first;

        for (i = 0; i < w->m.n[s]; k = nfl_tab_entry(w->tab, sh, k)->after) {
            const struct entry *e;

            assert_int_not_equal(k, 0);
            e = (const struct entry *)nfl_tab_entry(w->tab, sh, k);
            if (e->entry.expires <= w->worker.now)
                continue;
            assert_memory_equal(e->key, w->m.e[s][i].key,
                                w->desc.key_words * 8);
            assert_int_equal(e->value, w->m.e[s][i].value);
            assert_true(e->entry.expires == w->m.e[s][i].expires);
            i++;
        }
        assert_true(sh->n <= nfl_share(w->desc.size, SHARDS, s));
        n += w->m.n[s];
        evicted += sh->evicted;
        refused += sh->refused;
        added += sh->inserted;
    }
    assert_int_equal(n, nfl_tab_entries(w->tab, w->worker.now));
    assert_int_equal(evicted, w->m.evicted);
    assert_int_equal(refused, w->m.refused);
    assert_int_equal(added, w->m.added);
}

static void run(struct world *w)
{
    unsigned i;

    for (i = 0; i < STEPS; i++) {
        uint64_t key[3] = {rnd(w, 30), 0, rnd(w, 2)};

        w->ctx.shard = rnd(w, SHARDS);
        if (rnd(w, 4) == 0) {
            w->worker.now += rnd(w, 60) == 0 ? 100 : rnd(w, 3);
            m_expire(w);
        }
        switch (rnd(w, 6)) {
        case 0:
            step_set(w, key, rnd(w, 1000));
            break;
        case 1:
        case 2:
            step_update(w, key, rnd(w, 9));
            break;
        case 3:
            if (rnd(w, 3) == 0)
                step_remove(w, key);
            break;
        default:
            step_find(w, key);
        }
        if (i % 16 == 0)
            compare(w);
    }
    compare(w);
}

static void one(enum nfl_full full, uint64_t ticks, bool idle, uint64_t size,
                unsigned words)
{
    static struct world w;
    char err[256] = "";

    memset(&w, 0, sizeof(w));
    w.desc = (struct nfl_tab_desc){
        .name = "t",
        .size = size,
        .ticks = ticks,
        .idle = idle,
        .full = full,
        .entry_bytes = sizeof(struct entry),
        .key_words = words,
    };
    w.chain_desc.shards = SHARDS;
    w.tab = nfl_tab_new(&w.chain_desc, &w.desc, size, err, sizeof(err));
    assert_non_null(w.tab);
    w.chain.desc = &w.chain_desc;
    w.chain.tabs = &w.tab;
    w.ctx.chain = &w.chain;
    w.ctx.worker = &w.worker;
    w.random = size + words;
    run(&w);
    nfl_tab_free(w.tab);
}

static void against_the_model(void **state)
{
    static const uint64_t sizes[] = {3, 4, 11, 60, 3 * MOST};
    unsigned i, full, words;

    (void)state;
    for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
        for (full = NFL_FULL_REFUSE; full <= NFL_FULL_IDLE; full++)
            for (words = 1; words <= 3; words += 2) {
                one((enum nfl_full)full, 20, true, sizes[i], words);
                one((enum nfl_full)full, 20, false, sizes[i], words);
                if (full != NFL_FULL_IDLE)
                    one((enum nfl_full)full, 0, false, sizes[i], words);
            }
}

static void too_large(void **state)
{
    struct nfl_nf_desc nf = {.name = "Guard"};
    struct nfl_tab_desc d = {
        .name = "seen",
        .size = (uint64_t)1 << 40,
        .entry_bytes = sizeof(struct entry),
        .key_words = 3,
    };
    struct nfl_chain_desc c = {.name = "edge", .shards = 4, .nfs = &nf};
    char err[256] = "";

    (void)state;
    assert_null(nfl_tab_new(&c, &d, 1, err, sizeof(err)));
    assert_non_null(strstr(err, "chain edge: no memory for the 1099511627776 "
                                "entries of table 'seen' of Guard"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(against_the_model),
        cmocka_unit_test(too_large),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
