/* One worker's rounds. It goes on through all of them, so the first one opens
 * the flows, and those after it find them. Each round goes on where the one
 * before ended, so that time never stands still and flows end as they would
 * live. */
#include "ctl/stop.h"
#include "io/bench_lane.h"
#include "io/pool.h"
#include <rte_cycles.h>
#include <rte_memcpy.h>
#include <rte_pause.h>
#include <sched.h>
#include <string.h>

enum { SPIN = 4096 };

bool nfl_bench_lane_init(struct nfl_bench_lane *l)
{
    struct nfl_measure_row *r = l->rows;

    return nfl_measure_init(&r[NFL_BENCH_NEW], "new", "first round: new flows",
                            1) &&
           nfl_measure_init(&r[NFL_BENCH_KNOWN], "known", "processing alone",
                            l->rounds) &&
           nfl_measure_init(&r[NFL_BENCH_IO], "io", "with I/O", l->rounds);
}

void nfl_bench_lane_fini(struct nfl_bench_lane *l)
{
    unsigned i;

    for (i = 0; i < NFL_BENCH_ROWS; i++)
        nfl_measure_fini(&l->rows[i]);
}

/* All lanes are there, or the run was broken off. */
static void meet(struct nfl_bench_gate *g)
{
    unsigned passed = atomic_load(&g->passed), tries = 0;

    if (g->n == 1)
        return;
    if (atomic_fetch_add(&g->here, 1) + 1 == g->n) {
        atomic_store(&g->here, 0);
        atomic_store(&g->passed, passed + 1);
        return;
    }
    while (atomic_load(&g->passed) == passed && !nfl_stop_signal)
        if (++tries < SPIN)
            rte_pause();
        else
            sched_yield();
}

/* ---- the clock ---- */

/* Nothing moves across the look. */
static inline uint64_t look(void)
{
    uint64_t t;

    rte_compiler_barrier();
#ifdef __x86_64__
    __builtin_ia32_lfence();
    t = rte_rdtsc();
    __builtin_ia32_lfence();
#else
    t = rte_rdtsc();
#endif
    rte_compiler_barrier();
    return t;
}

static uint64_t least_look(void)
{
    uint64_t least = UINT64_MAX, t;
    unsigned i;

    for (i = 0; i < 1000; i++) {
        t = look();
        t = look() - t;
        least = t < least ? t : least;
    }
    return least;
}

static void note(struct nfl_bench_lane *l, struct nfl_measure_row *r,
                 uint64_t from, unsigned n)
{
    uint64_t cycles = look() - from;

    nfl_measure_burst(r, cycles > l->looking ? cycles - l->looking : 0, n);
}

/* ---- a burst ---- */

/* A frame so long that the head-room is in its way lies further in front. */
static inline void place(struct rte_mbuf *m, uint32_t len)
{
    uint32_t most = m->buf_len - len;

    m->data_off = (uint16_t)RTE_MIN(most, (uint32_t)RTE_PKTMBUF_HEADROOM);
    m->data_len = (uint16_t)len;
    m->pkt_len = len;
}

static inline void copy_in(struct nfl_bench_lane *l, size_t at, unsigned n)
{
    unsigned i;

    for (i = 0; i < n; i++) {
        const struct nfl_bench_frame *f = &l->frames[at + i];

        place(l->m[i], f->len);
        rte_memcpy(rte_pktmbuf_mtod(l->m[i], void *), f->data, f->len);
        nfl_pkt_of(&l->pkts[i], l->m[i], f->port, f->time + l->shift);
    }
}

static void process(struct nfl_bench_lane *l, unsigned n)
{
    struct nfl_pkt *list[NFL_BURST];
    unsigned i;

    for (i = 0; i < n; i++)
        list[i] = &l->pkts[i];
    nfl_worker_burst(l->worker, l->module, list, n);
}

static void count(struct nfl_bench_lane *l, struct nfl_measure_row *r,
                  unsigned n)
{
    unsigned i;

    for (i = 0; i < n; i++)
        if (l->pkts[i].out == NFL_OUT_DROP)
            r->dropped++;
        else
            r->sent++;
}

/* Buffers of packets that were dropped go back at once: that is theirs to pay.
 * Returns how many. */
static unsigned free_dropped(struct nfl_bench_lane *l, unsigned n)
{
    struct rte_mbuf *dropped[NFL_BURST];
    unsigned i, k = 0;

    for (i = 0; i < n; i++) {
        dropped[k] = l->m[i];
        k += l->pkts[i].out == NFL_OUT_DROP;
    }
    nfl_pool_give(dropped, k);
    return k;
}

/* Buffers in the place of those. */
static bool refill(struct nfl_bench_lane *l, unsigned n, unsigned k)
{
    struct rte_mbuf *fresh[NFL_BURST];
    unsigned i;

    if (k > 0 && rte_pktmbuf_alloc_bulk(l->pool, fresh, k) != 0)
        return false;
    for (i = 0; i < n && k > 0; i++)
        if (l->pkts[i].out == NFL_OUT_DROP)
            l->m[i] = fresh[--k];
    return true;
}

static bool burst_alone(struct nfl_bench_lane *l, struct nfl_measure_row *r,
                        size_t at, unsigned n)
{
    unsigned freed = 0;
    uint64_t t;

    copy_in(l, at, n);
    t = look();
    process(l, n);
    if (l->drops)
        freed = free_dropped(l, n);
    note(l, r, t, n);
    count(l, r, n);
    return refill(l, n, freed);
}

/* A port of memory: its receive takes buffers and copies frames into them, its
 * transmit is done with them at once. */
static bool burst_io(struct nfl_bench_lane *l, struct nfl_measure_row *r,
                     size_t at, unsigned n)
{
    struct rte_mbuf *sent[NFL_BURST];
    unsigned i;
    uint64_t t = look();

    if (rte_pktmbuf_alloc_bulk(l->pool, l->m, n) != 0)
        return false;
    copy_in(l, at, n);
    process(l, n);
    for (i = 0; i < n; i++)
        sent[i] = nfl_pkt_buffer(&l->pkts[i]);
    rte_pktmbuf_free_bulk(sent, n);
    note(l, r, t, n);
    count(l, r, n);
    return true;
}

/* ---- rounds ---- */

static bool round_of(struct nfl_bench_lane *l, struct nfl_measure_row *r,
                     bool with_io)
{
    size_t at;
    unsigned n;

    meet(l->gate);
    if (l->n) /* what ends in between is no packet's to pay */
        nfl_worker_clock(l->worker, l->frames[0].time + l->shift);
    for (at = 0; at < l->n && !nfl_stop_signal; at += n) {
        n = (unsigned)RTE_MIN(l->n - at, (size_t)l->burst);
        if (!(with_io ? burst_io(l, r, at, n) : burst_alone(l, r, at, n)))
            return false;
    }
    nfl_measure_round(r);
    l->shift += l->length;
    return true;
}

static bool alone(struct nfl_bench_lane *l, struct nfl_measure_row *r)
{
    bool good;

    if (rte_pktmbuf_alloc_bulk(l->pool, l->m, NFL_BURST) != 0) {
        meet(l->gate);
        return false;
    }
    good = round_of(l, r, false);
    if (good)
        rte_pktmbuf_free_bulk(l->m, NFL_BURST);
    return good;
}

/* A lane that has no buffer goes on to meet the others. */
void nfl_bench_lane_run(struct nfl_bench_lane *l)
{
    struct nfl_measure_row *r = l->rows;
    unsigned i;

    l->looking = least_look();
    l->failed = !alone(l, &r[NFL_BENCH_NEW]);
    l->drops = r[NFL_BENCH_NEW].dropped > 0;
    for (i = 0; i < l->rounds && !nfl_stop_signal; i++) {
        l->failed |= !alone(l, &r[NFL_BENCH_KNOWN]);
        l->failed |= !round_of(l, &r[NFL_BENCH_IO], true);
    }
}
