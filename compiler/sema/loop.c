/* match and for. Both are gone in the typed tree: a match is an if with a
 * membership for each arm, and a loop is its body, once for each number. */
#include "sema/sema.h"

enum { LOOP_MAX = 256 };

/* ---- match ---- */

static struct texpr *matched(struct scope *sc, const struct ast_stmt *s,
                             struct tblock *to)
{
    struct tstmt *let = tstmt_new(sc, TS_LET, s->value->loc);
    struct texpr *l = expr_new(sc, TE_LOCAL, s->value->loc, NULL);
    struct diag *d;

    let->value = expr_value(sc, s->value, NULL);
    l->type = let->value->type;
    if (l->type->kind == TY_ERROR)
        return NULL;
    if (!type_is_number(l->type) && l->type->kind != TY_UNION) {
        d = diag_error(sc->sema->diags, s->value->loc, "'%s' cannot be matched",
                       l->type->name);
        if (s->value->kind == AE_TUPLE)
            advise_tuple(sc->sema, d, s);
        else
            diag_hint(d, "a number, an address or an enum can; else use if");
        return NULL;
    }
    let->local = l->local = ARENA_NEW(sc->sema->arena, struct local);
    l->local->name =
        arena_fmt(sc->sema->arena, "match__%u", sc->handler->locals.n);
    l->local->loc = s->loc;
    l->local->type = l->type;
    l->local->index = sc->handler->locals.n;
    LIST_ADD(&sc->handler->locals, l->local);
    LIST_ADD(&to->stmts, let);
    return l;
}

static struct tstmt *arm(struct scope *sc, const struct ast_arm *a,
                         struct texpr *value)
{
    struct tstmt *t = tstmt_new(sc, TS_IF, a->loc);
    struct binding *names = sc->names;

    t->value = expr_new(sc, TE_IN, a->loc, sc->sema->boolean);
    t->value->a = value;
    in_items(sc, a->patterns.first, t->value);
    t->body = block_stmts(sc, a->body);
    sc->names = names;
    return t;
}

void match_into(struct scope *sc, const struct ast_stmt *s, struct tblock *to)
{
    struct texpr *value = matched(sc, s, to);
    struct binding *names = sc->names;
    const struct texpr **arms =
        arena_alloc(sc->sema->arena, s->arms.n * sizeof(*arms));
    struct tstmt *last = NULL, *t;
    struct ast_arm *a;
    unsigned n = 0;

    if (!value)
        return;
    LIST_EACH (a, &s->arms) {
        t = arm(sc, a, value);
        if (arm_is_dead(arms, n, t->value))
            diag_warning(sc->sema->diags, a->loc,
                         "this is never reached: arms above take all of its "
                         "values");
        arms[n++] = t->value;
        if (last)
            to = last->other = ARENA_NEW(sc->sema->arena, struct tblock);
        LIST_ADD(&to->stmts, t);
        last = t;
    }
    if (last && s->other) {
        if (arms_take_all(arms, n, value->type))
            diag_warning(sc->sema->diags, s->other->loc,
                         "this is never reached: arms above take all values");
        last->other = block_stmts(sc, s->other);
    }
    sc->names = names;
}

/* ---- for ---- */

/* Calls may be functions without parameters. */
static bool is_constant(struct scope *sc, const struct ast_stmt *s,
                        const struct ast_expr *e)
{
    if (e->kind != AE_DOT && e->kind != AE_INDEX &&
        !(e->kind == AE_NAME && !expr_untyped(sc, e)))
        return true;
    advise_bounds(sc->sema,
                  diag_error(sc->sema->diags, e->loc,
                             "a loop goes from a constant to a constant"),
                  s);
    return false;
}

static bool bounds(struct scope *sc, const struct ast_stmt *s, num_t *lo,
                   num_t *hi, struct type **type)
{
    struct scope c = {.sema = sc->sema, .nf = sc->nf, .constant = true};
    struct texpr *a, *b;

    if (s->value->kind != AE_RANGE) {
        diag_hint(diag_error(sc->sema->diags, s->value->loc,
                             "a loop needs a range of constants"),
                  "as in: for %s in 0..7 { ... }", s->name);
        return false;
    }
    *type = type_uint(sc->sema, 32);
    if (!is_constant(sc, s, s->value->a) || !is_constant(sc, s, s->value->b))
        return false;
    a = fold(&c, expr_value(&c, s->value->a, *type));
    b = fold(&c, expr_value(&c, s->value->b, *type));
    if (a->type->kind == TY_ERROR || b->type->kind == TY_ERROR)
        return false;
    *lo = a->value.u;
    *hi = b->value.u;
    if (*lo <= *hi && *hi - *lo < LOOP_MAX)
        return true;
    diag_error(sc->sema->diags, s->value->loc,
               *lo > *hi ? "the range is empty: its first value is greater "
                           "than its last"
                         : "a loop has at most %d rounds",
               LOOP_MAX);
    return false;
}

void for_into(struct scope *sc, const struct ast_stmt *s, struct tblock *to)
{
    unsigned before = diags_errors(sc->sema->diags), copy = sc->copy;
    struct binding *names = sc->names;
    bool again = sc->again;
    struct type *type;
    num_t lo, hi;

    if (!bounds(sc, s, &lo, &hi, &type))
        return;
    for (num_t i = lo; i <= hi && !copies_many(sc, s->loc); i++) {
        sc->copy = sc->handler->locals.n + 1;
        scope_bind(sc, s->name, NULL, expr_number(sc, s->name_loc, type, i));
        block_into(sc, s->body, to);
        sc->names = names;
        sc->again = true;
        if (diags_errors(sc->sema->diags) > before || block_ends(to))
            break;
    }
    sc->copy = copy;
    sc->again = again;
}
