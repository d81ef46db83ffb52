/* Which bits of a number may be set, and which must: enough to know the result
 * of some comparisons, which C compilers would warn of. */
#include "ir/bits.h"

static num_t below(num_t n)
{
    num_t m = 0;

    while (m < n)
        m = m << 1 | 1;
    return m;
}

static num_t may_shift(const struct ir_expr *e)
{
    num_t a = ir_may(e->a), by = e->b->num;

    if (!ir_is_const(e->b))
        return num_mask(e->type.bits);
    if (by >= e->type.bits)
        return 0;
    return e->op == IR_shr ? a >> by : (a << by) & num_mask(e->type.bits);
}

num_t ir_may(const struct ir_expr *e)
{
    num_t all = num_mask(e->type.bits);

    switch (e->op) {
    case IR_const:
        return e->num;
    case IR_number:
        return 1;
    case IR_cast:
        return ir_may(e->a) & all;
    case IR_and:
        return ir_may(e->a) & ir_may(e->b);
    case IR_or:
    case IR_xor:
        return ir_may(e->a) | ir_may(e->b);
    case IR_shl:
    case IR_shr:
        return may_shift(e);
    case IR_div:
        return below(ir_may(e->a));
    case IR_mod:
        if (ir_is_const(e->b) && e->b->num)
            return below(e->b->num - 1) & below(ir_may(e->a));
        return below(ir_may(e->a));
    default:
        return all;
    }
}

num_t ir_must(const struct ir_expr *e)
{
    switch (e->op) {
    case IR_const:
        return e->num;
    case IR_cast:
        return ir_must(e->a) & num_mask(e->type.bits);
    case IR_and:
        return ir_must(e->a) & ir_must(e->b);
    case IR_or:
        return ir_must(e->a) | ir_must(e->b);
    default:
        return 0;
    }
}
