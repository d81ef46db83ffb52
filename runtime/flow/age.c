/* When sessions are due: a heap of the sessions for each shard, and one of the
 * shards. Keys are lower bounds, made true at the root. */
#include "flow/table.h"

/* ---- the heap of the shards ---- */

static bool shard_before(const struct nfl_shard *a, const struct nfl_shard *b)
{
    return a->expires < b->expires ||
           (a->expires == b->expires && a->armed < b->armed);
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

static bool before(const struct nfl_due *a, const struct nfl_due *b)
{
    return a->expires < b->expires ||
           (a->expires == b->expires && a->armed < b->armed);
}

static void place(struct nfl_shard *sh, struct nfl_due d, uint64_t i)
{
    sh->due[i] = d;
    d.session->place = i;
}

static void up(struct nfl_shard *sh, struct nfl_due d, uint64_t i)
{
    for (; i > 0 && before(&d, &sh->due[(i - 1) / 2]); i = (i - 1) / 2)
        place(sh, sh->due[(i - 1) / 2], i);
    place(sh, d, i);
}

static void down(struct nfl_shard *sh, struct nfl_due d, uint64_t i)
{
    uint64_t child;

    for (; (child = 2 * i + 1) < sh->n; i = child) {
        if (child + 1 < sh->n && before(&sh->due[child + 1], &sh->due[child]))
            child++;
        if (!before(&sh->due[child], &d))
            break;
        place(sh, sh->due[child], i);
    }
    place(sh, d, i);
}

static struct nfl_due due_of(struct nfl_session *s)
{
    return (struct nfl_due){s->expires, s->armed, s};
}

/* The shard's root may be earlier now than the shard's key. */
static void tell(struct nfl_table *t, struct nfl_shard *sh)
{
    if (sh->expires < sh->due[0].expires ||
        (sh->expires == sh->due[0].expires && sh->armed <= sh->due[0].armed))
        return;
    sh->expires = sh->due[0].expires;
    sh->armed = sh->due[0].armed;
    shard_up(t, sh);
}

/* Makes the root's key true; NULL if the shard has no sessions. */
static struct nfl_session *root(struct nfl_shard *sh)
{
    struct nfl_session *s;

    while (sh->n > 0) {
        s = sh->due[0].session;
        if (sh->due[0].armed == s->armed)
            return s;
        down(sh, due_of(s), 0);
    }
    return NULL;
}

/* ---- sessions ---- */

/* A packet arms one session of a chain; whoever calls this more often without
 * a new packet gets numbers that go on. */
static void refresh(struct nfl_table *t, struct nfl_session *s,
                    const struct nfl_worker *w)
{
    t->armed = w->packets > t->armed ? w->packets : t->armed + 1;
    s->expires = w->now + t->timeout[s->phase];
    s->armed = t->armed;
}

void nfl_age_add(struct nfl_table *t, struct nfl_session *s,
                 const struct nfl_worker *w)
{
    struct nfl_shard *sh = &t->shards[s->shard];

    refresh(t, s, w);
    up(sh, due_of(s), sh->n++);
    tell(t, sh);
}

/* Its key, a lower bound of the old expiry, is one of a later one, too. It is
 * looked at only if a new phase has a shorter timeout. */
void nfl_age_arm(struct nfl_table *t, struct nfl_session *s,
                 const struct nfl_worker *w)
{
    struct nfl_shard *sh = &t->shards[s->shard];
    uint64_t old = s->expires;

    refresh(t, s, w);
    if (s->expires >= old || s->expires >= sh->due[s->place].expires)
        return;
    up(sh, due_of(s), s->place);
    tell(t, sh);
}

void nfl_age_remove(struct nfl_table *t, struct nfl_session *s)
{
    struct nfl_shard *sh = &t->shards[s->shard];
    struct nfl_due last = sh->due[--sh->n];
    uint64_t i = s->place;

    if (last.session == s)
        return;
    down(sh, last, i);
    up(sh, last, last.session->place);
}

struct nfl_session *nfl_age_due(struct nfl_table *t, uint64_t now)
{
    for (;;) {
        struct nfl_shard *sh = t->heap[0];
        struct nfl_session *s;

        if (sh->expires > now)
            return NULL;
        s = root(sh);
        if (s && sh->armed == s->armed)
            return s;
        sh->expires = s ? s->expires : UINT64_MAX;
        sh->armed = s ? s->armed : UINT64_MAX;
        shard_down(t, sh);
    }
}

/* The first inserted of those below i that expire with `best`. */
static struct nfl_session *first_inserted(const struct nfl_shard *sh,
                                          uint64_t i, struct nfl_session *best)
{
    struct nfl_session *s;

    if (i >= sh->n || sh->due[i].expires != best->expires)
        return best;
    s = sh->due[i].session;
    if (s->expires == best->expires && s->inserted < best->inserted)
        best = s;
    best = first_inserted(sh, 2 * i + 1, best);
    return first_inserted(sh, 2 * i + 2, best);
}

struct nfl_session *nfl_age_idlest(struct nfl_table *t, unsigned shard)
{
    struct nfl_session *s = root(&t->shards[shard]);

    return s ? first_inserted(&t->shards[shard], 0, s) : NULL;
}
