/* Shapes: stacks of headers that lie at constant offsets, from the first
 * header of a frame to the one with the ports of its flow. What most packets
 * look like; code made for a shape looks for nothing. A packet of a shape is
 * well-formed and has a flow. */
#ifndef NFL_PLAN_SHAPE_H
#define NFL_PLAN_SHAPE_H

#include "ir/ir.h"

enum { SHAPE_HEADERS = 4, SHAPE_SUMS = 8, SHAPE_FACTS = 32, SHAPES_MAX = 8 };

struct shape_sum { /* a checksum of one of its headers */
    const struct checksum *sum;
    unsigned in, at; /* which header; the byte of the frame */
};

struct shape_fact { /* what is so in each packet of the shape */
    const struct field *field;
    num_t value;
};

struct plan_shape {
    unsigned number;  /* from 1 */
    const char *text; /* "eth / ip / tcp" */
    unsigned n;
    const struct header *header[SHAPE_HEADERS];
    unsigned at[SHAPE_HEADERS];       /* bytes from the start of the frame */
    const struct field *role[ROLE_N]; /* what the flow's tuple is made of */
    unsigned role_in[ROLE_N];         /* which header has it */
    struct shape_sum sum[SHAPE_SUMS]; /* outer headers first */
    struct shape_fact fact[SHAPE_FACTS];
    unsigned n_sums, n_facts;
    struct plan_shape *next;
};
typedef LIST(struct plan_shape) plan_shapes;

/* The shortest stacks that are shapes, then longer ones with tags that handlers
 * of packets ask for; SHAPES_MAX at most. */
plan_shapes shapes_find(struct arena *a, const struct ir *ir);

enum truth { TRUTH_NO, TRUTH_YES, TRUTH_OPEN };

/* Do packets of the shape have it when they arrive? */
bool shape_has(const struct plan_shape *s, const struct header *h);

/* Does the field say the same in all packets of the shape, and what? */
bool shape_fact(const struct plan_shape *s, const struct field *f, num_t *v);

/* Does the condition hold for each packet of the shape, or for none? */
enum truth shape_holds(const struct plan_shape *s, const struct ir_expr *cond);

/* False if the handler runs for no packet of the shape, as it arrives. */
bool shape_may_run(const struct plan_shape *s, const struct ir_handler *h);

#endif
