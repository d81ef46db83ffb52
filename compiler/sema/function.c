/* Pure functions: one expression over parameters. A call is the expression
 * with the arguments in the place of the parameters, so nothing of functions
 * is left in the typed tree. */
#include "sema/sema.h"

/* How often one program may put a function in place: calls within calls
 * could otherwise grow without bound. */
enum { CALLS_MAX = 10000, CALLS_DEEP = 64, COPIES_MAX = 200000 };

const struct ast_decl *function_named(struct sema *s, const char *name)
{
    const struct ast_decl *d;

    LIST_EACH (d, &s->ast->decls)
        if (d->kind == AD_FN && strcmp(d->name, name) == 0)
            return d;
    return NULL;
}

void copies_count(struct scope *sc, unsigned n)
{
    if ((sc->copy || sc->calling) && sc->sema->copies <= COPIES_MAX)
        sc->sema->copies += n;
}

bool copies_many(struct scope *sc, struct loc at)
{
    struct sema *s = sc->sema;

    if (s->copies <= COPIES_MAX)
        return false;
    if (!s->copies_told)
        diag_note(diag_error(s->diags, at,
                             "loops and calls of functions make more than %d "
                             "expressions of this program",
                             COPIES_MAX),
                  "each round of a loop, and each call, is one of its own");
    s->copies_told = true;
    return true;
}

/* How many expressions e is, up to `most`: what stands in several places of a
 * function counts at each of them. */
static unsigned size_of(const struct texpr *e, unsigned most)
{
    const struct titem *i;
    const struct targ *a;
    unsigned n = 1;

    if (!e || !most)
        return 0;
    n += size_of(e->a, most - n);
    n += size_of(e->b, most - n);
    LIST_EACH (i, &e->items) {
        n += size_of(i->lo, most - n);
        n += size_of(i->hi, most - n);
    }
    LIST_EACH (a, &e->args)
        n += size_of(a->value, most - n);
    return n;
}

bool calls_itself(struct scope *sc, const struct ast_expr *e,
                  const struct ast_decl *d)
{
    const struct calling *c;

    for (c = sc->calling; c; c = c->up) {
        if (c->fn != d)
            continue;
        diag_also(diag_error(sc->sema->diags, e->loc,
                             "'%s' calls itself; functions cannot", d->name),
                  d->loc, "declared here");
        return true;
    }
    if (sc->calling && sc->calling->depth == CALLS_DEEP) {
        diag_error(sc->sema->diags, e->loc, "more than %d calls in calls",
                   CALLS_DEEP);
        return true;
    }
    if (copies_many(sc, e->loc))
        return true;
    if (sc->sema->calls++ < CALLS_MAX)
        return false;
    if (sc->sema->calls == CALLS_MAX + 1)
        diag_error(sc->sema->diags, e->loc,
                   "functions are called more than "
                   "%d times in this program",
                   CALLS_MAX);
    return true;
}

/* The body, typed where it is called; errors in it have their own place. */
static struct texpr *body(struct scope *sc, const struct ast_decl *d,
                          const struct targ *args, struct loc loc)
{
    struct scope in = {.sema = sc->sema,
                       .handler = sc->handler,
                       .present = sc->present,
                       .need = sc->need,
                       .packet = sc->packet};
    struct calling c = {d, sc->calling,
                        sc->calling ? sc->calling->depth + 1 : 1};
    struct texpr *v;

    in.calling = &c;
    for (; args; args = args->next)
        scope_bind(&in, args->param->name, NULL, args->value);
    v = expr_value(&in, d->cond, type_resolve(sc->sema, d->type));
    if (!sc->calling || sc->calling->depth == 1) /* it has those within it */
        copies_count(&in, size_of(v, COPIES_MAX));
    return copies_many(sc, loc) ? expr_error(sc, loc) : v;
}

struct texpr *function_call(struct scope *sc, const struct ast_expr *e)
{
    const struct ast_decl *d = function_named(sc->sema, e->a->text);
    params ps = {0};
    struct targ *args;

    if (!d)
        return NULL;
    if (d->body) {
        diag_hint(diag_error(sc->sema->diags, e->loc,
                             "'%s' is an action: it has no value", d->name),
                  "give it a line of its own: %s(...)", d->name);
        return expr_error(sc, e->loc);
    }
    if (calls_itself(sc, e, d))
        return expr_error(sc, e->loc);
    function_params(sc, d, &ps);
    if (!bind_args(sc, e->args.first, &ps, e->loc,
                   arena_fmt(sc->sema->arena, "'%s'", d->name), &args))
        return expr_error(sc, e->loc);
    return body(sc, d, args, e->loc);
}

/* Types a function for itself, so that one that nobody calls is checked. */
static void check(struct sema *s, const struct ast_decl *d)
{
    struct scope sc = {.sema = s, .packet = true};
    struct calling c = {d, NULL, 1};
    params ps = {0};
    struct hset need = {0};
    struct param *p;

    sc.need = &need;
    function_params(&sc, d, &ps);
    sc.calling = &c;
    LIST_EACH (p, &ps) {
        if (p->type->kind == TY_OBJECT && !type_is_at_hand(s->tree, p->type))
            diag_error(s->diags, p->loc, "'%s' cannot be handed to a function",
                       p->type->name);
        scope_bind(&sc, p->name, NULL,
                   expr_new(&sc, TE_LOCAL, p->loc, p->type));
    }
    if (d->body)
        action_check(&sc, d);
    else
        expr_value(&sc, d->cond, type_resolve(s, d->type));
}

void functions_declare(struct sema *s)
{
    const struct ast_decl *d, *before;

    LIST_EACH (d, &s->ast->decls) {
        if (d->kind != AD_FN)
            continue;
        before = function_named(s, d->name);
        if (before != d)
            twice(s, d->loc, "function", d->name, before->loc);
        else if (type_named(s, d->name))
            diag_error(s->diags, d->loc, "'%s' is a type already", d->name);
        check(s, d);
    }
    s->calls = s->copies = 0;
}
