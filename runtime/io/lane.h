/* What one worker of a live run does. Each queue of a port belongs to one lane,
 * in both directions; a port with fewer queues than there are lanes is served
 * by some of them for all. A packet goes by ring from the lane that received it
 * to that of its shard, and, where that one has no queue of the port where it
 * leaves, by another ring to one that has: both keep the order. A full ring
 * drops, and counts. */
#ifndef NFL_IO_LANE_H
#define NFL_IO_LANE_H

#include "io/port.h"
#include <rte_ring.h>
#include <stdatomic.h>

enum { NFL_LANE_RING = 1024 };

struct nfl_lane_port { /* what a lane did at a port */
    uint64_t rx_packets, rx_bytes, tx_packets, tx_bytes;
    struct rte_mbuf *tx[NFL_BURST]; /* packets of this burst that leave here */
    uint16_t n_tx;
};

struct nfl_lane_box { /* packets of this burst for another lane */
    struct rte_mbuf *m[NFL_BURST];
    unsigned n;
};

struct nfl_lanes;

struct nfl_lane {
    struct nfl_lanes *all;
    struct nfl_io *io;
    struct nfl_worker *worker;
    unsigned index;
    struct nfl_lane_port *ports;
    struct nfl_lane_box *boxes; /* by lane */
    struct rte_ring *in;        /* packets of its shards; m->port: where they
                                   arrived, as the program counts ports */
    struct rte_ring *out;       /* packets for its queues; m->port: where they
                                   leave */
    struct nfl_inlet *inlet;    /* of what it receives; or NULL */
    bool any;                   /* a packet was received */
    uint64_t first, last;       /* time of its first packet, of its latest */
} __attribute__((aligned(64)));

/* At the end of a run, in turn: no lane receives any more, none has packets of
 * its shards any more. */
struct nfl_lanes {
    struct nfl_lane *at;
    unsigned n;
    _Atomic unsigned deaf, idle;
};

/* One for each worker of io. NULL after a line. */
struct nfl_lanes *nfl_lanes_new(struct nfl_io *io);
void nfl_lanes_free(struct nfl_lanes *all);

/* Polls its queues and rings once. Returns how many packets there were. */
unsigned nfl_lane_poll(struct nfl_lane *l);
/* After the run: everything that is under way leaves. For all lanes at the
 * same time. */
void nfl_lane_drain(struct nfl_lane *l);
/* Its share of the clock. */
void nfl_lane_clock(struct nfl_lane *l);

/* The figures of all lanes, into io; while they run, nearly those of now. */
void nfl_lanes_count(const struct nfl_lanes *all);

#endif
