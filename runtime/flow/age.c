/* When sessions are due: a heap of the sessions for each shard, and one of the
 * shards. Keys are lower bounds, made true at the root. */
#include "flow/table.h"

/* Without a jump: which of two children is due first, nobody can predict. */
static bool before(const struct nfl_due *a, const struct nfl_due *b)
{
    return ((nfl_u128)a->due << 32 | a->low) <
           ((nfl_u128)b->due << 32 | b->low);
}

/* ---- the heap of the shards ---- */

static bool shard_before(const struct nfl_shard *a, const struct nfl_shard *b)
{
    return before(&a->key, &b->key);
}

static void shard_place(struct nfl_table *t, struct nfl_shard *sh, uint32_t i)
{
    t->heap[i] = sh;
    sh->place = i;
}

static void shard_up(struct nfl_table *t, struct nfl_shard *sh)
{
    uint32_t i = sh->place;

    for (; i > 0 && shard_before(sh, t->heap[(i - 1) / 2]); i = (i - 1) / 2)
        shard_place(t, t->heap[(i - 1) / 2], i);
    shard_place(t, sh, i);
}

static void shard_down(struct nfl_table *t, struct nfl_shard *sh)
{
    uint32_t i = sh->place, child;

    for (; (child = 2 * i + 1) < t->n_shards; i = child) {
        if (child + 1 < t->n_shards &&
            shard_before(t->heap[child + 1], t->heap[child]))
            child++;
        if (!shard_before(t->heap[child], sh))
            break;
        shard_place(t, t->heap[child], i);
    }
    shard_place(t, sh, i);
}

/* ---- the heap of a shard ---- */

static void place(struct nfl_table *t, struct nfl_shard *sh, struct nfl_due d,
                  uint64_t i)
{
    sh->due[i] = d;
    nfl_table_cold(t, d.id)->place = (uint32_t)i;
}

static void up(struct nfl_table *t, struct nfl_shard *sh, struct nfl_due d,
               uint64_t i)
{
    for (; i > 0 && before(&d, &sh->due[(i - 1) / 2]); i = (i - 1) / 2)
        place(t, sh, sh->due[(i - 1) / 2], i);
    place(t, sh, d, i);
}

static void down(struct nfl_table *t, struct nfl_shard *sh, struct nfl_due d,
                 uint64_t i)
{
    uint64_t child;

    for (; (child = 2 * i + 1) < sh->n; i = child) {
        if (child + 1 < sh->n)
            child += before(&sh->due[child + 1], &sh->due[child]);
        if (!before(&sh->due[child], &d))
            break;
        place(t, sh, sh->due[child], i);
    }
    place(t, sh, d, i);
}

static struct nfl_due due_of(const struct nfl_table *t,
                             const struct nfl_session *s)
{
    return (struct nfl_due){s->due, s->due_low, nfl_table_id(t, s)};
}

static bool is_true(const struct nfl_due *d, const struct nfl_session *s)
{
    return d->due == s->due && d->low == s->due_low;
}

/* The shard's root may be earlier now than the shard's key. */
static void tell(struct nfl_table *t, struct nfl_shard *sh)
{
    if (!before(&sh->due[0], &sh->key))
        return;
    sh->key = sh->due[0];
    shard_up(t, sh);
}

/* Asks for who may be due next in the shard: it has time till all others had
 * their turn; where these are few, those that may follow are asked for, too. */
static void fetch(const struct nfl_table *t, const struct nfl_shard *sh)
{
    uint64_t i, n = t->n_shards < 8 ? 3 : 1;
    const struct nfl_session *s;

    for (i = 0; i < n && i < sh->n; i++) {
        s = nfl_table_at(t, sh->due[i].id);
        __builtin_prefetch(s, 1);
        __builtin_prefetch(&s->seen);
    }
}

/* Makes the root's key true; NULL if the shard has no sessions. */
static struct nfl_session *root(struct nfl_table *t, struct nfl_shard *sh)
{
    struct nfl_session *s;

    while (sh->n > 0) {
        s = nfl_table_at(t, sh->due[0].id);
        if (is_true(&sh->due[0], s))
            return s;
        down(t, sh, due_of(t, s), 0);
        fetch(t, sh);
    }
    return NULL;
}

/* ---- sessions ---- */

void nfl_age_add(struct nfl_table *t, struct nfl_session *s,
                 const struct nfl_worker *w)
{
    struct nfl_shard *sh = &t->shards[s->shard];

    nfl_find_refresh(&t->find, s, w->now, w->packets);
    up(t, sh, due_of(t, s), sh->n++);
    tell(t, sh);
}

/* Its key in the heap, a lower bound of the old expiry, may be one of the new
 * one, too. */
void nfl_age_earlier(struct nfl_finder *f, struct nfl_session *s)
{
    struct nfl_table *t = (struct nfl_table *)(void *)f;
    struct nfl_shard *sh = &t->shards[s->shard];
    struct nfl_due d = due_of(t, s);
    uint64_t i = nfl_table_cold(t, d.id)->place;

    if (!before(&d, &sh->due[i]))
        return;
    up(t, sh, d, i);
    tell(t, sh);
}

void nfl_age_arm(struct nfl_table *t, struct nfl_session *s,
                 const struct nfl_worker *w)
{
    if (nfl_find_refresh(&t->find, s, w->now, w->packets))
        nfl_age_earlier(&t->find, s);
}

void nfl_age_remove(struct nfl_table *t, struct nfl_session *s)
{
    struct nfl_shard *sh = &t->shards[s->shard];
    struct nfl_due last = sh->due[--sh->n];
    uint32_t id = nfl_table_id(t, s);
    uint64_t i = nfl_table_cold(t, id)->place;

    if (last.id == id)
        return;
    down(t, sh, last, i);
    up(t, sh, last, nfl_table_cold(t, last.id)->place);
    if (i == 0)
        fetch(t, sh);
}

struct nfl_session *nfl_age_due(struct nfl_table *t, uint64_t now)
{
    for (;;) {
        struct nfl_shard *sh = t->heap[0];
        struct nfl_session *s;

        if (sh->key.due >> NFL_ARMED_HIGH > now)
            return NULL;
        /* What is not first of all shards is not looked at: memory has till
         * then to answer for it. */
        if (sh->n > 0 && !before(&sh->key, &sh->due[0])) {
            s = root(t, sh);
            if (is_true(&sh->key, s))
                return s;
        }
        sh->key = sh->n > 0 ? sh->due[0] : (struct nfl_due){UINT64_MAX, ~0u, 0};
        shard_down(t, sh);
    }
}

static uint64_t inserted(const struct nfl_table *t, uint32_t id)
{
    const struct nfl_cold *cold = nfl_table_cold(t, id);

    return (uint64_t)cold->order[0] << 32 | cold->order[1];
}

/* The first inserted of those below i that expire at `tick`. */
static uint32_t first_inserted(const struct nfl_table *t,
                               const struct nfl_shard *sh, uint64_t i,
                               uint64_t tick, uint32_t best)
{
    uint32_t id;

    if (i >= sh->n || sh->due[i].due >> NFL_ARMED_HIGH != tick)
        return best;
    id = sh->due[i].id;
    if (nfl_session_expires(nfl_table_at(t, id)) == tick &&
        inserted(t, id) < inserted(t, best))
        best = id;
    best = first_inserted(t, sh, 2 * i + 1, tick, best);
    return first_inserted(t, sh, 2 * i + 2, tick, best);
}

struct nfl_session *nfl_age_idlest(struct nfl_table *t, unsigned shard)
{
    struct nfl_shard *sh = &t->shards[shard];
    struct nfl_session *s = root(t, sh);

    if (!s)
        return NULL;
    return nfl_table_at(t, first_inserted(t, sh, 0, nfl_session_expires(s),
                                          nfl_table_id(t, s)));
}
