/* Packets that wait until they are released, or their time is over, and then
 * go on behind another packet: LANGUAGE.md, "Packets that wait". A queue is an
 * object of a chain of one shard, so one worker alone touches it. Nothing is
 * allocated after nfl_queue_init. Times are ticks of 1 ms. */
#ifndef NFL_QUEUE_H
#define NFL_QUEUE_H

#include <nfl/ctx.h>
#include <nfl/made.h>

enum {
    NFL_QUEUE_SIZE_MAX = 4096,
    NFL_QUEUE_EACH_MAX = 16,
};

struct nfl_waiting; /* runtime/flow/queue.c */

struct nfl_waits { /* in order */
    struct nfl_waiting *first, **end;
};

struct nfl_queue {
    struct nfl_queue *next;          /* of the chain, in order of making */
    uint32_t size, each;             /* packets, of all keys and of one */
    uint64_t ticks;                  /* that one waits at most */
    unsigned words;                  /* of a key */
    struct nfl_waits waiting, ready; /* by due tick; in order of release */
    struct nfl_waiting *free;
    struct nfl_waiting *slots;
    uint64_t *keys; /* by slot */
    uint8_t *bytes;
    uint64_t held, crowded, refused; /* so far: taken in, put out by later
                                        ones, not taken in for want of room */
};

/* Makes it the last one of the chain. False: there is no memory. The sizes are
 * from 1 to what is allowed. */
bool nfl_queue_init(struct nfl_queue *q, struct nfl_chain *c, uint32_t size,
                    uint32_t each, uint64_t ticks, unsigned words);
void nfl_queue_fini(struct nfl_queue *q);

/* A copy of the packet at hand waits, which arrived with the tuple t (NULL:
 * with none). False: it cannot. */
bool nfl_queue_hold(struct nfl_queue *q, const struct nfl_ctx *c,
                    const struct nfl_pkt *p, const struct nfl_tuple *t,
                    const uint64_t *key);
void nfl_queue_release(struct nfl_queue *q, const struct nfl_ctx *c,
                       const uint64_t *key);
unsigned nfl_queue_count(const struct nfl_queue *q, const uint64_t *key);

/* Those that go on behind one packet, of all queues of a chain: the room that
 * they need among what the worker made. */
unsigned nfl_queues_each(const struct nfl_chain *c);

struct nfl_turn { /* where one is among them */
    struct nfl_queue *queue;
    uint32_t n;
};

/* Behind that packet. Each is as nfl_made says, but for its bytes, which are
 * those that waited, and has left its queue. NULL: that were all. */
struct nfl_turn nfl_queues_turn(struct nfl_worker *w, const struct nfl_chain *c,
                                const struct nfl_pkt *behind);
struct nfl_made *nfl_queues_next(struct nfl_worker *w, struct nfl_chain *c,
                                 struct nfl_turn *t);

/* The flow ends: its packets are dropped. */
void nfl_queues_forget(struct nfl_worker *w, const struct nfl_chain *c,
                       const struct nfl_session *s);
/* So does the run. */
void nfl_queues_end(struct nfl_worker *w, struct nfl_chain *c);

#endif
