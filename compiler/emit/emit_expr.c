/* Expressions. Numbers are computed in unsigned types of at least 32 bits, so
 * nothing is promoted to int, and are kept within their width. */
#include "emit/emit.h"

unsigned emit_carrier(unsigned bits)
{
    return bits <= 32 ? 32 : bits <= 64 ? 64 : 128;
}

static bool natural(unsigned bits)
{
    return bits == emit_carrier(bits);
}

const char *emit_ctype(struct ir_type t)
{
    switch (t.kind) {
    case IR_NUM:
        return t.bits <= 32   ? "uint32_t"
               : t.bits <= 64 ? "uint64_t"
                              : "nfl_u128";
    case IR_BOOL:
        return "bool";
    case IR_ADDR:
        return "struct nfl_ipaddr";
    case IR_STRING:
        return "const char *";
    case IR_OBJECT:
        return "void *";
    case IR_WORDS:
    case IR_VOID:
        break;
    }
    return "void";
}

struct cexpr emit_expr(struct emit *e, const struct ir_expr *x)
{
    static emit_expr_fn *const table[IR_OP_N] = {
#define EXPR(name, operands, result) [IR_##name] = emit_##name,
#define STMT(name)
#include "ir/ir_op.def"
#undef EXPR
#undef STMT
    };
    const struct row_slot *s = e->row ? row_slot_of(e->row, x) : NULL;

    return s ? emit_kept(e, s) : table[x->op](e, x);
}

/* Which operators people read next to each other without parentheses. */
static bool plain(enum prec inner, enum prec outer)
{
    if (inner <= PREC_UNARY)
        return true;
    if (outer == PREC_LAND || outer == PREC_LOR)
        return inner == PREC_LESS || inner == PREC_EQUAL || inner == outer;
    if (outer == PREC_LESS || outer == PREC_EQUAL)
        return inner == PREC_ADD || inner == PREC_MUL;
    return outer == PREC_ADD && inner == PREC_MUL;
}

const char *emit_operand(struct emit *e, const struct ir_expr *x,
                         enum prec prec)
{
    struct cexpr c = emit_expr(e, x);

    return plain(c.prec, prec) ? c.text : arena_fmt(e->arena, "(%s)", c.text);
}

const char *emit_value(struct emit *e, const struct ir_expr *x)
{
    return emit_expr(e, x).text;
}

static struct cexpr made(const char *text, enum prec prec)
{
    struct cexpr c = {text, prec};

    return c;
}

/* ---- constants ---- */

const char *emit_num(struct emit *e, num_t v, unsigned carrier)
{
    unsigned long long hi = (unsigned long long)(v >> 64);
    unsigned long long lo = (unsigned long long)v;
    const char *end = carrier == 32 ? "u" : "ull";

    if (carrier == 128 && hi)
        return arena_fmt(e->arena, "NFLG_U128(0x%llxull, 0x%llxull)", hi, lo);
    if (carrier == 128)
        return arena_fmt(e->arena, "NFLG_U128(0, %lluull)", lo);
    if (lo < 100000)
        return arena_fmt(e->arena, "%llu%s", lo, end);
    return arena_fmt(e->arena, "0x%llx%s", lo, end);
}

/* Masks read better so. */
static const char *emit_hex(struct emit *e, num_t v, unsigned carrier)
{
    if (carrier == 128)
        return emit_num(e, v, carrier);
    return arena_fmt(e->arena, "0x%llx%s", (unsigned long long)v,
                     carrier == 32 ? "u" : "ull");
}

struct cexpr emit_const(struct emit *e, const struct ir_expr *x)
{
    if (x->type.kind == IR_BOOL)
        return made(x->num ? "true" : "false", PREC_PRIMARY);
    if (x->type.kind == IR_ADDR)
        return made(arena_fmt(e->arena, "nflg_addr(%u, %s)", x->v6,
                              emit_num(e, x->num, x->v6 ? 128 : 32)),
                    PREC_PRIMARY);
    return made(emit_num(e, x->num, emit_carrier(x->type.bits)), PREC_PRIMARY);
}

struct cexpr emit_str(struct emit *e, const struct ir_expr *x)
{
    return made(cw_quote(e->arena, x->str), PREC_PRIMARY);
}

/* ---- arithmetic ---- */

/* text, a number that may exceed x's width, cut to it. */
static struct cexpr cut(struct emit *e, struct cexpr c, struct ir_type t)
{
    const char *mask;

    if (natural(t.bits))
        return c;
    if (c.prec > PREC_UNARY)
        c.text = arena_fmt(e->arena, "(%s)", c.text);
    mask = emit_hex(e, num_mask(t.bits), emit_carrier(t.bits));
    return made(arena_fmt(e->arena, "%s & %s", c.text, mask), PREC_AND);
}

static struct cexpr infix(struct emit *e, const struct ir_expr *x,
                          const char *op, enum prec prec)
{
    const char *a = emit_operand(e, x->a, prec);
    const char *b = emit_operand(e, x->b, prec);

    return made(arena_fmt(e->arena, "%s %s %s", a, op, b), prec);
}

struct cexpr emit_add(struct emit *e, const struct ir_expr *x)
{
    return cut(e, infix(e, x, "+", PREC_ADD), x->type);
}

struct cexpr emit_sub(struct emit *e, const struct ir_expr *x)
{
    return cut(e, infix(e, x, "-", PREC_ADD), x->type);
}

struct cexpr emit_mul(struct emit *e, const struct ir_expr *x)
{
    return cut(e, infix(e, x, "*", PREC_MUL), x->type);
}

struct cexpr emit_and(struct emit *e, const struct ir_expr *x)
{
    return infix(e, x, "&", PREC_AND);
}

struct cexpr emit_or(struct emit *e, const struct ir_expr *x)
{
    return infix(e, x, "|", PREC_OR);
}

struct cexpr emit_xor(struct emit *e, const struct ir_expr *x)
{
    return infix(e, x, "^", PREC_XOR);
}

/* Total: a divisor that may be zero needs a function. */
static struct cexpr divide(struct emit *e, const struct ir_expr *x,
                           const char *op, const char *name)
{
    if (ir_is_const(x->b) && x->b->num)
        return infix(e, x, op, PREC_MUL);
    return made(arena_fmt(e->arena, "nflg_%s%u(%s, %s)", name,
                          emit_carrier(x->type.bits), emit_value(e, x->a),
                          emit_value(e, x->b)),
                PREC_PRIMARY);
}

struct cexpr emit_div(struct emit *e, const struct ir_expr *x)
{
    return divide(e, x, "/", "div");
}

struct cexpr emit_mod(struct emit *e, const struct ir_expr *x)
{
    return divide(e, x, "%", "mod");
}

/* A shift by the width or more gives 0; a known one is less here. */
static struct cexpr shift(struct emit *e, const struct ir_expr *x,
                          const char *op, const char *name)
{
    if (ir_is_const(x->b))
        return made(arena_fmt(e->arena, "%s %s %u",
                              emit_operand(e, x->a, PREC_SHIFT), op,
                              (unsigned)x->b->num),
                    PREC_SHIFT);
    return made(arena_fmt(e->arena, "nflg_%s%u(%s, %s, %u)", name,
                          emit_carrier(x->type.bits), emit_value(e, x->a),
                          emit_value(e, x->b), x->type.bits),
                PREC_PRIMARY);
}

struct cexpr emit_shl(struct emit *e, const struct ir_expr *x)
{
    return cut(e, shift(e, x, "<<", "shl"), x->type);
}

struct cexpr emit_shr(struct emit *e, const struct ir_expr *x)
{
    return shift(e, x, ">>", "shr");
}

/* gcc warns of ~ in a comparison where the operand was widened. */
struct cexpr emit_compl(struct emit *e, const struct ir_expr *x)
{
    bool widened = x->a->op == IR_cast || x->a->op == IR_number;
    struct cexpr c = {NULL, widened ? PREC_PRIMARY : PREC_UNARY};

    if (widened)
        c.text = arena_fmt(e->arena, "nflg_compl%u(%s)",
                           emit_carrier(x->type.bits), emit_value(e, x->a));
    else
        c.text = arena_fmt(e->arena, "~%s", emit_operand(e, x->a, PREC_UNARY));
    return cut(e, c, x->type);
}

/* ---- booleans ---- */

static struct cexpr equal(struct emit *e, const struct ir_expr *x,
                          const char *op, const char * not)
{
    if (x->a->type.kind != IR_ADDR)
        return infix(e, x, op, PREC_EQUAL);
    return made(arena_fmt(e->arena, "%snfl_ipaddr_eq(%s, %s)", not,
                          emit_value(e, x->a), emit_value(e, x->b)),
                PREC_UNARY);
}

struct cexpr emit_eq(struct emit *e, const struct ir_expr *x)
{
    return equal(e, x, "==", "");
}

struct cexpr emit_ne(struct emit *e, const struct ir_expr *x)
{
    return equal(e, x, "!=", "!");
}

struct cexpr emit_lt(struct emit *e, const struct ir_expr *x)
{
    return infix(e, x, "<", PREC_LESS);
}

struct cexpr emit_le(struct emit *e, const struct ir_expr *x)
{
    return infix(e, x, "<=", PREC_LESS);
}

struct cexpr emit_gt(struct emit *e, const struct ir_expr *x)
{
    return infix(e, x, ">", PREC_LESS);
}

struct cexpr emit_ge(struct emit *e, const struct ir_expr *x)
{
    return infix(e, x, ">=", PREC_LESS);
}

struct cexpr emit_land(struct emit *e, const struct ir_expr *x)
{
    return infix(e, x, "&&", PREC_LAND);
}

struct cexpr emit_lor(struct emit *e, const struct ir_expr *x)
{
    return infix(e, x, "||", PREC_LOR);
}

/* The comparison that says the opposite; IR_OP_N if x is none. */
static enum ir_op opposite(const struct ir_expr *x)
{
    if (x->a && x->a->type.kind == IR_ADDR)
        return IR_OP_N;
    switch (x->op) {
    case IR_eq:
        return IR_ne;
    case IR_ne:
        return IR_eq;
    case IR_lt:
        return IR_ge;
    case IR_le:
        return IR_gt;
    case IR_gt:
        return IR_le;
    case IR_ge:
        return IR_lt;
    default:
        return IR_OP_N;
    }
}

struct cexpr emit_negation(struct emit *e, const struct ir_expr *x)
{
    struct ir_expr turned = *x;

    if (e->row && row_slot_of(e->row, x))
        return made(arena_fmt(e->arena, "!%s", emit_value(e, x)), PREC_UNARY);
    if (x->op == IR_not)
        return emit_expr(e, x->a);
    if (x->op == IR_in_flow)
        return made("c->session == NULL", PREC_EQUAL);
    if (x->op == IR_from_side)
        return made(x->num ? "c->side != 1" : "c->side != 0", PREC_EQUAL);
    turned.op = opposite(x);
    if (turned.op != IR_OP_N)
        return emit_expr(e, &turned);
    return made(arena_fmt(e->arena, "!%s", emit_operand(e, x, PREC_UNARY)),
                PREC_UNARY);
}

struct cexpr emit_not(struct emit *e, const struct ir_expr *x)
{
    return emit_negation(e, x->a);
}

/* ---- conversions ---- */

struct cexpr emit_cast(struct emit *e, const struct ir_expr *x)
{
    unsigned from = emit_carrier(x->a->type.bits);
    unsigned to = emit_carrier(x->type.bits);
    struct cexpr c = emit_expr(e, x->a);

    if (from != to)
        c = made(arena_fmt(e->arena, "(%s)%s", emit_ctype(x->type),
                           emit_operand(e, x->a, PREC_UNARY)),
                 PREC_UNARY);
    return x->type.bits < x->a->type.bits ? cut(e, c, x->type) : c;
}

const char *emit_fit(struct emit *e, const char *text, struct ir_type t)
{
    if (t.kind != IR_NUM || t.bits >= 64)
        return text;
    if (t.bits <= 32)
        text = arena_fmt(e->arena, "(uint32_t)%s", text);
    return cut(e, made(text, PREC_UNARY), t).text;
}

struct cexpr emit_number(struct emit *e, const struct ir_expr *x)
{
    return made(arena_fmt(e->arena, "(%s)%s", emit_ctype(x->type),
                          emit_operand(e, x->a, PREC_UNARY)),
                PREC_UNARY);
}

struct cexpr emit_address(struct emit *e, const struct ir_expr *x)
{
    return made(arena_fmt(e->arena, "nflg_addr(%u, %s)", (unsigned)x->num,
                          emit_value(e, x->a)),
                PREC_PRIMARY);
}
