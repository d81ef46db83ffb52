/* The fast path: what is done for packets of a known shape whose session's NFs
 * have all had their first packet. What is the same for all packets of a flow
 * and direction is merged then; what is left runs in the order of the chain. */
#ifndef NFL_PLAN_FAST_H
#define NFL_PLAN_FAST_H

#include "plan/shape.h"

struct unit;
struct plan;
struct plan_chain;

enum fast_mode {
    FAST_NONE,   /* they go the general way */
    FAST_STEPS,  /* each NF translates for itself, on entry and on leaving */
    FAST_MERGED, /* they leave as the flow's tuple says, whatever NFs were in
                    between: one translation behind all handlers */
};
extern const char *const fast_mode_name[];

/* How checksums follow what handlers write. */
enum fast_sums {
    SUMS_NONE,     /* they write nothing */
    SUMS_COUNTED,  /* each store counts what it changes */
    SUMS_COMPARED, /* on leaving, bytes are compared with those that arrived */
};

/* More than that in all shapes and from both sides: handlers are called. Else
 * they are inlined, so that all that a shape says of a packet is a constant. */
enum { FAST_SIZE_MAX = 6000 };

struct plan_fast { /* of packets that arrive at one side of a chain */
    unsigned size; /* of the code, roughly: in statements, of all shapes */
    enum fast_mode mode;
    const char *why; /* it is not merged; NULL: it is */
    struct loc loc;
    enum fast_sums sums;
    bool rewrites; /* handlers may translate the flow anew, and with it the
                      packet at hand */
    bool resizes;  /* they may add or remove headers */
    uint64_t need; /* NFs (bit = position) that must have seen the flow */
    /* The first so many NFs need no flow, where others do. They run behind the
     * look-up: what they drop belongs to its flow, and refreshes it, so they
     * save none; its latency is hidden, as a burst is looked up at once. */
    unsigned stateless;
};

/* Fills in plan.shapes and plan_chain.fast; all else is planned. */
void fast_plan(const struct unit *u, struct plan *p);
/* False if the handler's condition holds for no packet of any shape. */
bool fast_may_run(const struct plan *p, const struct ir_handler *h);
/* fast_sum.c: true if handlers write each word of a packet at most once, and
 * nothing but fields that are always there. */
bool fast_writes_once(const struct plan *p, const struct plan_chain *c,
                      unsigned side);
void fast_dump(const struct plan *p, const struct plan_chain *c, FILE *to);

#endif
