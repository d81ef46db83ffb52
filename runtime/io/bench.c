/* --bench. One worker goes on through all rounds, so the first one opens the
 * flows, and those after it find them. Each round goes on where the one before
 * ended, so that time never stands still and flows end as they would live. */
#include "io/bench.h"
#include "core/measure.h"
#include "ctl/say.h"
#include "ctl/stop.h"
#include "io/pool.h"
#include <rte_cycles.h>
#include <rte_eal.h>
#include <rte_memcpy.h>
#include <stdlib.h>
#include <string.h>

enum {
    BUFFERS = 512,
    SHORT = 128, /* frames up to that share buffers of 256 bytes */
    GAP_NS = 1000000
};

enum { NEW, KNOWN, IO, ROWS };

struct memory_frame {
    uint64_t time;
    size_t at; /* in bytes */
    uint32_t len;
    uint16_t port;
};

struct nfl_bench {
    struct memory_frame *frames;
    size_t n, room;
    uint8_t *bytes;
    size_t used, size;
    uint32_t longest;
    uint64_t first, last;
    uint64_t shift;   /* added to all times of this round */
    uint64_t looking; /* cycles that looking at the clock twice takes */
    struct rte_mbuf *m[NFL_BURST];
    struct nfl_pkt pkts[NFL_BURST];
    struct nfl_measure_row rows[ROWS];
};

/* ---- reading the captures ---- */

static bool grow(void **p, size_t *room, size_t want, size_t each)
{
    size_t more = *room ? *room : 4096;
    void *q;

    if (want <= *room)
        return true;
    while (more < want)
        more *= 2;
    q = realloc(*p, more * each);
    if (!q) {
        nfl_error("--bench: no memory for the captures");
        return false;
    }
    *p = q;
    *room = more;
    return true;
}

static bool keep(struct nfl_bench *b, const struct nfl_frame *f, unsigned port)
{
    if (!grow((void **)&b->frames, &b->room, b->n + 1, sizeof(*b->frames)) ||
        !grow((void **)&b->bytes, &b->size, b->used + f->len, 1))
        return false;
    b->frames[b->n] = (struct memory_frame){
        .time = f->time, .at = b->used, .len = f->len, .port = (uint16_t)port};
    memcpy(b->bytes + b->used, f->data, f->len);
    b->first = b->n == 0 || f->time < b->first ? f->time : b->first;
    b->last = f->time > b->last ? f->time : b->last;
    b->longest = f->len > b->longest ? f->len : b->longest;
    b->used += f->len;
    b->n++;
    return true;
}

static bool load(struct nfl_io *io)
{
    struct nfl_frame f;
    char err[1024];
    unsigned port;
    int r;

    while ((r = nfl_merge_next(io->merge, &f, &port, err, sizeof(err))) != 0) {
        if (r < 0) {
            nfl_error("port %s: %s", io->ports[port].spec->name, err);
            return false;
        }
        if (f.len <= io->ports[port].frame_max && !keep(io->bench, &f, port))
            return false;
    }
    if (io->bench->n == 0)
        nfl_error("--bench: there are no packets in the captures");
    return io->bench->n > 0;
}

/* ---- set-up and end ---- */

bool nfl_bench_open(struct nfl_io *io)
{
    struct nfl_bench *b = io->bench = calloc(1, sizeof(*b));
    unsigned rounds = io->options->bench;

    if (!b ||
        !nfl_measure_init(&b->rows[NEW], "new", "first round: new flows", 1) ||
        !nfl_measure_init(&b->rows[KNOWN], "known", "processing alone",
                          rounds) ||
        !nfl_measure_init(&b->rows[IO], "io", "with I/O", rounds)) {
        nfl_error("no memory");
        return false;
    }
    if (!load(io))
        return false;
    io->pool = nfl_pool_new(BUFFERS, b->longest > SHORT ? b->longest : SHORT);
    return io->pool != NULL;
}

void nfl_bench_free(struct nfl_io *io)
{
    struct nfl_bench *b = io->bench;
    unsigned i;

    if (!b)
        return;
    for (i = 0; i < ROWS; i++)
        nfl_measure_fini(&b->rows[i]);
    free(b->frames);
    free(b->bytes);
    free(b);
    io->bench = NULL;
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

static void note(struct nfl_bench *b, struct nfl_measure_row *r, uint64_t from,
                 unsigned n)
{
    uint64_t cycles = look() - from;

    nfl_measure_burst(r, cycles > b->looking ? cycles - b->looking : 0, n);
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

static inline void copy_in(struct nfl_bench *b, size_t at, unsigned n)
{
    unsigned i;

    for (i = 0; i < n; i++) {
        const struct memory_frame *f = &b->frames[at + i];

        place(b->m[i], f->len);
        rte_memcpy(rte_pktmbuf_mtod(b->m[i], void *), b->bytes + f->at, f->len);
        nfl_pkt_of(&b->pkts[i], b->m[i], f->port, f->time + b->shift);
    }
}

static void count(struct nfl_bench *b, struct nfl_measure_row *r, unsigned n)
{
    unsigned i;

    for (i = 0; i < n; i++)
        if (b->pkts[i].out == NFL_OUT_DROP)
            r->dropped++;
        else
            r->sent++;
}

static void burst_alone(struct nfl_io *io, struct nfl_measure_row *r, size_t at,
                        unsigned n)
{
    struct nfl_bench *b = io->bench;
    uint64_t t;

    copy_in(b, at, n);
    t = look();
    nfl_io_burst(io, b->pkts, n);
    note(b, r, t, n);
    count(b, r, n);
}

/* A port of memory: its receive takes buffers and copies frames into them, its
 * transmit is done with them at once. */
static bool burst_io(struct nfl_io *io, struct nfl_measure_row *r, size_t at,
                     unsigned n)
{
    struct nfl_bench *b = io->bench;
    struct rte_mbuf *sent[NFL_BURST];
    unsigned i;
    uint64_t t = look();

    if (rte_pktmbuf_alloc_bulk(io->pool, b->m, n) != 0)
        return false;
    copy_in(b, at, n);
    nfl_io_burst(io, b->pkts, n);
    for (i = 0; i < n; i++)
        sent[i] = nfl_pkt_buffer(&b->pkts[i]);
    rte_pktmbuf_free_bulk(sent, n);
    note(b, r, t, n);
    count(b, r, n);
    return true;
}

/* ---- rounds ---- */

static bool round_of(struct nfl_io *io, struct nfl_measure_row *r, bool with_io)
{
    struct nfl_bench *b = io->bench;
    size_t at;
    unsigned n;

    for (at = 0; at < b->n && !nfl_stop_signal; at += n) {
        n = (unsigned)RTE_MIN(b->n - at, (size_t)NFL_BURST);
        if (!with_io)
            burst_alone(io, r, at, n);
        else if (!burst_io(io, r, at, n))
            return false;
    }
    nfl_measure_round(r);
    b->shift += b->last - b->first + GAP_NS;
    return !nfl_stop_signal;
}

static bool alone(struct nfl_io *io, struct nfl_measure_row *r)
{
    struct nfl_bench *b = io->bench;
    bool good = rte_pktmbuf_alloc_bulk(io->pool, b->m, NFL_BURST) == 0;

    if (good) {
        good = round_of(io, r, false);
        rte_pktmbuf_free_bulk(b->m, NFL_BURST);
    }
    return good;
}

void nfl_bench_run(struct nfl_io *io)
{
    struct nfl_bench *b = io->bench;
    unsigned i;
    bool good;

    b->looking = least_look();
    good = alone(io, &b->rows[NEW]);
    for (i = 0; good && i < io->options->bench; i++)
        good = alone(io, &b->rows[KNOWN]) && round_of(io, &b->rows[IO], true);
    if (good)
        return;
    io->failed = true;
    if (nfl_stop_signal)
        nfl_error("stopped by a signal before the last round");
    else
        nfl_error("no packet buffer; this is a bug in nflc");
}

void nfl_bench_print(const struct nfl_io *io)
{
    struct nfl_bench *b = io->bench;
    struct nfl_measure m = {
        .program = io->module->name,
        .hz = (double)rte_get_tsc_hz(),
        .huge = rte_eal_has_hugepages() != 0,
        .packets = b->n,
        .burst = NFL_BURST,
        .buffer_room = rte_pktmbuf_data_room_size(io->pool),
        .rows = b->rows,
        .n_rows = ROWS,
    };

    if (io->options->json)
        nfl_measure_json(&m, stdout);
    else
        nfl_measure_text(&m, stdout);
}
