/* x in { a, b, 1..5, 10.0.0.0/8 }: everything becomes a closed interval. */
#include "sema/sema.h"

/* The type that a literal of this form has in a set over t; NULL if none. */
static struct type *side_of(const struct type *t, enum ast_lit form,
                            unsigned *alt)
{
    *alt = 0;
    if (t->kind != TY_UNION)
        return t->kind == TY_UINT && t->form == form ? (struct type *)t : NULL;
    for (unsigned i = 0; i < 2; i++) {
        if (t->alt[i]->form == form) {
            *alt = i;
            return t->alt[i];
        }
    }
    return NULL;
}

static bool item_prefix(struct scope *sc, const struct ast_expr *e,
                        struct type *t, struct titem *i)
{
    struct type *side = side_of(t, e->lit, &i->alt);
    num_t host;

    if (!side) {
        diag_error(sc->sema->diags, e->loc, "'%s' cannot be in this network",
                   t->name);
        return false;
    }
    host = num_mask(side->bits - e->plen);
    i->lo = expr_number(sc, e->loc, side, e->num);
    i->hi = expr_number(sc, e->loc, side, e->num | host);
    return true;
}

/* One end of an interval: of t itself, or of one family of it. */
static struct texpr *end_value(struct scope *sc, const struct ast_expr *e,
                               struct type *t, unsigned *alt)
{
    struct type *side;
    struct texpr *v;

    if (t->kind != TY_UNION)
        return expr_value(sc, e, t);
    v = expr_value(sc, e, NULL);
    if (v->type->kind == TY_ERROR)
        return v;
    side = v->type->kind == TY_UINT ? side_of(t, v->type->form, alt) : NULL;
    if (side && side == v->type)
        return v;
    diag_error(sc->sema->diags, e->loc, "'%s' is no part of '%s'",
               v->type->name, t->name);
    return expr_error(sc, e->loc);
}

static bool empty_interval(const struct titem *i)
{
    return i->lo->kind == TE_CONST && i->hi->kind == TE_CONST &&
           i->lo->value.u > i->hi->value.u;
}

static bool item_interval(struct scope *sc, const struct ast_expr *e,
                          struct type *t, struct titem *i)
{
    unsigned other = 0;

    if (e->kind != AE_RANGE) {
        if (refuse_negative(sc, e))
            return false;
        i->lo = i->hi = end_value(sc, e, t, &i->alt);
        return i->lo->type->kind != TY_ERROR;
    }
    i->lo = end_value(sc, e->a, t, &i->alt);
    i->hi = end_value(sc, e->b, t, &other);
    if (i->lo->type->kind == TY_ERROR || i->hi->type->kind == TY_ERROR)
        return false;
    if (i->alt == other && !empty_interval(i))
        return true;
    diag_error(sc->sema->diags, e->loc,
               "the range is empty: its first value "
               "is greater than its last");
    return false;
}

static bool add_item(struct scope *sc, const struct ast_expr *e,
                     struct texpr *in)
{
    struct titem *i = ARENA_NEW(sc->sema->arena, struct titem);
    struct type *t = in->a->type;
    bool ok = e->kind == AE_PREFIX ? item_prefix(sc, e, t, i)
                                   : item_interval(sc, e, t, i);

    if (ok)
        LIST_ADD(&in->items, i);
    return ok;
}

/* x in range, where range is a value of a range type. */
static bool add_range_value(struct scope *sc, const struct ast_expr *e,
                            struct texpr *in)
{
    struct titem *i = ARENA_NEW(sc->sema->arena, struct titem);
    struct texpr *r = expr_value(sc, e, NULL);
    struct diag *d;

    if (r->type->kind == TY_ERROR)
        return false;
    if (r->type->kind != TY_RANGE) {
        d = diag_error(sc->sema->diags, e->loc,
                       "`in` needs a set, a range or a network, not %s",
                       r->kind == TE_CONST
                           ? "one value"
                           : arena_fmt(sc->sema->arena, "'%s'", r->type->name));
        if (!advise_range(sc->sema, d, e))
            diag_hint(d, "write `in {...}`, or == to compare with one value");
        return false;
    }
    i->lo = expr_new(sc, TE_LOW, e->loc, r->type->elem);
    i->hi = expr_new(sc, TE_HIGH, e->loc, r->type->elem);
    i->lo->a = i->hi->a = r;
    i->lo = expr_coerce(sc, i->lo, in->a->type);
    i->hi = expr_coerce(sc, i->hi, in->a->type);
    LIST_ADD(&in->items, i);
    return i->lo->type->kind != TY_ERROR;
}

static bool add_items(struct scope *sc, const struct ast_expr *set,
                      struct texpr *in)
{
    struct ast_arg *a;
    bool ok = true;

    if (set->kind == AE_PREFIX || set->kind == AE_RANGE)
        return add_item(sc, set, in);
    if (set->kind != AE_SET)
        return add_range_value(sc, set, in);
    LIST_EACH (a, &set->args)
        ok &= add_item(sc, a->value, in);
    return ok;
}

struct texpr *in_value(struct scope *sc, const struct ast_expr *e)
{
    struct texpr *in = expr_new(sc, TE_IN, e->loc, sc->sema->boolean);
    struct var *table = table_named(sc, e->b);
    struct texpr *rows = table ? NULL : rows_named(sc, e->b);

    if (e->a->kind == AE_UNARY && e->a->op == OP_NOT) {
        diag_hint(diag_error(sc->sema->diags, e->a->loc,
                             "`!` binds tighter than `in`"),
                  "write !(x in y)");
        return expr_error(sc, e->loc);
    }
    if (table)
        return table_has(sc, e, table);
    if (rows)
        return rows_has_call(sc, e, rows);
    in->a = expr_value(sc, e->a, NULL);
    if (in->a->type->kind == TY_ERROR)
        return in->a;
    if (!type_is_number(in->a->type) && in->a->type->kind != TY_UNION) {
        diag_error(sc->sema->diags, e->a->loc, "'%s' cannot be in a set",
                   in->a->type->name);
        return expr_error(sc, e->loc);
    }
    return add_items(sc, e->b, in) ? in : expr_error(sc, e->loc);
}

bool in_items(struct scope *sc, const struct ast_expr *patterns,
              struct texpr *in)
{
    const struct ast_expr *p;
    bool ok = true;

    for (p = patterns; p; p = p->next)
        ok &= add_item(sc, p, in);
    return ok;
}
