/* Visiting all statements and expressions, in order of evaluation. */
#ifndef NFL_IR_WALK_H
#define NFL_IR_WALK_H

#include "ir/ir.h"

struct ir_visit {
    void (*expr)(struct ir_visit *v, const struct ir_expr *e); /* or NULL */
    void (*stmt)(struct ir_visit *v, const struct ir_stmt *s); /* or NULL */
};

/* Operands before the operation. */
void ir_walk_expr(struct ir_visit *v, const struct ir_expr *e);
/* A statement before its blocks. */
void ir_walk_block(struct ir_visit *v, const struct ir_block *b);
void ir_walk_handler(struct ir_visit *v, const struct ir_handler *h);

/* Does e, or NULL, or an operand of it have this operation? */
bool ir_asks(const struct ir_expr *e, enum ir_op op);

#endif
