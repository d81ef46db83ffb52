/* Cells: state that is changed by functions in C, as a token bucket is. An
 * extern type is one if it has properties, which are its numbers, and a
 * function marked `updates`. */
#include "sema/sema.h"

/* ---- the type ---- */

static void check_member(struct sema *s, const struct member *m)
{
    const struct type *t = m->type;

    if (!m->fn && (t->kind != TY_UINT || t->bits != 64))
        diag_error(s->diags, m->loc, "a number of a cell is a u64, not '%s'",
                   t->name);
    if (m->fn && (!m->updates || m->leases || m->rewrites))
        diag_error(s->diags, m->loc,
                   "a function of a type that has numbers is marked `updates`, "
                   "and neither leases nor rewrites");
    if (m->fn && t->kind != TY_VOID &&
        (m->fails || (!type_is_number(t) && t->kind != TY_BOOL)))
        diag_error(s->diags, m->loc,
                   "a function of a type that has numbers hands out one "
                   "number, or none if it fails");
}

void cell_type_check(struct sema *s, struct object *o)
{
    const struct member *m;
    unsigned numbers = 0;
    bool updates = false;

    LIST_EACH (m, &o->members) {
        numbers += !m->fn;
        updates |= m->updates;
    }
    if (!numbers || !updates)
        return;
    o->numbers = numbers;
    LIST_EACH (m, &o->members)
        check_member(s, m);
}

/* ---- declarations ---- */

static struct object *cell_type(struct sema *s, const struct ast_type *t)
{
    struct object *o = t->kind == AT_OBJECT || t->kind == AT_NAME
                           ? object_named(s, t->name)
                           : NULL;

    return o && o->numbers ? o : NULL;
}

static bool is_setting(const struct texpr *e)
{
    while (e->kind == TE_CAST)
        e = e->a;
    return e->kind == TE_CONST || e->kind == TE_PARAM;
}

/* NULL if the settings are wrong. */
static struct cell *cell_new(struct sema *s, struct nf *n,
                             const struct ast_type *a, struct object *o)
{
    struct scope sc = {.sema = s, .nf = n};
    struct cell *c = ARENA_NEW(s->arena, struct cell);
    struct targ *first, *t;

    c->type = o;
    c->loc = a->loc;
    if (!bind_args(&sc, a->args.first, &o->params, a->loc,
                   arena_fmt(s->arena, "'%s'", o->name), &first))
        return NULL;
    c->args.first = first;
    for (t = first; t; t = t->next) {
        c->args.last = t;
        c->args.n++;
        if (t->value && is_setting(t->value))
            continue;
        diag_error(s->diags, t->value ? t->value->loc : a->loc,
                   "a '%s' is set by constants and parameters", o->name);
        return NULL;
    }
    return c;
}

static void add_numbers(struct sema *s, struct nf *n, const struct ast_var *a,
                        enum storage storage, struct cell *c)
{
    const struct member *m;
    struct var *v;

    LIST_EACH (m, &c->type->members) {
        if (m->fn)
            continue;
        v = ARENA_NEW(s->arena, struct var);
        v->name = arena_fmt(s->arena, "%s.%s", a->name, m->name);
        v->doc = a->doc;
        v->loc = a->loc;
        v->index = n->vars.n;
        v->storage = storage;
        v->type = m->type;
        v->update = UP_MAX; /* sums over shards would tell nothing */
        v->update_loc = a->loc;
        LIST_ADD(&n->vars, v);
        if (!c->first)
            c->first = v;
    }
}

bool cell_declare(struct sema *s, struct nf *n, const struct ast_var *a,
                  enum storage storage)
{
    struct object *o = cell_type(s, a->type);
    struct cell *c;

    if (!o)
        return false;
    if (storage == ST_ATOMIC) {
        diag_hint(diag_error(s->diags, a->type->loc,
                             "a '%s' cannot be atomic: what it does depends "
                             "on the order of calls",
                             o->name),
                  "split %s: one for each shard; flow %s: one for each flow",
                  a->name, a->name);
        return true;
    }
    c = cell_new(s, n, a->type, o);
    if (!c)
        return true;
    c->name = a->name;
    c->loc = a->loc;
    add_numbers(s, n, a, storage, c);
    LIST_ADD(&n->cells, c);
    return true;
}

struct type *cell_values(struct sema *s, struct nf *n, const struct ast_type *a,
                         struct table *t, bool *ok)
{
    struct object *o = cell_type(s, a);
    const struct member *m;
    struct type **parts;
    unsigned i = 0;

    if (!o)
        return NULL;
    t->cell = cell_new(s, n, a, o);
    *ok = t->cell != NULL;
    parts = arena_alloc(s->arena, o->numbers * sizeof(*parts));
    LIST_EACH (m, &o->members)
        if (!m->fn)
            parts[i++] = m->type;
    return *ok ? type_tuple(s, a->loc, parts, i) : NULL;
}

/* ---- uses ---- */

struct cell *cell_named(struct scope *sc, const struct ast_expr *e)
{
    struct var *v;
    struct cell *c;

    if (!sc->nf)
        return NULL;
    if (e->kind == AE_INDEX) {
        v = table_named(sc, e->a);
        return v ? v->table->cell : NULL;
    }
    if (e->kind != AE_NAME || scope_find(sc, e->text))
        return NULL;
    LIST_EACH (c, &sc->nf->cells)
        if (strcmp(c->name, e->text) == 0)
            return c;
    return NULL;
}

const char *cell_function(const struct cell *c)
{
    const struct member *m;

    if (c)
        LIST_EACH (m, &c->type->members)
            if (m->fn)
                return m->name;
    return "";
}

struct texpr *cell_no_value(struct scope *sc, const struct ast_expr *e,
                            const struct cell *c)
{
    const char *index = e->kind == AE_INDEX ? "[...]" : "";

    diag_hint(diag_error(sc->sema->diags, e->loc,
                         "a '%s' is no value: its functions change it, and "
                         "stand on lines of their own",
                         c->type->name),
              "%s%s.%s(...), or let x = %s%s.%s(...)", c->name, index,
              cell_function(c), c->name, index, cell_function(c));
    return expr_error(sc, e->loc);
}

static struct member *function(struct scope *sc, const struct ast_expr *e,
                               const struct cell *c)
{
    struct member *m = member_named(c->type, e->a->text);
    struct diag *d;

    if (m && m->fn)
        return m;
    d = diag_error(sc->sema->diags, e->a->text_loc, "'%s' has no function '%s'",
                   c->type->name, e->a->text);
    HINT_NEAR(d, sc->sema, e->a->text, &c->type->members);
    return NULL;
}

static struct texpr *call(struct scope *sc, const struct ast_expr *e,
                          struct cell *c)
{
    struct member *m = function(sc, e, c);
    struct texpr *t;
    struct targ *args;

    if (!m || !bind_args(sc, e->args.first, &m->params, e->loc,
                         arena_fmt(sc->sema->arena, "'%s'", m->name), &args))
        return NULL;
    t = expr_new(sc, TE_CALL, e->loc, m->type);
    t->member = m;
    t->cell = c;
    set_args(t, args);
    if (c->first) {
        if (c->first->storage == ST_FLOW && sc->handler)
            sc->handler->needs_flow = true;
        return t;
    }
    t->a = table_entry(sc, e->a->a, ACCESS_CELL);
    return t->a ? t : NULL;
}

struct tstmt *cell_stmt(struct scope *sc, const struct ast_stmt *s,
                        struct cell *c)
{
    struct texpr *e = call(sc, s->value, c);
    struct tstmt *t;

    if (!e)
        return NULL;
    t = tstmt_new(sc, TS_CALL, s->loc);
    t->value = e;
    if (cell_fails(e))
        alternative(sc, s, t);
    else if (s->alt.kind != ALT_NONE)
        diag_error(sc->sema->diags, s->alt.loc,
                   "'%s' cannot fail, so `or` has no use", e->member->name);
    return t;
}
