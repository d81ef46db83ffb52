/* What NFs emit while a packet passes them, a flow ends or is judged again, or
 * a timer is due: LANGUAGE.md, "Emitted events". */
#ifndef NFL_INTERP_COURSE_H
#define NFL_INTERP_COURSE_H

#include "interp/value.h"
#include "sema/tree.h"

struct arena;
struct moment;
struct world;

struct emitted {
    const struct event *event;
    unsigned by;         /* position of who emitted it */
    unsigned pass;       /* in which this was */
    bool *got;           /* by position: it had its turn there */
    struct ival *values; /* by index of the event's parameter */
    struct emitted *next;
};

struct course {
    struct arena *arena; /* of all below; NULL if nothing was emitted */
    LIST(struct emitted) all;
    const struct emitted *late; /* whose pass it is, or NULL */
    unsigned pass;
};

/* The moment gets a course of its own. */
void course_begin(struct moment *m, struct course *c);
void course_emit(struct moment *m, const struct tstmt *s);
/* The NF at hand gets what was emitted before it, in this pass. */
void course_visit(struct moment *m);
/* Which of the NFs on the way of what is under way the one at a position is. */
unsigned course_place(const struct moment *m, unsigned position);
/* All others get what is left for them. */
void course_end(struct moment *m);

/* Timers of NFs, from the first tick on that is not 0. */
void timers_make(struct world *w);
/* All that is due at w->now: timers, and the ends of flows, in their order. */
void time_passes(struct world *w);

#endif
