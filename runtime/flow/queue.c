#include "flow/away.h"
#include <nfl/module.h>
#include <nfl/queue.h>
#include <stdlib.h>
#include <string.h>

struct nfl_waiting {
    struct nfl_waiting *next;
    uint64_t due;
    struct nfl_away away;
};

/* ---- making ---- */

static void waits_init(struct nfl_waits *l)
{
    l->first = NULL;
    l->end = &l->first;
}

bool nfl_queue_init(struct nfl_queue *q, struct nfl_chain *c, uint32_t size,
                    uint32_t each, uint64_t ticks, unsigned words)
{
    struct nfl_queue **last = &c->queues;
    uint32_t i;

    *q = (struct nfl_queue){
        .size = size,
        .each = each,
        .ticks = ticks,
        .words = words,
        .slots = calloc(size, sizeof(*q->slots)),
        .keys = calloc((size_t)size * words + 1, sizeof(*q->keys)),
        .bytes = calloc(size, NFL_MADE_FRAME),
    };
    if (!q->slots || !q->keys || !q->bytes) {
        nfl_queue_fini(q);
        return false;
    }
    waits_init(&q->waiting);
    waits_init(&q->ready);
    for (i = size; i > 0; i--) {
        q->slots[i - 1].next = q->free;
        q->free = &q->slots[i - 1];
    }
    while (*last)
        last = &(*last)->next;
    *last = q;
    return true;
}

void nfl_queue_fini(struct nfl_queue *q)
{
    free(q->slots);
    free(q->keys);
    free(q->bytes);
}

/* ---- lists ---- */

static void put(struct nfl_waits *l, struct nfl_waiting *x)
{
    x->next = NULL;
    *l->end = x;
    l->end = &x->next;
}

static struct nfl_waiting *take(struct nfl_waits *l, struct nfl_waiting **at)
{
    struct nfl_waiting *x = *at;

    *at = x->next;
    if (!x->next)
        l->end = at;
    return x;
}

static void give(struct nfl_queue *q, struct nfl_waiting *x)
{
    x->next = q->free;
    q->free = x;
}

static size_t slot_of(const struct nfl_queue *q, const struct nfl_waiting *x)
{
    return (size_t)(x - q->slots);
}

static uint64_t *key_of(const struct nfl_queue *q, const struct nfl_waiting *x)
{
    return q->keys + slot_of(q, x) * q->words;
}

static uint8_t *bytes_of(const struct nfl_queue *q, const struct nfl_waiting *x)
{
    return q->bytes + slot_of(q, x) * NFL_MADE_FRAME;
}

static bool has_key(const struct nfl_queue *q, const struct nfl_waiting *x,
                    const uint64_t *key)
{
    return memcmp(key_of(q, x), key, q->words * sizeof(*key)) == 0;
}

/* ---- what NFs call ---- */

/* Where `each` packets of the key wait, the first of them makes room. */
static void make_room(struct nfl_queue *q, struct nfl_worker *w,
                      const uint64_t *key)
{
    struct nfl_waiting **at, **first = NULL;
    uint32_t n = 0;

    for (at = &q->waiting.first; *at; at = &(*at)->next) {
        if (!has_key(q, *at, key))
            continue;
        first = first ? first : at;
        n++;
    }
    if (n < q->each)
        return;
    give(q, take(&q->waiting, first));
    q->crowded++;
    w->drops[NFL_DROP_waits_room]++;
}

bool nfl_queue_hold(struct nfl_queue *q, const struct nfl_ctx *c,
                    const struct nfl_pkt *p, const struct nfl_tuple *t,
                    const uint64_t *key)
{
    struct nfl_waiting *x;

    if (p->origin == NFL_GENERATED || p->len > NFL_MADE_FRAME)
        return false;
    make_room(q, c->worker, key);
    x = q->free;
    if (!x) {
        q->refused++;
        return false;
    }
    q->free = x->next;
    x->due = c->worker->now + q->ticks;
    nfl_away_put(&x->away, bytes_of(q, x), c, p, t);
    memcpy(key_of(q, x), key, q->words * sizeof(*key));
    put(&q->waiting, x);
    q->held++;
    if (x->due < c->chain->wake)
        c->chain->wake = x->due;
    return true;
}

void nfl_queue_release(struct nfl_queue *q, const struct nfl_ctx *c,
                       const uint64_t *key)
{
    struct nfl_waiting **at = &q->waiting.first;

    while (*at) {
        if (!has_key(q, *at, key)) {
            at = &(*at)->next;
            continue;
        }
        put(&q->ready, take(&q->waiting, at));
        c->chain->wake = 0;
    }
}

unsigned nfl_queue_count(const struct nfl_queue *q, const uint64_t *key)
{
    const struct nfl_waiting *x;
    unsigned n = 0;

    for (x = q->waiting.first; x; x = x->next)
        n += has_key(q, x, key);
    return n;
}

/* ---- going on ---- */

unsigned nfl_queues_each(const struct nfl_chain *c)
{
    const struct nfl_queue *q;
    unsigned n = 0;

    for (q = c->queues; q; q = q->next)
        n += q->each;
    return n;
}

struct nfl_turn nfl_queues_turn(struct nfl_worker *w, const struct nfl_chain *c,
                                const struct nfl_pkt *behind)
{
    w->behind = behind;
    return (struct nfl_turn){c->queues, 0};
}

/* The first tick at which one may go on; 0: they were released. */
static uint64_t wake(const struct nfl_chain *c)
{
    const struct nfl_queue *q;
    uint64_t first = UINT64_MAX;

    for (q = c->queues; q; q = q->next) {
        if (q->ready.first)
            return 0;
        if (q->waiting.first && q->waiting.first->due < first)
            first = q->waiting.first->due;
    }
    return first;
}

static struct nfl_waiting *next_of(struct nfl_queue *q, uint64_t now)
{
    if (q->ready.first)
        return take(&q->ready, &q->ready.first);
    if (q->waiting.first && q->waiting.first->due <= now)
        return take(&q->waiting, &q->waiting.first);
    return NULL;
}

struct nfl_made *nfl_queues_next(struct nfl_worker *w, struct nfl_chain *c,
                                 struct nfl_turn *t)
{
    struct nfl_waiting *x;
    struct nfl_made *m;

    for (; t->queue; t->queue = t->queue->next, t->n = 0) {
        x = t->n < t->queue->each ? next_of(t->queue, w->now) : NULL;
        if (!x)
            continue;
        t->n++;
        m = nfl_away_back(w, &x->away, bytes_of(t->queue, x));
        give(t->queue, x);
        return m;
    }
    w->behind = NULL;
    c->wake = wake(c);
    return NULL;
}

/* ---- who waits in vain ---- */

/* Of a flow, or all (NULL). */
static void drop_some(struct nfl_worker *w, struct nfl_queue *q,
                      struct nfl_waits *l, const struct nfl_session *s,
                      enum nfl_drop reason)
{
    struct nfl_waiting **at = &l->first;

    while (*at) {
        if (s && (*at)->away.session != s) {
            at = &(*at)->next;
            continue;
        }
        give(q, take(l, at));
        w->drops[reason]++;
    }
}

void nfl_queues_forget(struct nfl_worker *w, const struct nfl_chain *c,
                       const struct nfl_session *s)
{
    struct nfl_queue *q;

    for (q = c->queues; q; q = q->next) {
        drop_some(w, q, &q->waiting, s, NFL_DROP_waits_flow);
        drop_some(w, q, &q->ready, s, NFL_DROP_waits_flow);
    }
}

void nfl_queues_end(struct nfl_worker *w, struct nfl_chain *c)
{
    struct nfl_queue *q;

    for (q = c->queues; q; q = q->next) {
        drop_some(w, q, &q->waiting, NULL, NFL_DROP_waits_end);
        drop_some(w, q, &q->ready, NULL, NFL_DROP_waits_end);
    }
    c->wake = UINT64_MAX;
}
