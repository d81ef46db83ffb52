/* x in {...} */
#include "emit/emit.h"

/* x between lo and hi, x being given as text. */
static struct cexpr item(struct emit *e, const struct ir_expr *in,
                         const struct ir_item *i, const char *x)
{
    num_t max = in->a->type.kind == IR_NUM ? num_mask(in->a->type.bits) : 0;
    const char *lo = emit_operand(e, i->lo, PREC_LESS);
    const char *hi = emit_operand(e, i->hi, PREC_LESS);
    struct cexpr c = {NULL, PREC_LESS};

    if (in->a->type.kind == IR_ADDR) {
        c.text = arena_fmt(e->arena, "nflg_addr_in(%s, %u, %s, %s)", x, i->v6,
                           lo, hi);
        c.prec = PREC_PRIMARY;
    } else if (i->lo == i->hi || (ir_is_const(i->lo) && ir_is_const(i->hi) &&
                                  i->lo->num == i->hi->num)) {
        c.text = arena_fmt(e->arena, "%s == %s", x, lo);
        c.prec = PREC_EQUAL;
    } else if (ir_is_const(i->lo) && i->lo->num == 0) {
        c.text = arena_fmt(e->arena, "%s <= %s", x, hi);
    } else if (ir_is_const(i->hi) && i->hi->num == max) {
        c.text = arena_fmt(e->arena, "%s >= %s", x, lo);
    } else {
        c.text = arena_fmt(e->arena, "%s >= %s && %s <= %s", x, lo, x, hi);
        c.prec = PREC_LAND;
    }
    return c;
}

static struct cexpr items(struct emit *e, const struct ir_expr *in,
                          const char *x)
{
    struct cexpr all = {NULL, PREC_LOR}, c;
    const struct ir_item *i;

    LIST_EACH (i, &in->items) {
        c = item(e, in, i, x);
        if (in->items.n == 1)
            return c;
        if (c.prec == PREC_LAND)
            c.text = arena_fmt(e->arena, "(%s)", c.text);
        all.text = all.text ? arena_fmt(e->arena, "%s || %s", all.text, c.text)
                            : c.text;
    }
    return all;
}

/* How often x stands in the text. */
static bool once(const struct ir_expr *in)
{
    const struct ir_item *i = in->items.first;

    if (in->items.n > 1)
        return false;
    return in->a->type.kind == IR_ADDR || i->lo == i->hi ||
           (ir_is_const(i->lo) && (i->lo->num == 0 || ir_is_const(i->hi)) &&
            (i->lo->num == 0 || i->lo->num == i->hi->num));
}

/* Reads that may stand twice: cheap, and the same to a reader. */
static bool simple(const struct ir_expr *in)
{
    return in->a->op == IR_local ||
           (in->items.n == 1 &&
            (in->a->op == IR_field || in->a->op == IR_here));
}

/* Anything else is evaluated once. */
struct cexpr emit_in(struct emit *e, const struct ir_expr *in)
{
    struct cexpr c = {NULL, PREC_PRIMARY};
    char *x;

    if (once(in) || simple(in))
        return items(e, in, emit_operand(e, in->a, PREC_LESS));
    x = arena_fmt(e->arena, "x%u", ++e->temps);
    c.text = arena_fmt(e->arena, "__extension__({ %s %s = %s; %s; })",
                       emit_ctype(in->a->type), x, emit_value(e, in->a),
                       items(e, in, x).text);
    return c;
}
