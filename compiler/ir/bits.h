/* What is known of the bits of a number. */
#ifndef NFL_IR_BITS_H
#define NFL_IR_BITS_H

#include "ir/ir.h"

/* Bits that are 1 in some case: the number is at most this. */
num_t ir_may(const struct ir_expr *e);
/* Bits that are 1 in every case: the number is at least this. */
num_t ir_must(const struct ir_expr *e);

#endif
