/* Accesses to tables: k in t, t[k], t[k] = v, t[k] += v, t.add(k),
 * t.remove(k). */
#include "sema/sema.h"

struct var *table_named(struct scope *sc, const struct ast_expr *e)
{
    struct var *v;

    if (e->kind != AE_NAME || !sc->nf || scope_find(sc, e->text))
        return NULL;
    LIST_EACH (v, &sc->nf->vars)
        if (v->type->kind == TY_TABLE && strcmp(v->name, e->text) == 0)
            return v;
    return NULL;
}

/* t[k] of t[k].a.b */
static const struct ast_expr *entry_of(const struct ast_expr *e)
{
    while (e->kind == AE_DOT)
        e = e->a;
    return e;
}

/* The type of the member that e names of an entry's value; NULL if there is
 * none. */
static struct type *member_type(struct scope *sc, struct texpr *t,
                                const struct ast_expr *e)
{
    struct type *of;
    const struct part *p;
    unsigned i = 0;

    if (e->kind == AE_INDEX)
        return t->var ? t->var->table->value : t->type;
    of = member_type(sc, t, e->a);
    if (!of)
        return NULL;
    if (!type_is_struct(of)) {
        diag_error(sc->sema->diags, e->text_loc, "'%s' has no '%s'", of->name,
                   e->text);
        return NULL;
    }
    LIST_EACH (p, &of->parts) {
        if (strcmp(p->name, e->text) == 0) {
            t->path[t->depth++] = i;
            return p->type;
        }
        i++;
    }
    struct_no_member(sc, e, of);
    return NULL;
}

static struct type *member(struct scope *sc, struct texpr *t,
                           const struct ast_expr *e)
{
    t->path = arena_alloc(sc->sema->arena, e->depth * sizeof(*t->path));
    return member_type(sc, t, e);
}

/* NULL if the key is wrong. */
static struct texpr *access(struct scope *sc, struct loc loc, struct var *v,
                            enum access what, const struct ast_expr *key)
{
    struct texpr *t = expr_new(sc, TE_TABLE, loc, sc->sema->none);

    t->var = v;
    t->access = what;
    t->a = expr_value(sc, key, v->table->key);
    if (t->a->type->kind == TY_ERROR)
        return NULL;
    return v->table->key || table_infer(sc->sema, v, t->a) ? t : NULL;
}

/* The table of t[k]; NULL, and said so, if it is none. */
static struct var *indexed(struct scope *sc, const struct ast_expr *e)
{
    struct var *v = table_named(sc, e->a);
    const struct member *bytes = sc->sema->tree->payload;
    struct texpr *a;
    struct diag *d;

    if (v)
        return v;
    a = expr_value(sc, e->a, NULL);
    if (a->type->kind == TY_ERROR)
        return NULL;
    d = diag_error(sc->sema->diags, e->a->loc,
                   "this is no table, so it has no entries");
    if (bytes && a->type == bytes->type)
        advise_index(sc->sema, d, e);
    return NULL;
}

struct texpr *table_has(struct scope *sc, const struct ast_expr *e,
                        struct var *v)
{
    struct texpr *t = access(sc, e->loc, v, ACCESS_HAS, e->a);

    if (!t)
        return expr_error(sc, e->loc);
    t->type = sc->sema->boolean;
    return t;
}

struct texpr *table_entry(struct scope *sc, const struct ast_expr *e,
                          enum access what)
{
    return access(sc, e->loc, table_named(sc, e->a), what, e->b);
}

struct texpr *table_inside(struct scope *sc, const struct ast_expr *e)
{
    struct texpr *rows = rows_named(sc, e->a);
    struct var *v = rows ? NULL : indexed(sc, e);

    if (rows)
        diag_hint(diag_error(sc->sema->diags, e->loc,
                             "'%s' may have no such entry, so this cannot "
                             "stand inside an expression",
                             rows->param->name),
                  "give it a line of its own: let x = %s[...] or 0",
                  rows->param->name);
    if (v && v->table->cell)
        return cell_no_value(sc, e, v->table->cell);
    if (v)
        diag_hint(diag_error(sc->sema->diags, e->loc,
                             "'%s' may have no such entry, so this cannot "
                             "stand inside an expression",
                             v->name),
                  "give it a line of its own: let x = %s[...] or 0", v->name);
    return expr_error(sc, e->loc);
}

static bool has_values(struct scope *sc, const struct var *v, struct loc at)
{
    if (v->table->cell) {
        diag_hint(diag_error(sc->sema->diags, at,
                             "the entries of '%s' are of type '%s': they have "
                             "functions, and no value",
                             v->name, v->table->cell->type->name),
                  "call one: %s[...].%s(...); or forget one: %s.remove(...)",
                  v->name, cell_function(v->table->cell), v->name);
        return false;
    }
    if (v->table->value)
        return true;
    diag_hint(
        diag_error(sc->sema->diags, at,
                   "'%s' is a set of keys: its entries have no value", v->name),
        "ask for a key: ... in %s; put one in: %s.add(...)", v->name, v->name);
    return false;
}

static struct tstmt *statement(struct scope *sc, const struct ast_stmt *s,
                               struct texpr *value)
{
    struct tstmt *t = tstmt_new(sc, TS_TABLE, s->loc);

    t->value = value;
    if (access_fails(value->var->table, value->access))
        alternative(sc, s, t);
    else if (s->alt.kind != ALT_NONE)
        diag_error(sc->sema->diags, s->alt.loc,
                   access_makes(value->access)
                       ? "'%s' does not refuse, so `or` has no use"
                       : "removing from '%s' cannot fail, so `or` has no use",
                   value->var->name);
    return t;
}

/* let x = rows[k].member or ..; NULL if something was wrong. */
static struct tstmt *rows_read(struct scope *sc, const struct ast_stmt *s,
                               const struct ast_expr *at, struct texpr *rows)
{
    struct texpr *e = rows_find_call(sc, at, rows);
    struct tstmt *t;

    if (e->type->kind == TY_ERROR)
        return NULL;
    e->type = member(sc, e, s->value);
    if (!e->type)
        return NULL;
    t = tstmt_new(sc, TS_CALL, s->loc);
    t->value = e;
    alternative(sc, s, t);
    return t;
}

struct tstmt *table_let(struct scope *sc, const struct ast_stmt *s)
{
    const struct ast_expr *at = entry_of(s->value);
    struct texpr *rows = rows_named(sc, at->a);
    struct var *v = rows ? NULL : indexed(sc, at);
    struct texpr *e = NULL;
    struct tstmt *t = NULL;

    if (rows && (t = rows_read(sc, s, at, rows)))
        e = t->value;
    if (v && has_values(sc, v, s->value->loc))
        e = access(sc, s->value->loc, v, ACCESS_READ, at->b);
    if (e && !rows)
        e->type = member(sc, e, s->value);
    if (e && e->type && !rows)
        t = statement(sc, s, e);
    if (!t) {
        let_local(sc, s, sc->sema->error);
        return NULL;
    }
    t->local = let_local(sc, s, e->type);
    return t;
}

/* t[k] op= v is typed as x op v, where x is of the type of the values. */
static bool update(struct scope *sc, const struct ast_stmt *s, struct texpr *t,
                   struct type *want)
{
    static const char hidden[] = "the value"; /* no name of a program */
    struct ast_expr x = {.kind = AE_NAME, .loc = s->target->loc};
    struct ast_expr e = {.kind = AE_BINARY, .loc = s->loc, .op_loc = s->loc};
    struct binding *names = sc->names;
    struct texpr *sum;

    x.text = hidden;
    e.op = (enum ast_op)s->op;
    e.a = &x;
    e.b = s->value;
    scope_bind(sc, hidden, NULL, expr_new(sc, TE_LOCAL, x.loc, want));
    sum = expr_value(sc, &e, want);
    sc->names = names;
    if (sum->type->kind == TY_ERROR)
        return false;
    t->access = ACCESS_UPDATE;
    t->op = sum->op;
    t->b = sum->b;
    return true;
}

struct tstmt *table_assign(struct scope *sc, const struct ast_stmt *s)
{
    const struct ast_expr *at = entry_of(s->target);
    struct texpr *rows = rows_named(sc, at->a);
    struct var *v = rows ? NULL : indexed(sc, at);
    struct type *want;
    struct texpr *t;

    if (rows)
        diag_note(diag_error(sc->sema->diags, s->target->loc,
                             "'%s' is what its file says, and stays as it is",
                             rows->param->name),
                  "state is declared in the NF: shared name: table[...](...)");
    if (!v || !has_values(sc, v, s->target->loc))
        return NULL;
    t = access(sc, s->loc, v, at == s->target ? ACCESS_SET : ACCESS_PUT, at->b);
    want = t ? member(sc, t, s->target) : NULL;
    if (!want)
        return NULL;
    if (s->op >= 0)
        return update(sc, s, t, want) ? statement(sc, s, t) : NULL;
    t->b = expr_value(sc, s->value, want);
    return t->b->type->kind == TY_ERROR ? NULL : statement(sc, s, t);
}

struct tstmt *table_call(struct scope *sc, const struct ast_stmt *s,
                         struct var *v)
{
    static const char *const names[] = {"remove", "add"};
    const struct ast_expr *e = s->value;
    bool add = strcmp(e->a->text, "add") == 0;
    struct texpr *t;
    struct diag *d;

    if (!add && strcmp(e->a->text, "remove") != 0) {
        d = diag_error(sc->sema->diags, e->a->text_loc,
                       "a table has no function '%s'", e->a->text);
        if (!hint_near(d, e->a->text, names, 2))
            diag_note(d, "a table has remove(key); a set also add(key)");
        return NULL;
    }
    if (e->args.n != 1 || e->args.first->name) {
        diag_hint(diag_error(sc->sema->diags, e->loc, "'%s' takes one key",
                             e->a->text),
                  "put a key of several parts in parentheses: %s((a, b))",
                  e->a->text);
        return NULL;
    }
    if (add && v->table->value) {
        diag_hint(diag_error(sc->sema->diags, e->loc,
                             "an entry of '%s' has a value", v->name),
                  v->table->cell ? "call its functions: %s[...].%s(...)"
                                 : "write %s[...] = ...",
                  v->name, cell_function(v->table->cell));
        return NULL;
    }
    t = access(sc, s->loc, v, add ? ACCESS_SET : ACCESS_REMOVE,
               e->args.first->value);
    return t ? statement(sc, s, t) : NULL;
}
