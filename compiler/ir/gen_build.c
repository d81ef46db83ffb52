/* Nodes of the IR. What is made of constants becomes one; so do comparisons
 * that the width of their operands decides, which C compilers warn of. */
#include "ir/bits.h"
#include "ir/gen.h"

struct ir_expr *ir_node(struct gen *g, enum ir_op op, struct ir_type type,
                        struct loc loc)
{
    struct ir_expr *e = ARENA_NEW(g->arena, struct ir_expr);

    e->op = op;
    e->type = type;
    e->loc = loc;
    e->number = ++g->n_exprs;
    return e;
}

struct ir_expr *ir_const(struct gen *g, struct ir_type type, num_t v,
                         struct loc loc)
{
    struct ir_expr *e = ir_node(g, IR_const, type, loc);

    e->num = type.kind == IR_NUM ? v & num_mask(type.bits) : v;
    return e;
}

struct ir_expr *ir_copy(struct gen *g, const struct ir_expr *e)
{
    struct ir_expr *c = arena_dup(g->arena, e, sizeof(*e));

    c->next = NULL;
    c->number = ++g->n_exprs;
    return c;
}

struct ir_expr *ir_read(struct gen *g, struct ir_local *l, struct loc loc)
{
    struct ir_expr *e = ir_node(g, IR_local, l->type, loc);

    e->local = l;
    return e;
}

static bool is_number(const struct ir_expr *e)
{
    return ir_is_const(e) && e->type.kind != IR_ADDR;
}

static bool is_value(const struct ir_expr *e, num_t v)
{
    return is_number(e) && e->num == v;
}

struct ir_expr *ir_unary(struct gen *g, enum ir_op op, struct ir_type type,
                         struct ir_expr *a, struct loc loc)
{
    struct ir_expr *e;

    if (op == IR_not && a->op == IR_not)
        return a->a;
    if (op == IR_not && is_number(a))
        return ir_const(g, type, !a->num, loc);
    if (op == IR_compl && is_number(a))
        return ir_const(g, type, ~a->num, loc);
    if (op == IR_number && is_number(a))
        return ir_const(g, type, a->num, loc);
    e = ir_node(g, op, type, loc);
    e->a = a;
    return e;
}

/* The value of a op b in `bits` bits; false if op is not arithmetic. */
static bool arith(enum ir_op op, num_t a, num_t b, unsigned bits, num_t *out)
{
    switch (op) {
    case IR_add:
        *out = a + b;
        return true;
    case IR_sub:
        *out = a - b;
        return true;
    case IR_mul:
        *out = a * b;
        return true;
    case IR_div:
        *out = b ? a / b : 0;
        return true;
    case IR_mod:
        *out = b ? a % b : a;
        return true;
    case IR_and:
        *out = a & b;
        return true;
    case IR_or:
        *out = a | b;
        return true;
    case IR_xor:
        *out = a ^ b;
        return true;
    case IR_shl:
        *out = b < bits ? a << b : 0;
        return true;
    case IR_shr:
        *out = b < bits ? a >> b : 0;
        return true;
    default:
        return false;
    }
}

bool ir_compare(enum ir_op op, num_t a, num_t b, num_t *out)
{
    switch (op) {
    case IR_eq:
        *out = a == b;
        return true;
    case IR_ne:
        *out = a != b;
        return true;
    case IR_lt:
        *out = a < b;
        return true;
    case IR_le:
        *out = a <= b;
        return true;
    case IR_gt:
        *out = a > b;
        return true;
    case IR_ge:
        *out = a >= b;
        return true;
    default:
        return false;
    }
}

/* The smallest and the greatest value of a against those of b. */
static bool limits(enum ir_op op, const struct ir_expr *a,
                   const struct ir_expr *b, num_t *out)
{
    num_t a_lo = ir_must(a), a_hi = ir_may(a);
    num_t b_lo = ir_must(b), b_hi = ir_may(b);

    switch (op) {
    case IR_gt:
        return limits(IR_lt, b, a, out);
    case IR_ge:
        return limits(IR_le, b, a, out);
    case IR_lt:
        *out = a_hi < b_lo;
        return a_hi < b_lo || a_lo >= b_hi;
    case IR_le:
        *out = a_hi <= b_lo;
        return a_hi <= b_lo || a_lo > b_hi;
    case IR_eq:
    case IR_ne:
        *out = op == IR_ne;
        return (a_lo & ~b_hi) || (b_lo & ~a_hi);
    default:
        return false;
    }
}

/* The same read twice: expressions have no effects. */
static bool same(const struct ir_expr *a, const struct ir_expr *b)
{
    if (!a || !b)
        return a == b;
    return a->op == b->op && a->num == b->num && a->v6 == b->v6 &&
           a->local == b->local && a->var == b->var && a->field == b->field &&
           a->header == b->header && a->member == b->member &&
           a->object == b->object && a->config == b->config &&
           a->type.bits == b->type.bits && !a->items.n && !b->items.n &&
           same(a->a, b->a) && same(a->b, b->b);
}

/* The same on both sides of a comparison. */
static bool itself(enum ir_op op, const struct ir_expr *a,
                   const struct ir_expr *b, num_t *out)
{
    return same(a, b) && ir_compare(op, 0, 0, out);
}

static struct ir_expr *fold_bool(struct gen *g, enum ir_op op,
                                 struct ir_expr *a, struct ir_expr *b,
                                 struct loc loc)
{
    if (op == IR_land && is_number(a))
        return a->num ? b : a;
    if (op == IR_lor && is_number(a))
        return a->num ? a : b;
    if ((op == IR_land && is_value(b, 1)) || (op == IR_lor && is_value(b, 0)))
        return a;
    if ((op == IR_eq || op == IR_ne) && a->type.kind == IR_BOOL && is_number(b))
        return (op == IR_eq) == (b->num != 0)
                   ? a
                   : ir_unary(g, IR_not, ir_bool(), a, loc);
    return NULL;
}

struct ir_expr *ir_binary(struct gen *g, enum ir_op op, struct ir_type type,
                          struct ir_expr *a, struct ir_expr *b, struct loc loc)
{
    struct ir_expr *e = fold_bool(g, op, a, b, loc);
    num_t v;

    if (e)
        return e;
    if (is_number(a) && is_number(b) &&
        (arith(op, a->num, b->num, type.bits, &v) ||
         ir_compare(op, a->num, b->num, &v)))
        return ir_const(g, type, v, loc);
    if ((a->type.kind == IR_NUM && limits(op, a, b, &v)) ||
        itself(op, a, b, &v))
        return ir_const(g, type, v, loc);
    if ((op == IR_shl || op == IR_shr) && ir_is_const(b) && b->num >= type.bits)
        return ir_const(g, type, 0, loc);
    e = ir_node(g, op, type, loc);
    e->a = a;
    e->b = b;
    return e;
}

struct ir_expr *ir_cast(struct gen *g, struct ir_expr *a, struct ir_type to,
                        struct loc loc)
{
    struct ir_expr *e;

    if (a->type.kind == to.kind &&
        (to.kind != IR_NUM || to.bits == a->type.bits))
        return a;
    if (to.kind == IR_BOOL)
        return ir_binary(g, IR_ne, to, a, ir_const(g, a->type, 0, loc), loc);
    if (a->type.kind == IR_BOOL)
        return ir_unary(g, IR_number, to, a, loc);
    if (is_number(a))
        return ir_const(g, to, a->num, loc);
    e = ir_node(g, IR_cast, to, loc);
    e->a = a;
    return e;
}

/* Whether x lies in a constant interval, if that is known; cuts the interval
 * to what x can be. */
static bool item_known(const struct ir_expr *x, struct ir_item *i, bool *holds,
                       struct gen *g)
{
    num_t lo = ir_must(x), hi = ir_may(x);

    if (x->type.kind != IR_NUM || !ir_is_const(i->lo) || !ir_is_const(i->hi))
        return false;
    *holds = i->lo->num <= lo && hi <= i->hi->num;
    if (*holds || i->lo->num > hi || i->hi->num < lo)
        return true;
    if (i->hi->num > hi)
        i->hi = ir_const(g, x->type, hi, i->hi->loc);
    return false;
}

/* A set of one number is a comparison; so are intervals about a constant. */
static struct ir_expr *in_one(struct gen *g, struct ir_expr *in)
{
    struct ir_item *i = in->items.first;
    struct ir_expr *x = in->a, *ge, *le;

    if (x->type.kind != IR_NUM || in->items.n != 1)
        return in;
    if (i->lo == i->hi)
        return ir_binary(g, IR_eq, ir_bool(), x, i->lo, in->loc);
    if (!ir_is_const(x))
        return in;
    ge = ir_binary(g, IR_ge, ir_bool(), x, i->lo, in->loc);
    le = ir_binary(g, IR_le, ir_bool(), x, i->hi, in->loc);
    return ir_binary(g, IR_land, ir_bool(), ge, le, in->loc);
}

/* Takes out the items that are known; true if one of them holds. */
struct ir_expr *ir_in(struct gen *g, struct ir_expr *in)
{
    struct ir_item *i = in->items.first, *next;
    bool holds;

    in->items.first = in->items.last = NULL;
    in->items.n = 0;
    for (; i; i = next) {
        next = i->next;
        if (!item_known(in->a, i, &holds, g))
            LIST_ADD(&in->items, i);
        else if (holds)
            return ir_const(g, ir_bool(), 1, in->loc);
    }
    return in->items.n ? in_one(g, in) : ir_const(g, ir_bool(), 0, in->loc);
}
