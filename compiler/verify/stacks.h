/* Headers that the language adds and removes, and the plan does not: stacks of
 * known headers. A packet has one of several, each where a condition holds.
 * For stacks*.c only. */
#ifndef NFL_VERIFY_STACKS_H
#define NFL_VERIFY_STACKS_H

#include "plan/cancel.h"
#include "verify/scene.h"

enum { STACKS = 16, FRAME_BITS = 40 };

struct layer {
    const struct header *header;
    int arrived; /* as the so-manieth of the shape; -1: it was added */
    unsigned bytes;
    term *field; /* of one that was added */
    /* What others made of fields of one that arrived; NULL: nothing. */
    term next, end;
};

struct stack {
    term where;
    unsigned n;
    struct layer at[CANCEL_HEADERS];
    term frame, room; /* bytes that it has, and by which it can grow */
};

/* Bytes. */
static inline term stack_num(const struct run *r, num_t n)
{
    return smt_num(r->z, n, FRAME_BITS);
}

static inline term stack_plus(const struct run *r, term a, term b)
{
    return Z3_mk_bvadd(r->z->c, a, b);
}

/* How long the i-th header of the shape is. */
term stack_long(const struct scene *s, unsigned i);
/* The field of a layer, as it is; and by others than handlers. */
term stack_value(const struct run *r, const struct layer *l,
                 const struct field *f);
void stack_put(struct layer *l, const struct field *f, term to);
/* The stack that arrived, if nothing was added yet. */
void stack_begin(struct run *r);
struct stack stack_copy(const struct run *r, const struct stack *st);
/* Does it hold of some packet that is at hand? */
bool stack_may_be(struct run *r, term where);
/* One more that packets may have; one of equal headers becomes one with it. */
void stack_add(struct run *r, struct stack st);

#endif
