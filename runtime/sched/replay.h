/* Packets in their order through several workers, so that nobody can tell how
 * many there were: for captures. The main thread reads and writes, and gives
 * the packets out in batches. Every worker goes through every batch: it takes
 * the packets that are its own, and the clock of the others, so that flows end
 * before the very packet before which one worker would have ended them.
 *
 * Nothing is ever lost: who is early waits. Between batches nobody but the main
 * thread touches one; in it, each packet belongs to its worker. */
#ifndef NFL_SCHED_REPLAY_H
#define NFL_SCHED_REPLAY_H

#include <nfl/session.h>

enum { NFL_BATCH = 128, NFL_BATCHES = 4 };

/* A packet that was made, with its bytes. */
struct nfl_kept {
    struct nfl_kept *next;
    struct nfl_pkt pkt;
    uint8_t bytes[];
};

struct nfl_batch_slot {
    struct nfl_pkt pkt;
    unsigned owner;
    struct nfl_kept *made; /* of it, in order: they leave behind it */
} __attribute__((aligned(64)));

struct nfl_batch {
    struct nfl_batch_slot slots[NFL_BATCH];
    unsigned n; /* the caller fills slots[0 .. n - 1].pkt */
    struct nfl_step steps[NFL_BATCH];
    unsigned n_steps;
    struct nfl_trace_part *trace; /* of each worker */
};

struct nfl_replay;

/* For workers with nothing behind them. trace: where their traces go, or NULL.
 * NULL if there is no memory. */
struct nfl_replay *nfl_replay_new(struct nfl_workers *all,
                                  const struct nfl_module *m, FILE *trace);
void nfl_replay_free(struct nfl_replay *r);

/* ---- the main thread ---- */

/* A batch to fill; NULL if all are on their way. */
struct nfl_batch *nfl_replay_empty(struct nfl_replay *r);
/* Numbers the packets of that batch, and hands it to the workers. */
void nfl_replay_give(struct nfl_replay *r);
/* The oldest batch that was given, when all workers are done with it; NULL if
 * there is none. It is empty again with the next call of nfl_replay_taken. */
struct nfl_batch *nfl_replay_wait(struct nfl_replay *r);
void nfl_replay_taken(struct nfl_replay *r);
/* The next one that slot's packet made, or NULL; the one before is freed. */
const struct nfl_pkt *nfl_replay_made(struct nfl_batch_slot *slot,
                                      const struct nfl_pkt *before);
/* No more batches: the workers return when they have done all. False if part
 * of the trace was lost for want of memory. */
bool nfl_replay_end(struct nfl_replay *r);

/* ---- each worker, in a thread of its own ---- */

void nfl_replay_work(struct nfl_replay *r, unsigned index);

#endif
