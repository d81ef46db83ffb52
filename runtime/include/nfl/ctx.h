/* What emitted code and extern C functions get to see of the moment: passed
 * as an argument everywhere, since no emitted code may touch thread-local
 * storage. */
#ifndef NFL_CTX_H
#define NFL_CTX_H

#include <nfl/session.h>

struct nfl_ctx {
    struct nfl_worker *worker;
    struct nfl_chain *chain;
    struct nfl_session *session; /* NULL: the packet has no flow */
    unsigned nf;                 /* position of the NF that runs */
    unsigned shard;
    unsigned side; /* where the packet arrived: 0 left, 1 right */
    bool back;     /* from the responder */
    bool timer;    /* nothing is under way: neither packet nor flow */
    bool visited;  /* some NF had the packet: nflg_alone */
    uint8_t exit;  /* number of the one that the NF chose for the packet; 0 */
    uint8_t keeps; /* 1 + which NF it is of those that keep bytes of streams; 0:
                      it keeps none */
    uint64_t signs;  /* what the TCP monitor says of the packet: tcp_sign.def */
    uint64_t before; /* NFs (bit = position) whose changes of streams the one at
                        hand sees; 0: nobody changes them */
    uint64_t awake;  /* what the NF is subscribed to: generated code's */
    void *events;    /* what NFs emitted: generated code's */
};

/* Extern C functions. For `fn take(f: flow) -> port fails leases` of the type
 * pool, the state of which the source calls `free`:
 *
 *     bool nfs_pool_take(struct nfl_ctx *c, void *object, const char *name,
 *                        struct nfl_session *f, uint64_t *result);
 *
 * Receiver: an object is (void *, its name in the source); the flow is struct
 * nfl_session *; the packet is struct nflg_head *. Then the arguments: numbers
 * up to 64 bits as uint64_t, wider ones as nfl_u128, unions as struct
 * nfl_ipaddr, strings and files as const char *, ranges as two numbers, tuples
 * part by part; before one that may be left out, bool given. A property is a
 * function without arguments.
 *
 * Results: a function that cannot fail returns its one value. One that fails
 * returns bool, and hands out the result through last arguments: a pointer for
 * each part, in order; so does one of a tuple or range that cannot fail, which
 * returns void. After a failure what they point to has no meaning. So that of
 * `fn pick(f: flow) -> (ipaddr, port) fails` ends in
 *
 *     struct nfl_session *f, struct nfl_ipaddr *, uint64_t *);
 *
 * Making and freeing: void *nfs_pool_new(struct nfl_chain *c, struct nfl_setup
 * *, args...), NULL after setting setup->err; void nfs_pool_free(void *); void
 * nfs_pool_state(const void *, struct nfl_state *, const char *prefix) adds
 * lines "object PREFIX ..." to the final state, PREFIX being "CHAIN NF NAME".
 */

#endif
