/* Does a test hold? */
#ifndef TOOL_TEST_CHECK_H
#define TOOL_TEST_CHECK_H

#include "tool/test_run.h"

#include <stdio.h>

struct check {
    struct unit *u;
    const struct ttest *test;
    const char *folder; /* for captures and reports */
    FILE *say;          /* what is wrong, for people */
    unsigned failures;
    struct script script; /* what was sent */
    uint64_t time;        /* of the next packet */
    struct outcome **at;  /* in the interpreter, by number of packets */
    unsigned room;
    /* Packets that were sent with no expectation in between are a group;
     * expectations are about the last one. */
    unsigned group; /* number of its first packet, from 0 */
    bool expecting; /* it had an expectation */
    bool strict;    /* about packets; so each that left is to be expected */
    struct loc expected; /* the last of them */
};

/* Does the steps of the test in the interpreter, and says what is wrong. */
void check_interp(struct check *k);

/* Runs all that was sent in another layout, which must do as the interpreter
 * did. */
void check_layout(struct check *k, const struct layout *l);

/* A line about a place, and the source; counts as a failure. */
void check_say(struct check *k, struct loc at, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* FIELD, EXPECTED, GOT in columns. */
void check_table(struct check *k, const mismatches *m);

/* What the interpreter did with the first n packets; NULL and a message if it
 * could not. */
struct outcome *check_at(struct check *k, unsigned n, struct loc at);

/* What became of the packets of the group instead. */
void check_fate(struct check *k, struct outcome *o, struct loc at);

/* ---- test_event.c ---- */

/* Looks for an event of the packets of the group. */
void check_event(struct check *k, const struct tstep *s);

/* ---- test_value.c ---- */

/* As traces write it. */
const char *number_text(struct arena *a, const struct type *t, num_t u);

/* Compares a value of the final state after all packets so far. */
void check_value(struct check *k, const struct tvalue *v, struct loc at);
/* Packets dropped for a reason, or NULL for any. */
uint64_t drops_for(const struct outcome *o, const char *reason);

#endif
