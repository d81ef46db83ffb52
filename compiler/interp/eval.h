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

/* x op y, of numbers of type t. */
num_t eval_operator(const struct type *t, enum ast_op op, num_t x, num_t y);
bool eval_equal(const struct type *t, const struct ival *a,
                const struct ival *b);
/* x with parts of its own, which stay until the handler ends. */
struct ival eval_copy(struct moment *m, const struct type *t,
                      const struct ival *x);

/* A number that an object of type t can hold. */
num_t type_cut(const struct type *t, num_t u);

#endif
