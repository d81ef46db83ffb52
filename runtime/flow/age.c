/* When sessions are due: lists in order of refresh, and a heap of the lists. */
#include "flow/table.h"

/* ---- the heap ---- */

static bool before(const struct nfl_age *a, const struct nfl_age *b)
{
    return a->expires < b->expires ||
           (a->expires == b->expires && a->armed < b->armed);
}

static void place(struct nfl_table *t, struct nfl_age *a, uint32_t i)
{
    t->heap[i] = a;
    a->heap = i;
}

static void sift_up(struct nfl_table *t, struct nfl_age *a)
{
    uint32_t i = a->heap;

    for (; i > 0 && before(a, t->heap[(i - 1) / 2]); i = (i - 1) / 2)
        place(t, t->heap[(i - 1) / 2], i);
    place(t, a, i);
}

static void sift_down(struct nfl_table *t, struct nfl_age *a)
{
    uint32_t i = a->heap, child;

    for (; (child = 2 * i + 1) < t->n_ages; i = child) {
        if (child + 1 < t->n_ages && before(t->heap[child + 1], t->heap[child]))
            child++;
        if (!before(t->heap[child], a))
            break;
        place(t, t->heap[child], i);
    }
    place(t, a, i);
}

/* ---- the lists ---- */

static struct nfl_age *age_of(struct nfl_table *t, const struct nfl_session *s)
{
    return &t->shards[s->shard].age[s->phase];
}

void nfl_age_init(struct nfl_table *t, uint32_t shards)
{
    uint32_t i, n = 0;
    unsigned phase;

    for (i = 0; i < shards; i++) {
        for (phase = 0; phase < NFL_PHASE_N; phase++) {
            struct nfl_age *a = &t->shards[i].age[phase];

            a->expires = a->armed = UINT64_MAX;
            place(t, a, n++);
        }
    }
}

void nfl_age_arm(struct nfl_table *t, struct nfl_session *s, uint64_t now)
{
    struct nfl_age *a = age_of(t, s);

    s->expires = now + t->timeout[s->phase];
    s->armed = ++t->armed;
    s->age_prev = a->tail;
    s->age_next = NULL;
    *(a->tail ? &a->tail->age_next : &a->head) = s;
    a->tail = s;
    if (a->expires <= s->expires)
        return;
    a->expires = s->expires;
    a->armed = s->armed;
    sift_up(t, a);
}

void nfl_age_disarm(struct nfl_table *t, struct nfl_session *s)
{
    struct nfl_age *a = age_of(t, s);

    *(s->age_prev ? &s->age_prev->age_next : &a->head) = s->age_next;
    *(s->age_next ? &s->age_next->age_prev : &a->tail) = s->age_prev;
}

struct nfl_session *nfl_age_due(struct nfl_table *t, uint64_t now)
{
    for (;;) {
        struct nfl_age *a = t->heap[0];
        struct nfl_session *s = a->head;

        if (a->expires > now)
            return NULL;
        if (s && a->expires == s->expires && a->armed == s->armed)
            return s;
        a->expires = s ? s->expires : UINT64_MAX;
        a->armed = s ? s->armed : UINT64_MAX;
        sift_down(t, a);
    }
}

struct nfl_session *nfl_age_idlest(const struct nfl_table *t, unsigned shard)
{
    struct nfl_session *best = NULL, *s;
    unsigned phase;

    for (phase = 0; phase < NFL_PHASE_N; phase++) {
        s = t->shards[shard].age[phase].head;
        if (!s || (best && s->expires > best->expires))
            continue;
        if (!best || s->expires < best->expires)
            best = s;
        for (; s && s->expires == best->expires; s = s->age_next)
            if (s->inserted < best->inserted)
                best = s;
    }
    return best;
}
