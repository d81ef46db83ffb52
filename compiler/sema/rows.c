/* Tables that are parameters, and are read from files: table[K -> V], where
 * the parts of K may be prefixes and ranges. */
#include "sema/sema.h"

enum { COLUMNS_MAX = 64 };

/* ---- the type ---- */

/* What a prefix is a prefix of: the type of addresses. */
static struct type *addresses(struct sema *s)
{
    struct type *t;

    LIST_EACH (t, &s->tree->types)
        if (t->kind == TY_UNION)
            return t;
    return s->error;
}

static void add_column(struct sema *s, struct rows *r, struct type *t,
                       enum match match)
{
    struct column *c = ARENA_NEW(s->arena, struct column);

    c->type = t;
    c->match = match;
    LIST_ADD(&r->columns, c);
}

/* Each number of t is a column of its own. */
static void add_columns(struct sema *s, struct rows *r, struct type *t)
{
    struct part *p;

    if (t->kind != TY_TUPLE) {
        add_column(s, r, t, MATCH_EXACT);
        return;
    }
    LIST_EACH (p, &t->parts)
        add_columns(s, r, p->type);
}

/* A part of the key: the type of what is looked up there; NULL if wrong. */
static struct type *key_part(struct sema *s, struct rows *r,
                             const struct ast_type *a)
{
    struct type *t;

    if (a->kind == AT_NAME && strcmp(a->name, "prefix") == 0) {
        t = addresses(s);
        add_column(s, r, t, MATCH_PREFIX);
        return t;
    }
    t = type_resolve(s, a);
    if (t->kind == TY_RANGE) {
        add_column(s, r, t->elem, MATCH_RANGE);
        return t->elem;
    }
    if (!key_type_fits(s, t, a->loc, "the key of a table"))
        return NULL;
    add_columns(s, r, t);
    return t;
}

static struct type *key_type(struct sema *s, struct rows *r,
                             const struct ast_type *a)
{
    struct type **parts;
    const struct ast_type *p;
    unsigned n = 0;

    if (a->kind != AT_TUPLE)
        return key_part(s, r, a);
    parts = arena_alloc(s->arena, a->parts.n * sizeof(*parts));
    LIST_EACH (p, &a->parts)
        if (!(parts[n++] = key_part(s, r, p)))
            return NULL;
    return type_tuple(s, a->loc, parts, n);
}

static void find_rule(struct rows *r)
{
    const struct column *c;

    LIST_EACH (c, &r->columns)
        r->first |= c->match != MATCH_EXACT;
    r->longest = r->columns.n == 1 && r->columns.first->match == MATCH_PREFIX;
    r->first &= !r->longest;
}

static void add_member(struct sema *s, struct object *o, const char *name,
                       struct type *type, bool fails)
{
    struct member *m = ARENA_NEW(s->arena, struct member);
    struct param *p = ARENA_NEW(s->arena, struct param);

    m->name = name;
    m->loc = o->loc;
    m->object = o;
    m->fn = true;
    m->type = type;
    m->fails = fails;
    p->name = "key";
    p->loc = o->loc;
    p->type = o->rows->key;
    p->key = true;
    LIST_ADD(&m->params, p);
    LIST_ADD(&o->members, m);
}

static struct type *rows_new(struct sema *s, const struct ast_type *a,
                             struct rows *r, const char *name)
{
    struct object *o = ARENA_NEW(s->arena, struct object);
    struct param *file = ARENA_NEW(s->arena, struct param);
    struct type *t = type_make(s, TY_OBJECT, name);

    o->name = "rows";
    o->loc = a->loc;
    o->rows = r;
    o->type = t;
    file->name = "file";
    file->loc = a->loc;
    file->type = s->file;
    LIST_ADD(&o->params, file);
    if (r->value)
        add_member(s, o, "find", r->value, true);
    add_member(s, o, "has", s->boolean, false);
    t->object = o;
    t->loc = a->loc;
    LIST_ADD(&s->made, t);
    return t;
}

/* As it is written, but for the ? behind it. */
static const char *written(struct sema *s, const struct ast_type *a)
{
    return arena_strn(s->arena, a->loc.src->text + a->loc.off,
                      a->loc.len - a->optional);
}

struct type *rows_type(struct sema *s, const struct ast_type *a)
{
    struct rows *r = ARENA_NEW(s->arena, struct rows);
    const struct ast_type *value = a->parts.first->next;
    const char *name = written(s, a);
    struct type *t;

    LIST_EACH (t, &s->made)
        if (strcmp(t->name, name) == 0)
            return t;
    r->key = key_type(s, r, a->parts.first);
    if (!r->key)
        return s->error;
    r->n_key = r->columns.n;
    find_rule(r);
    if (value) {
        r->value = key_type_fits(s, type_resolve(s, value), value->loc,
                                 "the value of a table");
        if (!r->value)
            return s->error;
        add_columns(s, r, r->value);
    }
    if (r->columns.n <= COLUMNS_MAX)
        return rows_new(s, a, r, name);
    diag_error(s->diags, a->loc, "a table from a file has at most %d columns",
               COLUMNS_MAX);
    return s->error;
}

bool rows_is(const struct type *t)
{
    return t->kind == TY_OBJECT && t->object->rows;
}

/* ---- uses ---- */

struct texpr *rows_named(struct scope *sc, const struct ast_expr *e)
{
    struct texpr *t;
    struct param *p;

    if (e->kind != AE_NAME || !sc->nf || scope_find(sc, e->text))
        return NULL;
    LIST_EACH (p, &sc->nf->params) {
        if (strcmp(p->name, e->text) != 0 || p->type->kind != TY_OBJECT ||
            !p->type->object->rows)
            continue;
        t = expr_new(sc, TE_PARAM, e->loc, p->type);
        t->param = p;
        return t;
    }
    return NULL;
}

static struct texpr *call(struct scope *sc, struct loc loc, struct texpr *rows,
                          const char *name, const struct ast_expr *key)
{
    struct object *o = rows->type->object;
    struct targ *arg = ARENA_NEW(sc->sema->arena, struct targ);
    struct texpr *t;

    arg->value = expr_value(sc, key, o->rows->key);
    if (arg->value->type->kind == TY_ERROR)
        return arg->value;
    t = expr_new(sc, TE_CALL, loc, sc->sema->none);
    t->member = member_named(o, name);
    arg->param = t->member->params.first;
    t->type = t->member->type;
    t->a = rows;
    set_args(t, arg);
    return t;
}

struct texpr *rows_find_call(struct scope *sc, const struct ast_expr *e,
                             struct texpr *rows)
{
    if (rows->type->object->rows->value)
        return call(sc, e->loc, rows, "find", e->b);
    diag_hint(diag_error(sc->sema->diags, e->loc,
                         "'%s' is a set of keys: its rows have no value",
                         rows->param->name),
              "ask for a key: ... in %s", rows->param->name);
    return expr_error(sc, e->loc);
}

struct texpr *rows_has_call(struct scope *sc, const struct ast_expr *e,
                            struct texpr *rows)
{
    return call(sc, e->loc, rows, "has", e->a);
}
