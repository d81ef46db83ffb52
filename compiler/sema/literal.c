/* Literals take the type that is expected, if it has their form. */
#include "sema/sema.h"

#include "base/text.h"

static const char *form_name(enum ast_lit form)
{
    switch (form) {
    case LIT_INT:
        return "a number";
    case LIT_IPV4:
        return "an IPv4 address";
    case LIT_IPV6:
        return "an IPv6 address";
    case LIT_MAC:
        return "an Ethernet address";
    case LIT_DURATION:
        return "a duration";
    case LIT_STRING:
        return "a string";
    }
    return "a literal";
}

static struct texpr *unfit(struct scope *sc, const struct ast_expr *e,
                           const struct type *want)
{
    struct diag *d =
        diag_error(sc->sema->diags, e->loc, "this is %s, where '%s' is needed",
                   form_name(e->lit), want->name);
    char number[NUM_TEXT];

    advise_end(sc, d, e->loc, type_of_form(sc->sema, e->lit), want);
    if (want->kind == TY_FILE && e->lit == LIT_STRING)
        diag_hint(d, "write file(\"%s\")", e->text);
    if (want->kind == TY_DURATION && e->lit == LIT_INT)
        diag_hint(d, "give the unit: ms, s, min, h");
    if (want->kind == TY_BOOL && e->lit == LIT_INT && e->num < 2)
        diag_hint(d, "a bool is true or false");
    else if (want->kind == TY_BOOL && e->lit == LIT_INT)
        diag_hint(d, "compare something with it, as in `... == %s`",
                  num_text(number, e->num));
    if (e->lit == LIT_STRING && sc->sema->tree->payload &&
        want == sc->sema->tree->payload->type)
        advise_bytes(sc->sema, d, e);
    if (e->lit == LIT_STRING && type_is_number(want))
        diag_hint(d, "write it without quotes");
    return expr_error(sc, e->loc);
}

static struct texpr *number_as(struct scope *sc, const struct ast_expr *e,
                               struct type *t)
{
    char most[NUM_TEXT];

    if (e->num > num_mask(t->bits)) {
        diag_note(diag_error(sc->sema->diags, e->loc,
                             "this number does not fit into '%s' (%u bits)",
                             t->name, t->bits),
                  "the largest is %s", num_text(most, num_mask(t->bits)));
        return expr_error(sc, e->loc);
    }
    return expr_number(sc, e->loc, t, e->num);
}

static struct texpr *address_as_union(struct scope *sc,
                                      const struct ast_expr *e,
                                      struct type *want)
{
    struct texpr *c;

    for (unsigned i = 0; i < 2; i++) {
        if (want->alt[i]->form != e->lit)
            continue;
        c = expr_number(sc, e->loc, want, e->num);
        c->value.alt = i;
        return c;
    }
    return unfit(sc, e, want);
}

static struct texpr *string_as(struct scope *sc, const struct ast_expr *e,
                               struct type *want)
{
    struct texpr *c;

    if (want && want->kind != TY_STRING)
        return unfit(sc, e, want);
    c = expr_new(sc, TE_CONST, e->loc, sc->sema->string);
    c->value.str = e->text;
    return c;
}

static struct texpr *duration_as(struct scope *sc, const struct ast_expr *e,
                                 struct type *want)
{
    if (want && want->kind != TY_DURATION)
        return unfit(sc, e, want);
    return expr_number(sc, e->loc, sc->sema->duration, e->num);
}

static struct texpr *range_as(struct scope *sc, const struct ast_expr *e,
                              struct type *want)
{
    struct texpr *lo, *hi, *r;

    if (!want || want->kind != TY_RANGE) {
        diag_error(sc->sema->diags, e->loc, "a range is not expected here");
        return expr_error(sc, e->loc);
    }
    lo = fold(sc, expr_value(sc, e->a, want->elem));
    hi = fold(sc, expr_value(sc, e->b, want->elem));
    if (lo->type->kind == TY_ERROR || hi->type->kind == TY_ERROR)
        return expr_error(sc, e->loc);
    if (lo->value.u > hi->value.u) {
        diag_error(sc->sema->diags, e->loc,
                   "the range is empty: its first "
                   "value is greater than its last");
        return expr_error(sc, e->loc);
    }
    r = expr_number(sc, e->loc, want, lo->value.u);
    r->value.hi = hi->value.u;
    return r;
}

static struct texpr *number_value(struct scope *sc, const struct ast_expr *e,
                                  struct type *want)
{
    struct type *t = want;

    if (!t || t->kind == TY_ERROR)
        t = e->lit == LIT_INT ? type_uint(sc->sema, 64)
                              : type_of_form(sc->sema, e->lit);
    if (!t) {
        diag_error(sc->sema->diags, e->loc, "no type has literals like this");
        return expr_error(sc, e->loc);
    }
    if (t->kind == TY_UNION)
        return address_as_union(sc, e, t);
    if (t->kind == TY_ENUM && e->lit == LIT_INT)
        return number_as(sc, e, t);
    if (t->kind == TY_UINT && t->form == e->lit)
        return number_as(sc, e, t);
    return unfit(sc, e, t);
}

struct texpr *literal_value(struct scope *sc, const struct ast_expr *e,
                            struct type *want)
{
    if (e->kind == AE_RANGE)
        return range_as(sc, e, want);
    if (want && want->kind == TY_ERROR)
        want = NULL;
    if (e->lit == LIT_STRING)
        return string_as(sc, e, want);
    if (e->lit == LIT_DURATION)
        return duration_as(sc, e, want);
    return number_value(sc, e, want);
}
