/* --bench: the packets of the captures, in memory, divided among lanes as NICs
 * with the chain's key would; and what the lanes measured, as one. */
#include "io/bench.h"
#include "core/measure.h"
#include "ctl/cores.h"
#include "ctl/say.h"
#include "ctl/stop.h"
#include "io/bench_lane.h"
#include "io/pool.h"
#include <rte_cycles.h>
#include <rte_eal.h>
#include <stdlib.h>
#include <string.h>

enum {
    BUFFERS = 512, /* of a lane */
    SHORT = 128,   /* frames up to that share buffers of 256 bytes */
    GAP_NS = 1000000
};

struct memory_frame {
    uint64_t time;
    size_t at; /* in bytes */
    uint32_t len;
    uint16_t port;
};

struct nfl_bench {
    struct memory_frame *frames; /* in the order of input */
    size_t n, room;
    uint8_t *bytes;
    size_t used, size;
    uint32_t longest;
    uint64_t first, last;
    struct nfl_bench_frame *divided; /* by lane */
    struct nfl_bench_lane *lanes;
    unsigned n_lanes;
    struct nfl_bench_gate gate;
    struct nfl_measure_row rows[NFL_BENCH_ROWS]; /* of all lanes */
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

static unsigned burst_of(const struct nfl_io *io)
{
    unsigned n = io->options->bench_burst;

    return n ? n : NFL_BURST;
}

/* ---- set-up and end ---- */

static bool no_memory(void)
{
    nfl_error("no memory");
    return false;
}

bool nfl_bench_open(struct nfl_io *io)
{
    struct nfl_bench *b = io->bench = calloc(1, sizeof(*b));

    if (!b)
        return no_memory();
    if (!load(io))
        return false;
    io->pool = nfl_pool_new("nfl", BUFFERS * io->options->cores,
                            b->longest > SHORT ? b->longest : SHORT);
    return io->pool != NULL;
}

void nfl_bench_free(struct nfl_io *io)
{
    struct nfl_bench *b = io->bench;
    unsigned i;

    if (!b)
        return;
    for (i = 0; i < b->n_lanes; i++)
        nfl_bench_lane_fini(&b->lanes[i]);
    for (i = 0; i < NFL_BENCH_ROWS; i++)
        nfl_measure_fini(&b->rows[i]);
    free(b->lanes);
    free(b->divided);
    free(b->frames);
    free(b->bytes);
    free(b);
    io->bench = NULL;
}

/* ---- dividing ---- */

static unsigned lane_of(struct nfl_io *io, size_t i)
{
    struct nfl_bench *b = io->bench;
    const struct memory_frame *f = &b->frames[i];
    struct nfl_pkt p = {
        .data = b->bytes + f->at, .len = f->len, .port = f->port};

    return nfl_worker_of(io->worker, io->module, &p, (unsigned)i);
}

/* Each lane's frames behind one another, in their order. */
static bool divide(struct nfl_io *io)
{
    struct nfl_bench *b = io->bench;
    size_t at = 0, i;
    unsigned k;

    b->divided = calloc(b->n, sizeof(*b->divided));
    if (!b->divided)
        return no_memory();
    for (k = 0; k < b->n_lanes; k++) {
        b->lanes[k].frames = &b->divided[at];
        for (i = 0; i < b->n; i++) {
            const struct memory_frame *f = &b->frames[i];

            if (b->n_lanes == 1 || lane_of(io, i) == k)
                b->divided[at++] = (struct nfl_bench_frame){
                    f->time, b->bytes + f->at, f->len, f->port};
        }
        b->lanes[k].n = (size_t)(&b->divided[at] - b->lanes[k].frames);
    }
    return true;
}

static bool make_lanes(struct nfl_io *io)
{
    const size_t bytes = io->workers.n * sizeof(struct nfl_bench_lane);
    struct nfl_bench *b = io->bench;
    unsigned k;

    b->lanes = aligned_alloc(__alignof__(struct nfl_bench_lane), bytes);
    if (!b->lanes)
        return no_memory();
    memset(b->lanes, 0, bytes);
    b->n_lanes = b->gate.n = io->workers.n;
    for (k = 0; k < b->n_lanes; k++) {
        struct nfl_bench_lane *l = &b->lanes[k];

        l->worker = io->workers.at[k];
        l->module = io->module;
        l->pool = io->pool;
        l->gate = &b->gate;
        l->rounds = io->options->bench;
        l->burst = burst_of(io);
        l->length = b->last - b->first + GAP_NS;
        if (!nfl_bench_lane_init(l))
            return no_memory();
    }
    return divide(io);
}

/* ---- the run ---- */

static void run_lane(void *bench, unsigned index)
{
    struct nfl_bench *b = bench;

    nfl_bench_lane_run(&b->lanes[index]);
}

/* Room for the rounds of all lanes. */
static bool merge(struct nfl_bench *b)
{
    unsigned i, k;

    for (i = 0; i < NFL_BENCH_ROWS; i++) {
        const struct nfl_measure_row *r = &b->lanes[0].rows[i];

        if (!nfl_measure_init(&b->rows[i], r->name, r->what,
                              b->n_lanes * (b->lanes[0].rounds + 1)))
            return no_memory();
        for (k = 0; k < b->n_lanes; k++)
            nfl_measure_merge(&b->rows[i], &b->lanes[k].rows[i]);
    }
    return true;
}

void nfl_bench_run(struct nfl_io *io)
{
    struct nfl_bench *b = io->bench;
    unsigned k;

    io->failed = !make_lanes(io);
    if (io->failed)
        return;
    if (b->n_lanes == 1) {
        run_lane(b, 0);
    } else {
        nfl_cores_launch(b->n_lanes, run_lane, b);
        nfl_cores_join();
    }
    io->failed = nfl_stop_signal || !merge(b);
    if (nfl_stop_signal)
        nfl_error("stopped by a signal before the last round");
    for (k = 0; k < b->n_lanes; k++)
        if (b->lanes[k].failed) {
            nfl_error("no packet buffer; this is a bug in nflc");
            io->failed = true;
        }
}

void nfl_bench_print(const struct nfl_io *io)
{
    struct nfl_bench *b = io->bench;
    struct nfl_measure m = {
        .program = io->module->name,
        .hz = (double)rte_get_tsc_hz(),
        .huge = rte_eal_has_hugepages() != 0,
        .packets = b->n,
        .cores = b->n_lanes,
        .burst = burst_of(io),
        .buffer_room = rte_pktmbuf_data_room_size(io->pool),
        .rows = b->rows,
        .n_rows = NFL_BENCH_ROWS,
    };

    if (io->options->json)
        nfl_measure_json(&m, stdout);
    else
        nfl_measure_text(&m, stdout);
}
