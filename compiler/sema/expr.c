/* Expressions: operators and conversions. Literals, names and conditions have
 * files of their own. */
#include "sema/sema.h"

struct texpr *expr_new(struct scope *sc, enum tekind kind, struct loc loc,
                       struct type *type)
{
    struct texpr *e = ARENA_NEW(sc->sema->arena, struct texpr);

    e->kind = kind;
    e->loc = loc;
    e->type = type;
    return e;
}

struct texpr *expr_error(struct scope *sc, struct loc loc)
{
    return expr_new(sc, TE_CONST, loc, sc->sema->error);
}

struct texpr *expr_number(struct scope *sc, struct loc loc, struct type *type,
                          num_t n)
{
    struct texpr *e = expr_new(sc, TE_CONST, loc, type);

    e->value.u = n;
    return e;
}

struct texpr *expr_binary(struct scope *sc, enum ast_op op, struct loc loc,
                          struct type *type, struct texpr *a, struct texpr *b)
{
    struct texpr *e = expr_new(sc, TE_BINARY, loc, type);

    e->op = op;
    e->a = a;
    e->b = b;
    return e;
}

struct binding *scope_find(const struct scope *sc, const char *name)
{
    struct binding *b;

    for (b = sc->names; b; b = b->up)
        if (strcmp(b->name, name) == 0)
            return b;
    return NULL;
}

void scope_bind(struct scope *sc, const char *name, struct local *local,
                struct texpr *value)
{
    struct binding *b = ARENA_NEW(sc->sema->arena, struct binding);

    b->name = name;
    b->local = local;
    b->value = value;
    b->up = sc->names;
    sc->names = b;
}

static bool is_param_or_var(const struct scope *sc, const char *name)
{
    struct param *p;
    struct var *v;
    struct whole *w;

    if (!sc->nf)
        return false;
    LIST_EACH (p, &sc->nf->params)
        if (strcmp(p->name, name) == 0)
            return true;
    LIST_EACH (v, &sc->nf->vars)
        if (strcmp(v->name, name) == 0)
            return true;
    LIST_EACH (w, &sc->nf->wholes)
        if (strcmp(w->name, name) == 0)
            return true;
    return false;
}

bool expr_untyped(struct scope *sc, const struct ast_expr *e)
{
    struct ast_arg *a;
    struct field *f;

    if (e->kind == AE_LIT || e->kind == AE_PREFIX)
        return true;
    if (e->kind == AE_BINARY && e->op < OP_EQ)
        return expr_untyped(sc, e->a) && expr_untyped(sc, e->b);
    if (e->kind == AE_TUPLE) {
        LIST_EACH (a, &e->args)
            if (expr_untyped(sc, a->value))
                return true;
        return false;
    }
    if (e->kind != AE_NAME)
        return false;
    if (sc->header)
        LIST_EACH (f, &sc->header->fields)
            if (strcmp(f->name, e->text) == 0)
                return false;
    return !scope_find(sc, e->text) && !is_param_or_var(sc, e->text) &&
           strcmp(e->text, "true") != 0 && strcmp(e->text, "false") != 0;
}

/* ---- conversions ---- */

static struct texpr *cast(struct scope *sc, struct texpr *e, struct type *to)
{
    struct texpr *c;

    if (e->kind == TE_CONST && type_is_number(e->type) && type_is_number(to)) {
        c = expr_number(sc, e->loc, to, e->value.u & num_mask(to->bits));
        return c;
    }
    c = expr_new(sc, TE_CAST, e->loc, to);
    c->a = e;
    return c;
}

static bool tuple_fits(const struct texpr *e, const struct type *want)
{
    return e->kind == TE_TUPLE && want->kind == TY_TUPLE &&
           e->type->members == want->members && e->args.n == want->parts.n;
}

static struct texpr *coerce_tuple(struct scope *sc, struct texpr *e,
                                  struct type *want)
{
    struct targ *a = e->args.first;
    struct part *p;

    LIST_EACH (p, &want->parts) {
        a->value = expr_coerce(sc, a->value, p->type);
        a = a->next;
    }
    e->type = want;
    return e;
}

static struct texpr *mismatch(struct scope *sc, struct texpr *e,
                              struct type *want)
{
    struct diag *d = diag_error(sc->sema->diags, e->loc,
                                "this is of type '%s', where '%s' "
                                "is needed",
                                e->type->name, want->name);

    advise_end(sc, d, e->loc, e->type, want);
    if (type_is_plain(e->type) && want->kind == TY_UINT &&
        want->form == LIT_INT)
        diag_hint(d, "to cut it to %u bits write %s(...)", want->bits,
                  want->name);
    else if (want->kind == TY_BOOL && type_is_number(e->type))
        diag_hint(d, "compare it with something, as in `... != 0`");
    else if (e->type->kind == TY_TUPLE && want->kind == TY_TUPLE &&
             e->type->parts.n == want->parts.n)
        diag_hint(d, "each part must fit; a number gets its type by u16(...)");
    else if (e->type->kind == TY_VOID)
        diag_note(d, "a function without a result cannot be used as a value");
    return expr_error(sc, e->loc);
}

/* True if every value of t is one of `want` by itself. */
static bool fits(const struct type *t, const struct type *want)
{
    const struct part *a, *b;

    if (t == want)
        return true;
    if (type_is_plain(t) && type_is_plain(want))
        return t->bits <= want->bits;
    if (want->kind == TY_UNION)
        return t == want->alt[0] || t == want->alt[1];
    if (t->kind != want->kind)
        return false;
    if (t->kind == TY_RANGE)
        return type_is_plain(t->elem) && type_is_plain(want->elem) &&
               t->elem->bits == want->elem->bits;
    if (t->kind != TY_TUPLE || t->parts.n != want->parts.n ||
        t->members != want->members)
        return false;
    b = want->parts.first;
    LIST_EACH (a, &t->parts) {
        if (!fits(a->type, b->type))
            return false;
        b = b->next;
    }
    return true;
}

struct texpr *expr_coerce(struct scope *sc, struct texpr *e, struct type *want)
{
    struct type *t = e->type;

    if (!want || t == want || t->kind == TY_ERROR || want->kind == TY_ERROR)
        return e;
    if (tuple_fits(e, want))
        return coerce_tuple(sc, e, want);
    if (fits(t, want))
        return cast(sc, e, want);
    return mismatch(sc, e, want);
}

/* ---- operators ---- */

static struct texpr *cannot(struct scope *sc, const struct ast_expr *e,
                            const struct type *a, const struct type *b)
{
    struct diag *d = diag_error(sc->sema->diags, e->op_loc,
                                "'%s' does not go with '%s' and "
                                "'%s'",
                                ast_op_text(e->op), a->name, b->name);

    if (a->kind == TY_UNION || b->kind == TY_UNION)
        diag_note(d, "an address of either family can be compared by ==, != "
                     "and `in`");
    else if (a == b && a->kind == TY_ENUM)
        diag_hint(d,
                  "an enum is compared by == and != only; u%u(...) is its "
                  "number",
                  a->bits);
    return expr_error(sc, e->loc);
}

/* The type that both sides of an operator take; NULL if there is none. */
static struct type *join(struct type *a, struct type *b)
{
    if (a == b)
        return a;
    if (type_is_plain(a) && type_is_plain(b)) {
        if (a->kind == TY_ENUM && b->bits <= a->bits)
            return a;
        if (b->kind == TY_ENUM && a->bits <= b->bits)
            return b;
        return a->bits >= b->bits ? a : b;
    }
    if (a->kind == TY_UNION && (b == a->alt[0] || b == a->alt[1]))
        return a;
    if (b->kind == TY_UNION && (a == b->alt[0] || a == b->alt[1]))
        return b;
    if (a->kind == TY_TUPLE && fits(a, b))
        return b;
    if (a->kind == TY_TUPLE && fits(b, a))
        return a;
    return NULL;
}

static struct texpr *typed(struct scope *sc, const struct ast_expr *e,
                           struct type *want);

/* One side of an operator; `want` is only what it should be, not must. */
static struct texpr *side(struct scope *sc, const struct ast_expr *e,
                          struct type *want)
{
    return expr_untyped(sc, e) ? expr_value(sc, e, want) : typed(sc, e, want);
}

/* Types the side that knows its type first, so that the other can follow. */
static void both_sides(struct scope *sc, const struct ast_expr *e,
                       struct type *want, struct texpr **a, struct texpr **b)
{
    if (expr_untyped(sc, e->a) && !expr_untyped(sc, e->b)) {
        *b = typed(sc, e->b, want);
        *a = (*b)->type->kind == TY_ERROR ? *b
                                          : expr_value(sc, e->a, (*b)->type);
        return;
    }
    *a = side(sc, e->a, want);
    if (!expr_untyped(sc, e->b)) {
        *b = typed(sc, e->b, want);
        return;
    }
    *b = (*a)->type->kind == TY_ERROR ? *a : expr_value(sc, e->b, (*a)->type);
}

static bool op_allowed(enum ast_op op, const struct type *t)
{
    bool equal = op == OP_EQ || op == OP_NE;

    if (t->kind == TY_UINT)
        return true;
    if (t->kind == TY_ENUM || t->kind == TY_BOOL || t->kind == TY_UNION ||
        t->kind == TY_TUPLE)
        return equal;
    return t->kind == TY_DURATION &&
           (op >= OP_EQ || op == OP_ADD || op == OP_SUB);
}

/* Arithmetic is done at the width that is wanted, if that is wider. */
static struct type *widened(struct type *t, struct type *want)
{
    bool wider = want && want->kind == TY_UINT && type_is_plain(want) &&
                 type_is_plain(t) && want->bits > t->bits;

    return wider ? want : t;
}

static struct texpr *shift(struct scope *sc, const struct ast_expr *e,
                           struct type *want)
{
    struct texpr *a = side(sc, e->a, want);
    struct texpr *b = expr_value(sc, e->b, NULL);
    struct type *t;

    if (a->type->kind == TY_ERROR || b->type->kind == TY_ERROR)
        return expr_error(sc, e->loc);
    if (a->type->kind != TY_UINT || !type_is_plain(b->type))
        return cannot(sc, e, a->type, b->type);
    t = widened(a->type, want);
    return expr_binary(sc, e->op, e->loc, t, expr_coerce(sc, a, t), b);
}

static struct texpr *binary(struct scope *sc, const struct ast_expr *e,
                            struct type *want)
{
    struct texpr *a, *b;
    struct type *t;
    bool compare = e->op >= OP_EQ && e->op <= OP_GE;

    if (e->op == OP_SHL || e->op == OP_SHR)
        return shift(sc, e, want);
    if (compare && refuse_flags(sc, e))
        return expr_error(sc, e->loc);
    if (!compare && want && want->kind == TY_RANGE) {
        advise_range(sc->sema,
                     diag_error(sc->sema->diags, e->loc,
                                "this is %s, where '%s' is needed", "a number",
                                want->name),
                     e);
        return expr_error(sc, e->loc);
    }
    both_sides(sc, e, compare ? NULL : want, &a, &b);
    if (a->type->kind == TY_ERROR || b->type->kind == TY_ERROR)
        return expr_error(sc, e->loc);
    t = join(a->type, b->type);
    if (!t || !op_allowed(e->op, t))
        return cannot(sc, e, a->type, b->type);
    if (!compare)
        t = widened(t, want);
    return expr_binary(sc, e->op, e->loc, compare ? sc->sema->boolean : t,
                       expr_coerce(sc, a, t), expr_coerce(sc, b, t));
}

static struct texpr *complement(struct scope *sc, const struct ast_expr *e,
                                struct type *want)
{
    struct texpr *a =
                     expr_value(sc, e->a, expr_untyped(sc, e->a) ? want : NULL),
                 *c;

    if (a->type->kind == TY_ERROR)
        return a;
    if (a->type->kind != TY_UINT) {
        diag_error(sc->sema->diags, e->loc, "'~' does not go with '%s'",
                   a->type->name);
        return expr_error(sc, e->loc);
    }
    c = expr_new(sc, TE_COMPL, e->loc, a->type);
    c->a = a;
    return c;
}

static bool is_part(const struct type *t)
{
    return type_is_number(t) || t->kind == TY_BOOL || t->kind == TY_UNION ||
           t->kind == TY_RANGE || t->kind == TY_TUPLE;
}

/* Without a type that is wanted it has that of its parts. */
static struct texpr *tuple(struct scope *sc, const struct ast_expr *e,
                           struct type *want)
{
    struct texpr *t = expr_new(sc, TE_TUPLE, e->loc, NULL);
    struct type **types =
        arena_alloc(sc->sema->arena, e->args.n * sizeof(*types));
    bool like = want && want->kind == TY_TUPLE && !want->members &&
                want->parts.n == e->args.n;
    struct part *p = like ? want->parts.first : NULL;
    bool parts = true;
    struct ast_arg *a;
    struct targ *to;
    struct diag *d;

    LIST_EACH (a, &e->args) {
        to = ARENA_NEW(sc->sema->arena, struct targ);
        to->value = expr_value(sc, a->value, p ? p->type : NULL);
        if (to->value->type->kind == TY_ERROR)
            return to->value;
        types[t->args.n] = to->value->type;
        parts &= is_part(to->value->type);
        LIST_ADD(&t->args, to);
        p = p ? p->next : NULL;
    }
    t->type = like             ? want
              : want || !parts ? NULL
                               : type_tuple(sc->sema, e->loc, types, t->args.n);
    if (t->type)
        return t;
    d = diag_error(sc->sema->diags, e->loc,
                   "a tuple of %u is not expected here", e->args.n);
    if (want && type_is_struct(want))
        diag_hint(d, "a struct is made by its name: %s(...)", want->name);
    return expr_error(sc, e->loc);
}

static struct texpr *typed(struct scope *sc, const struct ast_expr *e,
                           struct type *want)
{
    struct hset implied = {0};

    copies_count(sc, 1);
    switch (e->kind) {
    case AE_LIT:
        return literal_value(sc, e, want);
    case AE_NAME:
        return access_name(sc, e, want);
    case AE_DOT:
        return access_dot(sc, e);
    case AE_CALL:
        return access_call(sc, e, false);
    case AE_INDEX:
        return table_inside(sc, e);
    case AE_TUPLE:
        return tuple(sc, e, want);
    case AE_RANGE:
        return literal_value(sc, e, want);
    case AE_HAS:
    case AE_IN:
        return cond_value(sc, e, &implied);
    case AE_UNARY:
        return e->op == OP_NOT ? cond_value(sc, e, &implied)
                               : complement(sc, e, want);
    case AE_BINARY:
        return e->op >= OP_EQ ? cond_value(sc, e, &implied)
                              : binary(sc, e, want);
    case AE_PREFIX:
    case AE_SET:
        break;
    }
    diag_error(sc->sema->diags, e->loc, "%s is only used behind `in`",
               e->kind == AE_SET ? "a set" : "a prefix");
    return expr_error(sc, e->loc);
}

struct texpr *expr_value(struct scope *sc, const struct ast_expr *e,
                         struct type *want)
{
    return expr_coerce(sc, typed(sc, e, want), want);
}

struct texpr *expr_compare(struct scope *sc, const struct ast_expr *e)
{
    return binary(sc, e, NULL);
}
