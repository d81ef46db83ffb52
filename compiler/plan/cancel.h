/* Headers that an NF adds and a later one removes, with nobody in between who
 * can tell: on the fast path they are neither added nor removed. LANGUAGE.md,
 * "The fast path". */
#ifndef NFL_PLAN_CANCEL_H
#define NFL_PLAN_CANCEL_H

#include "plan/row.h"
#include "plan/shape.h"

enum { CANCEL_HEADERS = 16, CANCEL_BYTES = 256, CANCEL_ROOM = 128 };

struct cancel_stack { /* the headers of a packet of a shape, at a place */
    unsigned n;
    struct cancel_entry {
        const struct header *header;
        const struct ir_stmt *push; /* that would have added it; NULL: it
                                       arrived */
        unsigned turn;              /* of the push, among those on the way */
    } at[CANCEL_HEADERS];
    unsigned grown; /* bytes of those that would have been added */
    unsigned turns;
};

struct cancel_cut { /* what a removal does to the length of the frame */
    bool by[CANCEL_HEADERS]; /* the i-th header of the shape ends it */
};

/* ---- cancel_stack.c: as runtime/include/nfl/gen_edit.h does it ---- */

/* Puts in what `push` adds. False if it may fail for another reason than that
 * the frame is too long. */
bool cancel_push(struct cancel_stack *st, const struct plan_shape *s,
                 const struct ir_stmt *push);
/* Takes out what `pop` removes, if that is exactly what one push added last,
 * and all else is then as it was. Returns the push, or NULL. */
const struct ir_stmt *cancel_pop(struct cancel_stack *st,
                                 const struct plan_shape *s,
                                 const struct ir_stmt *pop,
                                 struct cancel_cut *cut);
/* The outermost one; NULL: it is not there. */
const struct cancel_entry *cancel_find(const struct cancel_stack *st,
                                       const struct header *h);

#endif
