/* A syntax error at hand: what could have stood there. */
#ifndef NFL_FRONT_EXPECT_H
#define NFL_FRONT_EXPECT_H

#include "front/build.h"

enum { EXPECT_ITEMS = 10 };

struct expect {
    struct parse *p;
    const char *const *names; /* as in the grammar; 'x' for one character */
    unsigned n;
    const char *items[EXPECT_ITEMS]; /* what the message lists */
    unsigned n_items;
    bool operand; /* an expression could go on here */
    bool value, stmt, decl, name, type_end;
};

/* Could this stand here? The name is that of the grammar. */
bool expects(const struct expect *x, const char *name);

/* What who is used to another language should write, or NULL (habit.c). */
const char *habit(const struct expect *x);
/* The same with the words of the line at hand (habit_line.c). */
const char *habit_line(const struct expect *x);

#endif
