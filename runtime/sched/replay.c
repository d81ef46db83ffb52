#include "sched/replay.h"
#include "core/memtext.h"
#include <nfl/made.h>
#include <nfl/trace.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { LINE = 64, SPIN = 256, YIELD = 1024, REST_NS = 50000 };

/* Batches that a worker has done; written by it alone. */
struct progress {
    _Atomic uint64_t done;
    bool lost; /* some of its trace, or what was made */
} __attribute__((aligned(LINE)));

struct nfl_replay {
    _Atomic uint64_t given;
    _Atomic bool end;
    struct nfl_workers *all __attribute__((aligned(LINE)));
    const struct nfl_module *module;
    FILE *trace;
    struct nfl_worker chains; /* to ask for owners, apart from the workers */
    uint64_t taken;           /* batches */
    uint64_t packets, now;
    bool lost;
    struct progress progress[NFL_WORKERS_MAX];
    struct nfl_batch batches[NFL_BATCHES];
};

/* ---- set-up and end ---- */

struct nfl_replay *nfl_replay_new(struct nfl_workers *all,
                                  const struct nfl_module *m, FILE *trace)
{
    struct nfl_replay *r = aligned_alloc(LINE, sizeof(*r));
    unsigned i;

    if (!r)
        return NULL;
    memset(r, 0, sizeof(*r));
    r->all = all;
    r->module = m;
    r->trace = trace;
    r->chains = *all->at[0];
    for (i = 0; i < all->n; i++)
        all->at[i]->apart = true;
    for (i = 0; i < NFL_BATCHES; i++) {
        r->batches[i].trace = calloc(all->n, sizeof(*r->batches[i].trace));
        if (!r->batches[i].trace) {
            nfl_replay_free(r);
            return NULL;
        }
    }
    return r;
}

void nfl_replay_free(struct nfl_replay *r)
{
    unsigned i, k;

    for (i = 0; r && i < NFL_BATCHES; i++) {
        for (k = 0; r->batches[i].trace && k < r->all->n; k++)
            free(r->batches[i].trace[k].text);
        free(r->batches[i].trace);
    }
    free(r);
}

/* Longer and longer: there may be fewer CPUs than threads. */
static void rest(unsigned *tries)
{
    const struct timespec t = {.tv_nsec = REST_NS};

    if (++*tries < SPIN)
        atomic_signal_fence(memory_order_seq_cst);
    else if (*tries < YIELD)
        sched_yield();
    else
        nanosleep(&t, NULL);
}

static struct nfl_batch *batch(struct nfl_replay *r, uint64_t n)
{
    return &r->batches[n % NFL_BATCHES];
}

/* ---- the main thread ---- */

struct nfl_batch *nfl_replay_empty(struct nfl_replay *r)
{
    uint64_t given = atomic_load_explicit(&r->given, memory_order_relaxed);

    return given - r->taken < NFL_BATCHES ? batch(r, given) : NULL;
}

void nfl_replay_give(struct nfl_replay *r)
{
    uint64_t given = atomic_load_explicit(&r->given, memory_order_relaxed);
    struct nfl_batch *b = batch(r, given);
    unsigned i;

    b->n_steps = 0;
    for (i = 0; i < b->n; i++) {
        struct nfl_pkt *p = &b->slots[i].pkt;
        uint64_t tick = p->time / 1000000;

        p->number = ++r->packets;
        b->slots[i].owner = nfl_worker_of(&r->chains, r->module, p, i);
        if (tick <= r->now)
            continue;
        r->now = tick;
        b->steps[b->n_steps++] = (struct nfl_step){p->number, tick};
    }
    atomic_store_explicit(&r->given, given + 1, memory_order_release);
}

static void merge_trace(struct nfl_replay *r, struct nfl_batch *b)
{
    unsigned k;

    if (!r->trace)
        return;
    if (!nfl_trace_merge(r->trace, b->trace, r->all->n))
        r->lost = true;
    for (k = 0; k < r->all->n; k++) {
        free(b->trace[k].text);
        b->trace[k] = (struct nfl_trace_part){NULL, 0};
    }
}

struct nfl_batch *nfl_replay_wait(struct nfl_replay *r)
{
    uint64_t given = atomic_load_explicit(&r->given, memory_order_relaxed);
    unsigned k, tries = 0;

    if (r->taken == given)
        return NULL;
    for (k = 0; k < r->all->n; k++)
        while (atomic_load_explicit(&r->progress[k].done,
                                    memory_order_acquire) <= r->taken)
            rest(&tries);
    merge_trace(r, batch(r, r->taken));
    return batch(r, r->taken);
}

const struct nfl_pkt *nfl_replay_made(struct nfl_batch_slot *slot,
                                      const struct nfl_pkt *before)
{
    struct nfl_kept *k = slot->made;

    if (before) {
        slot->made = k->next;
        free(k);
    }
    return slot->made ? &slot->made->pkt : NULL;
}

void nfl_replay_taken(struct nfl_replay *r)
{
    r->taken++;
}

bool nfl_replay_end(struct nfl_replay *r)
{
    unsigned k;

    atomic_store_explicit(&r->end, true, memory_order_release);
    for (k = 0; k < r->all->n; k++)
        r->lost = r->lost || r->progress[k].lost;
    return !r->lost;
}

/* ---- workers ---- */

/* What the packet made outlives the burst. False if there is no memory. */
static bool keep_made(struct nfl_worker *w, struct nfl_batch_slot *slot,
                      unsigned *at)
{
    struct nfl_kept **end = &slot->made, *k;
    const struct nfl_pkt *p;

    *end = NULL;
    while ((p = nfl_made_next(w, &slot->pkt, at))) {
        k = malloc(sizeof(*k) + p->len);
        if (!k)
            return false;
        k->next = NULL;
        k->pkt = *p;
        k->pkt.data = memcpy(k->bytes, p->data, p->len);
        *end = k;
        end = &k->next;
    }
    return true;
}

static void burst(struct nfl_replay *r, struct nfl_worker *w,
                  struct nfl_batch_slot *const *own, unsigned n)
{
    struct nfl_pkt *pkts[NFL_BURST];
    unsigned i, at = 0;

    if (n == 0)
        return;
    for (i = 0; i < n; i++)
        pkts[i] = &own[i]->pkt;
    nfl_worker_burst(w, r->module, pkts, n);
    for (i = 0; i < n; i++)
        if (!keep_made(w, own[i], &at))
            r->progress[w->index].lost = true;
}

static void go_through(struct nfl_replay *r, struct nfl_worker *w,
                       struct nfl_batch *b)
{
    struct nfl_batch_slot *own[NFL_BURST];
    unsigned i, n = 0;

    w->steps = b->steps;
    w->n_steps = b->n_steps;
    for (i = 0; i < b->n; i++) {
        if (b->slots[i].owner != w->index)
            continue;
        own[n++] = &b->slots[i];
        if (n == NFL_BURST) {
            burst(r, w, own, n);
            n = 0;
        }
    }
    burst(r, w, own, n);
    nfl_worker_catch_up(w);
}

/* With a trace, of which the batch gets this worker's part. */
static void go_through_traced(struct nfl_replay *r, struct nfl_worker *w,
                              struct nfl_batch *b)
{
    struct nfl_trace_part *part = &b->trace[w->index];

    struct nfl_memtext t = {0};

    w->trace = nfl_memtext_open(&t);
    go_through(r, w, b);
    if (!w->trace || !nfl_memtext_close(w->trace)) {
        r->progress[w->index].lost = true;
        t.len = 0;
    }
    w->trace = NULL;
    *part = (struct nfl_trace_part){t.text, t.len};
}

void nfl_replay_work(struct nfl_replay *r, unsigned index)
{
    struct progress *p = &r->progress[index];
    uint64_t done = 0;
    unsigned tries = 0;
    bool end;

    for (;;) {
        /* In this order: what was given before the end is done. */
        end = atomic_load_explicit(&r->end, memory_order_acquire);
        if (atomic_load_explicit(&r->given, memory_order_acquire) == done) {
            if (end)
                return;
            rest(&tries);
            continue;
        }
        tries = 0;
        if (r->trace)
            go_through_traced(r, r->all->at[index], batch(r, done));
        else
            go_through(r, r->all->at[index], batch(r, done));
        atomic_store_explicit(&p->done, ++done, memory_order_release);
    }
}
