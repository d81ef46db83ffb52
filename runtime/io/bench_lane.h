/* What one worker measures: its share of the packets, in memory of its own. */
#ifndef NFL_IO_BENCH_LANE_H
#define NFL_IO_BENCH_LANE_H

#include "core/measure.h"
#include "io/port.h"
#include <stdatomic.h>

enum { NFL_BENCH_NEW, NFL_BENCH_KNOWN, NFL_BENCH_IO, NFL_BENCH_ROWS };

struct nfl_bench_frame {
    uint64_t time;
    const uint8_t *data;
    uint32_t len;
    uint16_t port;
};

/* Where the lanes of a run wait for one another, so that each round is one of
 * all of them. */
struct nfl_bench_gate {
    unsigned n;
    _Atomic unsigned here, passed;
};

struct nfl_bench_lane {
    struct nfl_worker *worker;
    const struct nfl_module *module;
    struct rte_mempool *pool;
    struct nfl_bench_gate *gate;
    const struct nfl_bench_frame *frames;
    size_t n;
    unsigned rounds;
    unsigned burst;   /* most packets of one */
    uint64_t length;  /* of a round, ns: added to all times of the next */
    uint64_t shift;   /* added to all times of this round */
    uint64_t looking; /* cycles that looking at the clock twice takes */
    bool failed;      /* there was no buffer */
    bool drops;       /* packets of the first round were dropped */
    struct rte_mbuf *m[NFL_BURST];
    struct nfl_pkt pkts[NFL_BURST];
    struct nfl_measure_row rows[NFL_BENCH_ROWS];
} __attribute__((aligned(64)));

/* False if there is no memory. */
bool nfl_bench_lane_init(struct nfl_bench_lane *l);
void nfl_bench_lane_fini(struct nfl_bench_lane *l);
/* All rounds, or until a signal. */
void nfl_bench_lane_run(struct nfl_bench_lane *l);

#endif
