#include <nfl/queue.h>
#include <nfl/module.h>
#include <stdlib.h>
#include <string.h>

struct nfl_waiting {
    struct nfl_waiting *next;
    struct nfl_session *session; /* NULL: it has no flow */
    uint64_t due;
    uint32_t len;
    uint16_t port;         /* where it arrived */
    uint16_t by;           /* position of the NF */
    uint16_t sport, dport; /* of a later fragment, as nfl_pkt */
    uint8_t later, proto, origin;
    uint32_t cut_id; /* of a whole datagram, as nfl_pkt */
    uint16_t cut;
    uint8_t joined;
    uint8_t side;
    bool back;
    bool has_tuple; /* with which it arrived */
    struct nfl_tuple tuple;
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
        .bytes = calloc(size, NFL_QUEUE_BYTES),
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
    return q->bytes + slot_of(q, x) * NFL_QUEUE_BYTES;
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

static void copy_in(struct nfl_queue *q, struct nfl_waiting *x,
                    const struct nfl_ctx *c, const struct nfl_pkt *p,
                    const struct nfl_tuple *t)
{
    x->has_tuple = t != NULL;
    if (t)
        x->tuple = *t;
    x->session = c->session;
    x->due = c->worker->now + q->ticks;
    x->len = p->len;
    x->port = p->port;
    x->by = (uint16_t)c->nf;
    x->origin = p->origin;
    x->later = p->later;
    x->proto = p->proto;
    x->sport = p->later ? p->sport : 0;
    x->dport = p->later ? p->dport : 0;
    x->cut = p->cut;
    x->cut_id = p->cut_id;
    x->joined = p->joined;
    x->side = (uint8_t)c->side;
    x->back = c->back;
    if (p->len)
        memcpy(bytes_of(q, x), p->data, p->len);
}

bool nfl_queue_hold(struct nfl_queue *q, const struct nfl_ctx *c,
                    const struct nfl_pkt *p, const struct nfl_tuple *t,
                    const uint64_t *key)
{
    struct nfl_waiting *x;

    if (p->origin == NFL_GENERATED || p->len > NFL_QUEUE_BYTES)
        return false;
    make_room(q, c->worker, key);
    x = q->free;
    if (!x) {
        q->refused++;
        return false;
    }
    q->free = x->next;
    copy_in(q, x, c, p, t);
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

/* What it made goes on behind it, and everything before it has. */
static struct nfl_made *begin(struct nfl_worker *w, const struct nfl_queue *q,
                              const struct nfl_waiting *x)
{
    struct nfl_made *m = &w->made[w->n_made++];

    w->n_passed = w->n_made;
    m->cause = w->behind;
    m->session = x->session;
    m->by = x->by;
    m->side = x->side;
    m->back = x->back;
    m->has_tuple = x->has_tuple;
    m->tuple = x->tuple;
    m->pkt = (struct nfl_pkt){
        .data = m->bytes + NFL_MADE_ROOM,
        .len = x->len,
        .headroom = NFL_MADE_ROOM,
        .port = x->port,
        .origin = x->origin,
        .sport = x->sport,
        .dport = x->dport,
        .later = x->later,
        .proto = x->proto,
        .cut = x->cut,
        .cut_id = x->cut_id,
        .joined = x->joined,
        .time = w->behind->time,
        .number = w->behind->number,
    };
    if (x->len)
        memcpy(m->pkt.data, bytes_of(q, x), x->len);
    return m;
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
        m = begin(w, t->queue, x);
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
        if (s && (*at)->session != s) {
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
