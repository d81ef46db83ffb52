/* Expressions. */
#ifndef NFL_INTERP_EVAL_H
#define NFL_INTERP_EVAL_H

#include "interp/value.h"
#include "sema/tree.h"

struct arena;
struct moment;

struct ival eval(struct moment *m, const struct texpr *e);
bool eval_true(struct moment *m, const struct texpr *e);

/* A TE_CALL or TE_GET. False if it failed. */
bool eval_call(struct moment *m, const struct texpr *e, struct ival *result);

/* A number that an object of type t can hold. */
num_t type_cut(const struct type *t, num_t u);

#endif
