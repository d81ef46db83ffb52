/* A worker: the chains of a module, the clock, and bursts of packets. */
#include "core/fail.h"
#include "flow/config.h"
#include "flow/early.h"
#include "flow/memory.h"
#include "flow/monitor.h"
#include "flow/table.h"
#include "flow/timer.h"
#include <nfl/made.h>
#include <nfl/options.h>
#include <nfl/queue.h>
#include <nfl/table.h>
#include <nfl/trace.h>
#include <stdlib.h>
#include <string.h>

/* ---- set-up ---- */

/* What a compiler of another version, or a mistake in ours, would get wrong. */
static bool chain_sane(const struct nfl_chain_desc *d, char *err, size_t errlen)
{
    if (d->n_nfs > 64)
        return nfl_fail(err, errlen, "chain %s: more than 64 NFs", d->name);
    if (d->shards < 1 || d->shards > UINT16_MAX)
        return nfl_fail(err, errlen, "chain %s: shards must be 1 to 65535",
                        d->name);
    if (d->shared_bytes % 16 != 0 || d->atomic_bytes % 64 != 0 ||
        (d->flows &&
         (d->flows->entry_bytes < sizeof(struct nfl_session) + d->n_hops ||
          d->flows->entry_bytes % NFL_SESSION_ALIGN != 0)))
        return nfl_fail(err, errlen,
                        "chain %s: the program does not fit this runtime; "
                        "compile it again",
                        d->name);
    return true;
}

/* Zeroed, and in lines of the cache that no other worker touches. */
static void *blocks(size_t n, size_t bytes)
{
    const size_t line = 64;
    size_t len;
    void *p;

    if (bytes && n > SIZE_MAX / 2 / bytes)
        return NULL;
    len = (n * bytes + line) / line * line;
    p = aligned_alloc(line, len);
    if (p)
        memset(p, 0, len);
    return p;
}

static bool tabs_init(struct nfl_chain *c, uint64_t seed, char *err,
                      size_t errlen)
{
    unsigned i;

    c->tabs = calloc(c->desc->n_tables + 1, sizeof(*c->tabs));
    if (!c->tabs)
        return nfl_fail(err, errlen, "chain %s: no memory for its tables",
                        c->desc->name);
    for (i = 0; i < c->desc->n_tables; i++) {
        c->tabs[i] =
            nfl_tab_new(c->desc, &c->desc->tables[i], seed, err, errlen);
        if (!c->tabs[i])
            return false;
    }
    return true;
}

static bool objects_init(struct nfl_chain *c, struct nfl_setup *setup)
{
    unsigned i;

    for (i = 0; i < c->desc->n_objects; i++) {
        c->objects[i] = c->desc->make(c, setup, i);
        if (!c->objects[i])
            return false;
    }
    return true;
}

/* The objects, tables and the atomic state of the first worker's chain, of
 * which this is another's. */
static void borrow(struct nfl_chain *c, const struct nfl_chain *first)
{
    unsigned i;

    for (i = 0; i < c->desc->n_objects; i++)
        c->objects[i] = first->objects[i];
    c->atomic = first->atomic;
    c->tabs = first->tabs;
    c->owner = first->owner;
    c->next = first->next;
    c->next_object = first->next_object;
    c->queues = first->queues;
    c->owner_object = first->owner_object;
}

/* `first` is the same chain of the first worker, NULL for its own. */
static bool chain_init(struct nfl_chain *c, const struct nfl_chain *first,
                       const struct nfl_part *part, struct nfl_setup *setup,
                       char *err, size_t errlen)
{
    const struct nfl_chain_desc *d = c->desc;

    if (!chain_sane(d, err, errlen))
        return false;
    c->seed = setup->seed;
    c->wake = UINT64_MAX;
    c->objects = blocks(d->n_objects, sizeof(*c->objects));
    c->shared = blocks(d->shards, d->shared_bytes);
    c->runs = blocks(d->n_handlers, sizeof(*c->runs));
    c->timers = blocks(d->n_timers, sizeof(*c->timers));
    c->borrowed = first != NULL;
    if (!first)
        c->atomic = blocks(1, d->atomic_bytes);
    if (!c->objects || !c->shared || !c->runs || !c->timers ||
        (!first && !c->atomic))
        return nfl_fail(err, errlen, "chain %s: no memory for shared state",
                        d->name);
    if (d->flows) {
        c->table =
            nfl_table_new(d, part->index, part->of, setup->seed, err, errlen);
        if (!c->table)
            return false;
    }
    if (!nfl_monitor_init(c, part, err, errlen) ||
        !nfl_early_init(c, part, err, errlen))
        return false;
    if (first) {
        borrow(c, first);
        return true;
    }
    if (!tabs_init(c, setup->seed, err, errlen))
        return false;
    setup->shards = d->shards;
    setup->err[0] = '\0';
    if (!objects_init(c, setup))
        return nfl_fail(err, errlen, "%s",
                        setup->err[0] ? setup->err : "no memory");
    return true;
}

/* Leases that live flows hold lie in the objects: nothing is given back. */
static void chain_fini(struct nfl_chain *c)
{
    unsigned i;

    for (i = c->objects && !c->borrowed ? c->desc->n_objects : 0; i > 0; i--)
        if (c->objects[i - 1])
            c->desc->discard(c->objects[i - 1], i - 1);
    nfl_table_free(c->table);
    nfl_monitor_fini(c);
    nfl_early_fini(c);
    for (i = 0; c->tabs && !c->borrowed && i < c->desc->n_tables; i++)
        nfl_tab_free(c->tabs[i]);
    if (!c->borrowed)
        free(c->tabs);
    free(c->objects);
    free(c->shared);
    if (!c->borrowed)
        free(c->atomic);
    free(c->runs);
    free(c->timers);
}

/* For what NFs make of the packets of a burst, and of those that go on behind
 * each. It is seldom needed: most of it is never touched. */
static size_t made_room(const struct nfl_worker *w, const struct nfl_module *m)
{
    size_t each = 0, early = 0, n;
    unsigned i;

    for (i = 0; i < w->n_chains; i++) {
        n = nfl_queues_each(&w->chains[i]);
        each = n > each ? n : each;
        n = nfl_early_most(&w->chains[i]);
        early = n > early ? n : early;
    }
    return (NFL_BURST + early) * (m->makes + each * (m->makes + 1)) + early;
}

static bool made_new(struct nfl_worker *w, const struct nfl_module *m,
                     char *err, size_t errlen)
{
    w->made_room = made_room(w, m);
    w->made = nfl_memory_new(w->made_room + 1, sizeof(*w->made));
    if (!w->made)
        return nfl_fail(err, errlen, "no memory");
    w->turned = &w->made[w->made_room];
    return true;
}

static bool streams_new(struct nfl_worker *w, char *err, size_t errlen)
{
    size_t room = 0, n;
    unsigned i;

    for (i = 0; i < w->n_chains; i++) {
        n = nfl_monitor_scratch(&w->chains[i]);
        room = n > room ? n : room;
    }
    if (room)
        w->streams = blocks(1, room);
    return !room || w->streams || nfl_fail(err, errlen, "no memory");
}

bool nfl_worker_init(struct nfl_worker *w, const struct nfl_part *part,
                     const struct nfl_module *m, const void *options,
                     uint64_t seed, char *err, size_t errlen)
{
    static const struct nfl_part alone = {NULL, 0, 1};
    struct nfl_setup setup = {.module = m, .options = options, .seed = seed};
    const struct nfl_worker *first;
    unsigned i;

    part = part ? part : &alone;
    setup.workers = part->of;
    first = part->first;
    memset(w, 0, sizeof(*w));
    w->index = part->index;
    w->of = part->of;
    if (m->abi != NFL_MODULE_ABI)
        return nfl_fail(err, errlen,
                        "%s was compiled for another version of the runtime; "
                        "compile it again",
                        m->name);
    w->drops = blocks(NFL_DROP_N + m->n_reasons, sizeof(*w->drops));
    w->chains = blocks(m->n_chains, sizeof(*w->chains));
    w->payload = blocks(1, NFL_FRAME_MAX);
    if (!w->drops || !w->chains || !w->payload) {
        nfl_worker_fini(w);
        return nfl_fail(err, errlen, "no memory");
    }
    for (i = 0; i < m->n_chains; i++)
        w->chains[i].desc = m->chains[i];
    w->n_chains = m->n_chains;
    if (!nfl_configs_new(w, first, m, options, err, errlen)) {
        nfl_worker_fini(w);
        return false;
    }
    for (i = 0; i < m->n_chains; i++) {
        if (!chain_init(&w->chains[i], first ? &first->chains[i] : NULL, part,
                        &setup, err, errlen)) {
            nfl_worker_fini(w);
            return false;
        }
    }
    if (streams_new(w, err, errlen) && made_new(w, m, err, errlen) &&
        (first || nfl_configs_prepare(w, &setup, options, err, errlen)))
        return true;
    nfl_worker_fini(w);
    return false;
}

void nfl_worker_fini(struct nfl_worker *w)
{
    nfl_configs_free(w);
    while (w->n_chains > 0)
        chain_fini(&w->chains[--w->n_chains]);
    free(w->chains);
    free(w->drops);
    free(w->payload);
    free(w->streams);
    if (w->made)
        nfl_memory_free(w->made, w->made_room + 1, sizeof(*w->made));
    w->chains = NULL;
    w->drops = NULL;
    w->payload = NULL;
    w->streams = NULL;
    w->made = NULL;
}

/* ---- the clock ---- */

enum { NS_A_TICK = 1000000 };

static bool anything_due(const struct nfl_worker *w)
{
    unsigned i;

    for (i = 0; i < w->n_chains; i++)
        if (w->chains[i].table && !nfl_age_quiet(w->chains[i].table, w->now))
            return true;
    return false;
}

/* In a trace that is one of several a line says when the flow was due, so that
 * they can be put together: core/trace_merge.c. */
static void end_one(struct nfl_worker *w, struct nfl_chain *c,
                    struct nfl_session *s)
{
    if (w->trace && w->apart)
        nfl_trace_due(w->trace, nfl_session_expires(s),
                      (unsigned)(c - w->chains), nfl_session_armed(s));
    nfl_session_end_some(w, c, s);
    if (w->trace && w->apart)
        nfl_trace_due(w->trace, UINT64_MAX, 0, 0);
}

/* The first of all chains, by tick, then by chain; among those of a chain by
 * arming. */
static struct nfl_session *first_end(struct nfl_worker *w,
                                     struct nfl_chain **of)
{
    struct nfl_session *s, *first = NULL;
    unsigned i;

    for (i = 0; i < w->n_chains; i++) {
        if (!w->chains[i].table)
            continue;
        s = nfl_age_due(w->chains[i].table, w->now);
        if (s &&
            (!first || nfl_session_expires(s) < nfl_session_expires(first))) {
            first = s;
            *of = &w->chains[i];
        }
    }
    return first;
}

static void all_ended(struct nfl_worker *w)
{
    unsigned i;

    for (i = 0; i < w->n_chains; i++)
        nfl_session_ended(&w->chains[i]);
}

/* Timers come by tick, then by chain, among those of a chain after the ends of
 * its flows. */
static void end_due(struct nfl_worker *w)
{
    struct nfl_timer t;
    struct nfl_session *s;
    struct nfl_chain *of = NULL;
    bool timer;

    for (;;) {
        timer = nfl_timer_first(w, &t);
        s = first_end(w, &of);
        if (!timer && !s)
            break;
        if (!timer ||
            (s && (nfl_session_expires(s) < t.due ||
                   (nfl_session_expires(s) == t.due && of <= t.chain)))) {
            end_one(w, of, s);
        } else {
            all_ended(w);
            nfl_timer_run(w, &t);
        }
    }
    all_ended(w);
}

static void set_clock(struct nfl_worker *w, uint64_t tick)
{
    if (tick <= w->now)
        return;
    if (w->now == 0)
        nfl_timers_start(w, tick);
    w->now = tick;
    w->next_tick =
        tick < UINT64_MAX / NS_A_TICK - 1 ? (tick + 1) * NS_A_TICK : UINT64_MAX;
    if (tick >= w->timer_at || anything_due(w))
        end_due(w);
    if (w->now >= w->change_at)
        nfl_configs_change(w);
}

/* Steps of its own packets come twice, and change nothing the second time. */
static void take_steps(struct nfl_worker *w, uint64_t before)
{
    while (w->n_steps > 0 && w->steps->number < before) {
        w->packets = w->steps->number;
        set_clock(w, w->steps->now);
        w->steps++;
        w->n_steps--;
    }
}

void nfl_worker_step(struct nfl_worker *w, const struct nfl_pkt *p)
{
    if (w->n_steps > 0)
        take_steps(w, p->number);
    w->packets = p->number ? p->number : w->packets + 1;
    set_clock(w, p->time / NS_A_TICK);
}

void nfl_worker_clock(struct nfl_worker *w, uint64_t time)
{
    set_clock(w, time / NS_A_TICK);
}

void nfl_worker_catch_up(struct nfl_worker *w)
{
    take_steps(w, UINT64_MAX);
}

/* ---- bursts ---- */

struct nfl_chain *nfl_chain_of(const struct nfl_worker *w, unsigned port,
                               uint16_t *reason)
{
    unsigned i;

    *reason = NFL_DROP_no_chain;
    for (i = 0; i < w->n_chains; i++) {
        const struct nfl_chain_desc *d = w->chains[i].desc;

        if (nfl_chain_enters(d, port))
            return &w->chains[i];
        if (d->port[1] == port)
            *reason = NFL_DROP_one_way;
    }
    return NULL;
}

static void refuse(struct nfl_worker *w, struct nfl_pkt *p, uint16_t reason)
{
    nfl_worker_tick(w, p);
    p->out = NFL_OUT_DROP;
    p->reason = reason;
    w->drops[reason]++;
}

void nfl_worker_go_on(struct nfl_worker *w, uint64_t time)
{
    unsigned i;

    w->n_made = w->n_passed = 0;
    w->still = (struct nfl_pkt){.time = time, .number = w->packets};
    for (i = 0; i < w->n_chains; i++)
        if (w->chains[i].wake <= w->now)
            w->chains[i].desc->go_on(w, &w->chains[i], &w->still);
}

/* Chains that share ports have one burst function. */
static bool goes_along(const struct nfl_worker *w, const struct nfl_chain *c,
                       unsigned port)
{
    uint16_t reason;
    const struct nfl_chain *next = nfl_chain_of(w, port, &reason);

    return next && next->desc->burst == c->desc->burst;
}

void nfl_worker_burst(struct nfl_worker *w, const struct nfl_module *m,
                      struct nfl_pkt *const *pkts, unsigned n)
{
    unsigned i = 0, from;
    uint16_t reason = 0;

    (void)m;
    w->n_made = w->n_passed = 0;
    while (i < n) {
        struct nfl_chain *c = nfl_chain_of(w, pkts[i]->port, &reason);

        if (!c) {
            refuse(w, pkts[i++], reason);
            continue;
        }
        from = i++;
        while (i < n && (pkts[i]->port == pkts[from]->port ||
                         goes_along(w, c, pkts[i]->port)))
            i++;
        c->desc->burst(w, c, pkts + from, i - from);
    }
}
