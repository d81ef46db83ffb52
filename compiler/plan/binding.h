/* Binding times: when is the value of an expression known, and when what a
 * statement does? All of it is about packets of a flow that have one of the
 * shapes (plan/shape.h) and are not the first of their flow at the NF: other
 * packets take the general path, which asks nothing of this.
 *
 * Filled by pass_binding, never changed after it. */
#ifndef NFL_PLAN_BINDING_H
#define NFL_PLAN_BINDING_H

#include "ir/ir.h"
#include "plan/shape.h"
#include <stdio.h>

struct unit;

/* In ascending order; of several operands the latest counts. */
enum time {
    TIME_NEVER,  /* no packet of a shape comes here */
    TIME_CONFIG, /* constants, and what only the operator changes */
    TIME_SHAPE,  /* one value for each stack of headers */
    TIME_FLOW,   /* one for each flow and direction: it may depend on the flow's
                    tuple as this NF sees it, on the side, and on what FLOW/NEW
                    and FLOW/CONFIG assigned; anew after each FLOW/CONFIG */
    TIME_PACKET,
    TIME_N
};
extern const char *const time_name[TIME_N];

/* Why something is at packet time: "reads packets" at `loc`, "which is changed
 * on PKT" at `by_loc`. */
struct why {
    const char *text;
    struct loc loc;
    const char *by; /* NULL: no more to say */
    struct loc by_loc;
};

struct binding {
    enum time time;
    const struct why *why; /* TIME_PACKET; else NULL */
};

/* What is to be done with a statement, or with all of a handler (that of its
 * last effect in this order). */
enum bound_class {
    BOUND_NONE,     /* it has no effect but on locals and on where to go on */
    BOUND_ACTION,   /* a header action or a drop, at flow time, under conditions
                       at flow time: once for each flow, into its row */
    BOUND_GUARDED,  /* the same, but state that changes at packet time decides:
                       an entry of the event table */
    BOUND_RESIDUAL, /* for each packet */
    BOUND_N
};
extern const char *const bound_name[BOUND_N];

/* A statement that changes state on which a guarded action depends, and so may
 * make it hold. */
struct flip {
    const struct ir_stmt *stmt;
    const struct ir_handler *handler; /* of the same NF */
    const struct var *var;
    struct flip *next;
};

/* Expressions at flow time, and what is decided by them, are taken to be
 * evaluated when a row is made, each with the fields as they are at its place.
 *
 * What stands behind an action, at packet time, and wants the bytes that it
 * writes: so they have to be in the packet by then. */
struct clash {
    const char *text; /* "reads ip.dscp" */
    const struct ir_nf *nf;
    struct loc loc;
};

struct bound {
    /* Of what it does; of an `if`, a `return`: whether it is done. */
    struct binding binding;
    enum bound_class class;
    struct binding own;        /* of the condition of an `if` alone */
    struct binding control;    /* of the conditions that it stands under */
    uint32_t shapes;           /* in which it may be done; bit: number - 1 */
    uint32_t sure;             /* in which nothing but a drop can prevent it */
    LIST(struct flip) flips;   /* BOUND_GUARDED: no double */
    bool asks_packet;          /* .. and the packet itself is asked as well */
    const struct clash *clash; /* BOUND_ACTION: it cannot wait; or NULL */
};

/* A handler at its place, for packets from one side. */
struct bound_way {
    struct binding guard; /* whether it runs */
    enum bound_class class;
    uint32_t shapes; /* in which it may run; 0: it is dead */
};

struct bound_handler {
    const struct ir_handler *ir;
    const struct ir_nf *nf;
    /* It runs once for each flow, change of parameters or end of a flow, or for
     * none of its packets: it is no part of a fast path. A rule is asked by the
     * handlers of packets that may change what it reads. */
    bool apart;
    struct bound_way way[2]; /* by side */
    struct bound_handler *next;
};

struct bound_chain {
    const struct ir_chain *ir;
    LIST(struct bound_handler) handlers; /* by index */
    struct bound_chain *next;
};

struct bindings {
    const struct ir *ir;
    plan_shapes shapes;
    LIST(struct bound_chain) chains;
    struct binding *exprs[2]; /* by side, then number */
    struct bound *stmts[2];
};

/* For packets from `side`: 0 left, 1 right (two-way chains only). */
static inline const struct bound *binding_of(const struct bindings *b,
                                             const struct ir_stmt *s,
                                             unsigned side)
{
    return &b->stmts[side][s->number];
}

static inline const struct binding *binding_of_expr(const struct bindings *b,
                                                    const struct ir_expr *e,
                                                    unsigned side)
{
    return &b->exprs[side][e->number];
}

const struct bound_handler *binding_handler(const struct bindings *b,
                                            const struct ir_nf *nf,
                                            const struct ir_handler *h);

void pass_binding(struct unit *u);
void binding_dump(const struct bindings *b, FILE *to);

#endif
