/* Conditions. A comparison, `in` or flag of a header that is not there is
 * false: each such atom gets the presence of what it reads in front of it.
 * What holds when a condition is true is known in what it guards. */
#include "sema/sema.h"

static struct texpr *has(struct scope *sc, struct loc loc, struct header *h)
{
    struct texpr *e = expr_new(sc, TE_HAS, loc, sc->sema->boolean);

    e->header = h;
    return e;
}

static struct texpr *both(struct scope *sc, struct texpr *a, struct texpr *b)
{
    return expr_binary(sc, OP_LAND, b->loc, sc->sema->boolean, a, b);
}

/* Puts the presence of the headers in `need` in front of e. */
static struct texpr *guard(struct scope *sc, struct texpr *e,
                           const struct hset *need)
{
    struct header *h;
    struct texpr *g = NULL;

    LIST_EACH (h, &sc->sema->tree->headers) {
        if (!hset_has(need, h) || hset_has(&sc->present, h))
            continue;
        g = g ? both(sc, g, has(sc, e->loc, h)) : has(sc, e->loc, h);
    }
    return g ? both(sc, g, e) : e;
}

static struct texpr *atom_typed(struct scope *sc, const struct ast_expr *e)
{
    if (e->kind == AE_IN)
        return in_value(sc, e);
    if (e->kind == AE_BINARY)
        return expr_coerce(sc, expr_compare(sc, e), sc->sema->boolean);
    return expr_value(sc, e, sc->sema->boolean);
}

static struct texpr *atom(struct scope *sc, const struct ast_expr *e,
                          struct hset *implied)
{
    struct hset need = {0}, *outer = sc->need;
    struct texpr *t;

    sc->need = &need;
    t = atom_typed(sc, e);
    sc->need = outer;
    if (t->type->kind == TY_ERROR)
        return t;
    t = guard(sc, t, &need);
    hset_or(implied, &need);
    hset_close(sc->sema, implied);
    return t;
}

static struct texpr *conjunction(struct scope *sc, const struct ast_expr *e,
                                 struct hset *implied)
{
    struct hset left = {0}, right = {0}, before = sc->present;
    struct texpr *a = cond_value(sc, e->a, &left), *b;

    hset_or(&sc->present, &left);
    b = cond_value(sc, e->b, &right);
    sc->present = before;
    hset_or(implied, &left);
    hset_or(implied, &right);
    return expr_binary(sc, OP_LAND, e->loc, sc->sema->boolean, a, b);
}

static struct texpr *disjunction(struct scope *sc, const struct ast_expr *e,
                                 struct hset *implied)
{
    struct hset left = {0}, right = {0};
    struct texpr *a = cond_value(sc, e->a, &left);
    struct texpr *b = cond_value(sc, e->b, &right);

    hset_and(&left, &right);
    hset_or(implied, &left);
    return expr_binary(sc, OP_LOR, e->loc, sc->sema->boolean, a, b);
}

static struct texpr *negation(struct scope *sc, const struct ast_expr *e)
{
    struct hset none = {0};
    struct texpr *n = expr_new(sc, TE_NOT, e->loc, sc->sema->boolean);

    n->a = cond_value(sc, e->a, &none);
    return n->a->type->kind == TY_ERROR ? n->a : n;
}

struct texpr *cond_value(struct scope *sc, const struct ast_expr *e,
                         struct hset *implied)
{
    struct texpr *h;

    if (e->kind == AE_BINARY && e->op == OP_LAND)
        return conjunction(sc, e, implied);
    if (e->kind == AE_BINARY && e->op == OP_LOR)
        return disjunction(sc, e, implied);
    if (e->kind == AE_UNARY && e->op == OP_NOT)
        return negation(sc, e);
    if (e->kind == AE_HAS || inner_has(sc, e)) {
        h = e->kind == AE_HAS ? access_has(sc, e) : access_dot(sc, e);
        if (h->kind == TE_HAS) {
            hset_add(implied, h->header);
            hset_close(sc->sema, implied);
        }
        return h;
    }
    return atom(sc, e, implied);
}

/* Where a and b both hold (and), or one of them does. */
static void of_both(struct hset *to, const struct hset *a, const struct hset *b,
                    bool and)
{
    struct hset all = *a;

    if (and)
        hset_or(&all, b);
    else
        hset_and(&all, b);
    hset_or(to, &all);
}

void cond_implied(const struct texpr *c, struct hset *implied)
{
    struct hset left = {0}, right = {0};

    if (c->kind == TE_HAS)
        hset_add(implied, c->header);
    if (c->kind == TE_NOT)
        cond_refuted(c->a, implied);
    if (c->kind != TE_BINARY || (c->op != OP_LAND && c->op != OP_LOR))
        return;
    cond_implied(c->a, &left);
    cond_implied(c->b, &right);
    of_both(implied, &left, &right, c->op == OP_LAND);
}

void cond_refuted(const struct texpr *c, struct hset *implied)
{
    struct hset left = {0}, right = {0};

    if (c->kind == TE_NOT)
        cond_implied(c->a, implied);
    if (c->kind != TE_BINARY || (c->op != OP_LAND && c->op != OP_LOR))
        return;
    cond_refuted(c->a, &left);
    cond_refuted(c->b, &right);
    of_both(implied, &left, &right, c->op == OP_LOR);
}
