/* Calls: functions of extern types, conversions, file() and the making of
 * objects; and how arguments are bound to parameters. */
#include "sema/sema.h"

/* ---- arguments ---- */

static struct param *param_named(const params *ps, const char *name)
{
    struct param *p;

    LIST_EACH (p, ps)
        if (strcmp(p->name, name) == 0)
            return p;
    return NULL;
}

static struct param *param_at(const params *ps, unsigned index)
{
    struct param *p;

    LIST_EACH (p, ps)
        if (p->index == index)
            return p;
    return NULL;
}

/* "outside: ipv4, range: port_range" */
static const char *params_text(struct sema *s, const params *ps)
{
    const char *text = NULL;
    struct param *p;

    LIST_EACH (p, ps)
        text = arena_fmt(s->arena, "%s%s%s: %s", text ? text : "",
                         text ? ", " : "", p->name, p->type->name);
    return text ? text : "none";
}

static struct param *param_for(struct scope *sc, const struct ast_arg *a,
                               const params *ps, unsigned position,
                               const char *what)
{
    struct param *p;
    struct diag *d;

    if (!a->name) {
        p = param_at(ps, position);
        if (!p)
            diag_error(sc->sema->diags, a->value->loc, "%s takes %u argument%s",
                       what, ps->n, ps->n == 1 ? "" : "s");
        return p;
    }
    p = param_named(ps, a->name);
    if (!p) {
        d = diag_error(sc->sema->diags, a->name_loc, "%s has no parameter '%s'",
                       what, a->name);
        if (!HINT_NEAR(d, sc->sema, a->name, ps))
            diag_note(d, "it has %s", params_text(sc->sema, ps));
    }
    return p;
}

static struct texpr *arg_value(struct scope *sc, const struct ast_expr *e,
                               struct type *t)
{
    struct binding *b = e->kind == AE_NAME ? scope_find(sc, e->text) : NULL;
    struct texpr *v = rows_is(t) ? rows_named(sc, e) : NULL;

    if (v && v->type == t)
        return v;
    if (v) {
        diag_also(diag_error(sc->sema->diags, e->loc,
                             "this is of type '%s', where '%s' is needed",
                             v->type->name, t->name),
                  v->param->loc, "declared here");
        return expr_error(sc, e->loc);
    }
    if (b && b->value && b->value->kind == TE_NEW && b->value->type == t)
        return b->value;
    if (t->kind == TY_OBJECT && !type_is_at_hand(sc->sema->tree, t))
        return make_object(sc, e, t->object);
    v = expr_value(sc, e, t);
    return sc->constant ? fold(sc, v) : v;
}

/* What a table that is left out is read from: the file without a name, which
 * is empty. */
static struct texpr *no_rows(struct scope *sc, struct param *p)
{
    struct texpr *e = expr_new(sc, TE_NEW, p->loc, p->type);
    struct targ *file = ARENA_NEW(sc->sema->arena, struct targ);

    file->param = p->type->object->params.first;
    file->value = expr_new(sc, TE_CONST, p->loc, sc->sema->file);
    file->value->value.str = "";
    set_args(e, file);
    return e;
}

/* Types of the library are made without a table that is left out. */
static struct targ *targ_for(struct scope *sc, struct param *p)
{
    struct targ *t = ARENA_NEW(sc->sema->arena, struct targ);
    struct texpr *e;

    t->param = p;
    if (p->optional && rows_is(p->type) && !p->of_type)
        t->value = no_rows(sc, p);
    if (!p->has_default)
        return t;
    e = expr_new(sc, TE_CONST, p->loc, p->type);
    e->value = p->def;
    t->value = e;
    return t;
}

static bool check_missing(struct scope *sc, const struct targ *first,
                          const bool *given, struct loc at, const char *what)
{
    const struct targ *t;
    bool ok = true;

    for (t = first; t; t = t->next) {
        if (given[t->param->index] || t->value || t->param->optional ||
            t->param->type->kind == TY_ERROR)
            continue;
        diag_also(diag_error(sc->sema->diags, at, "%s needs the argument '%s'",
                             what, t->param->name),
                  t->param->loc, "declared here as '%s'", t->param->type->name);
        ok = false;
    }
    return ok;
}

static bool bind_one(struct scope *sc, const struct ast_arg *a, struct param *p,
                     struct targ *first, bool *given)
{
    const char *before = sc->arg;
    struct targ *t = first;

    while (t->param != p)
        t = t->next;
    if (given[p->index]) {
        diag_error(sc->sema->diags, a->value->loc,
                   "the argument '%s' is given twice", p->name);
        return false;
    }
    given[p->index] = true;
    sc->arg = p->name;
    t->value = arg_value(sc, a->value, p->type);
    sc->arg = before;
    return t->value->type->kind != TY_ERROR;
}

bool bind_args(struct scope *sc, const struct ast_arg *args, const params *ps,
               struct loc at, const char *what, struct targ **first)
{
    bool *given = arena_alloc(sc->sema->arena, ps->n + 1);
    LIST(struct targ) list = {0};
    struct targ *t;
    struct param *p;
    unsigned position = 0;
    bool ok = true;

    LIST_EACH (p, ps) {
        t = targ_for(sc, p);
        LIST_ADD(&list, t);
    }
    *first = list.first;
    for (const struct ast_arg *a = args; a; a = a->next, position++) {
        p = param_for(sc, a, ps, position, what);
        ok &= p && bind_one(sc, a, p, list.first, given);
    }
    ok &= check_missing(sc, list.first, given, at, what);
    LIST_EACH (t, &list) /* only what is optional is NULL from here on */
        if (!t->value && t->param->type->kind == TY_ERROR)
            t->value = expr_error(sc, at);
    return ok;
}

void set_args(struct texpr *e, struct targ *first)
{
    e->args.first = first;
    for (struct targ *t = first; t; t = t->next) {
        e->args.last = t;
        e->args.n++;
    }
}

/* ---- objects ---- */

static struct texpr *new_object(struct scope *sc, struct loc at,
                                struct object *o, const struct ast_arg *args)
{
    struct texpr *e = expr_new(sc, TE_NEW, at, o->type);
    struct targ *first;

    if (!bind_args(sc, args, &o->params, at,
                   arena_fmt(sc->sema->arena, "'%s'", o->name), &first))
        return expr_error(sc, at);
    set_args(e, first);
    return e;
}

/* pool(a, b), or just the argument where there is one: file("x") for an acl */
struct texpr *make_object(struct scope *sc, const struct ast_expr *e,
                          struct object *o)
{
    struct ast_arg one = {.value = (struct ast_expr *)e};

    if (e->kind == AE_CALL && e->a->kind == AE_NAME &&
        strcmp(e->a->text, o->name) == 0)
        return new_object(sc, e->loc, o, e->args.first);
    return new_object(sc, e->loc, o, &one);
}

/* ---- calls ---- */

/* A file is beside the source that names it: of another one than the program's
 * its folder is said, as nfl_options_file takes it. */
static const char *file_name(struct scope *sc, const struct ast_expr *e)
{
    const char *folder;

    if (e->loc.src == sc->sema->tree->main)
        return e->text;
    folder = source_folder(sc->sema->arena, e->loc.src);
    return arena_fmt(sc->sema->arena, "%s%s//%s", folder, folder[1] ? "" : ".",
                     e->text);
}

static struct texpr *call_file(struct scope *sc, const struct ast_expr *e)
{
    struct ast_arg *a = e->args.first;
    struct texpr *f;

    if (e->args.n != 1 || a->name || a->value->kind != AE_LIT ||
        a->value->lit != LIT_STRING || !*a->value->text) {
        diag_error(sc->sema->diags, e->loc,
                   "file() needs one name in quotes: file(\"edge.acl\")");
        return expr_error(sc, e->loc);
    }
    if (*a->value->text == '/') {
        diag_error(sc->sema->diags, a->value->loc,
                   "a file is named relative to the source; where the program "
                   "runs, --files=DIR names another folder");
        return expr_error(sc, e->loc);
    }
    f = expr_new(sc, TE_CONST, e->loc, sc->sema->file);
    f->value.str = file_name(sc, a->value);
    return f;
}

static struct texpr *call_cast(struct scope *sc, const struct ast_expr *e,
                               struct type *to)
{
    struct texpr *a, *c;

    if (e->args.n != 1 || e->args.first->name) {
        diag_error(sc->sema->diags, e->loc, "%s(...) converts one value",
                   to->name);
        return expr_error(sc, e->loc);
    }
    a = expr_value(sc, e->args.first->value, NULL);
    if (a->type->kind == TY_ERROR)
        return a;
    if (!type_is_number(a->type) && a->type->kind != TY_BOOL) {
        diag_error(sc->sema->diags, e->loc, "'%s' cannot become '%s'",
                   a->type->name, to->name);
        return expr_error(sc, e->loc);
    }
    c = expr_new(sc, TE_CAST, e->loc, to);
    c->a = a;
    return c;
}

/* What C writes to is the payload. */
static bool edits_bytes(struct scope *sc, const struct member *m,
                        const struct targ *first)
{
    const struct targ *a;

    for (a = first; a && m->edits; a = a->next)
        if (a->value && a->value->kind == TE_BYTES) {
            diag_note(diag_error(sc->sema->diags, a->value->loc,
                                 "'%s' edits what it is handed, but the bytes "
                                 "of a header are only read",
                                 m->name),
                      "C may edit p.payload; fields of headers are assigned");
            return true;
        }
    return false;
}

/* `m` of `object`, which is NULL for a function without one. */
static struct texpr *call_new(struct scope *sc, const struct ast_expr *e,
                              struct texpr *object, struct member *m)
{
    struct texpr *call;
    struct targ *first;

    if (!bind_args(sc, e->args.first, &m->params, e->loc,
                   arena_fmt(sc->sema->arena, "'%s'", m->name), &first) ||
        edits_bytes(sc, m, first))
        return expr_error(sc, e->loc);
    call = expr_new(sc, TE_CALL, e->loc, m->type);
    call->member = m;
    call->a = object;
    note_monitors(sc, m);
    set_args(call, first);
    return call;
}

static struct texpr *call_plain(struct scope *sc, const struct ast_expr *e,
                                const struct object *o)
{
    return o->members.first ? call_new(sc, e, NULL, o->members.first)
                            : expr_error(sc, e->loc);
}

static struct texpr *call_name(struct scope *sc, const struct ast_expr *e)
{
    const char *name = e->a->text;
    struct type *t = type_named(sc->sema, name);
    struct diag *d;

    struct texpr *f;

    if (strcmp(name, "file") == 0)
        return call_file(sc, e);
    f = function_call(sc, e);
    if (f)
        return f;
    if (t && type_is_number(t))
        return call_cast(sc, e, t);
    if (t && type_is_struct(t))
        return struct_call(sc, e, t);
    if (t && t->kind == TY_OBJECT && t->object->plain)
        return call_plain(sc, e, t->object);
    if (t && t->kind == TY_OBJECT) {
        d = diag_error(sc->sema->diags, e->loc,
                       "a '%s' is state; it cannot be made here", name);
        diag_hint(d, "declare it in the NF: shared name: %s(...)", name);
        return expr_error(sc, e->loc);
    }
    d = diag_error(sc->sema->diags, e->a->loc, "there is no function '%s'",
                   name);
    if (t && t->kind == TY_BOOL)
        diag_hint(d, "compare instead, as in `... != 0`");
    else if (!advise_has(d, e))
        advise_clock(d, name);
    return expr_error(sc, e->loc);
}

/* What a function marked so may not do where there is no packet. What was
 * leased may be given back; a flow that is judged again may be translated. */
static bool check_moment(struct scope *sc, const struct ast_expr *e,
                         const struct member *m)
{
    bool judged = sc->handler && sc->handler->raiser == RAISE_CONFIG;

    if (m->holds && sc->packet && sc->handler &&
        sc->handler->raiser != RAISE_PACKET) {
        diag_error(sc->sema->diags, e->loc,
                   "a packet cannot wait here: '%s' stands in handlers of "
                   "packets, as PKT",
                   m->name);
        return false;
    }
    if (sc->packet || ((!m->rewrites || judged) && !m->holds &&
                       (!m->leases || m->type->kind == TY_VOID)))
        return true;
    diag_error(sc->sema->diags, e->loc,
               "'%s' has no use here: %s is raised without a packet", m->name,
               sc->handler ? handler_what(sc->handler) : "this event");
    return false;
}

static struct texpr *no_function(struct scope *sc, const struct ast_expr *e,
                                 const struct type *t, const struct member *m)
{
    const char *name = e->a->text;
    struct diag *d;

    if (m) {
        d = diag_error(sc->sema->diags, e->a->text_loc,
                       "'%s' is a property, not a function", name);
        diag_hint(d, "write it without arguments: .%s", name);
        return expr_error(sc, e->loc);
    }
    d = diag_error(sc->sema->diags, e->a->text_loc, "'%s' has no function '%s'",
                   t->name, name);
    if (t->kind == TY_OBJECT && !advise_has(d, e) && !advise_clock(d, name))
        HINT_NEAR(d, sc->sema, name, &t->object->members);
    return expr_error(sc, e->loc);
}

static struct texpr *call_member(struct scope *sc, const struct ast_expr *e,
                                 struct texpr *object)
{
    const char *name = e->a->text;
    struct type *t = object->type;
    struct member *m =
        t->kind == TY_OBJECT ? member_named(t->object, name) : NULL;

    if (access_in_bytes(sc, e, object))
        return expr_error(sc, e->loc);
    if (!m || !m->fn)
        return no_function(sc, e, t, m);
    if (!check_moment(sc, e, m))
        return expr_error(sc, e->loc);
    return call_new(sc, e, object, m);
}

struct texpr *access_call(struct scope *sc, const struct ast_expr *e,
                          bool fails)
{
    struct texpr *object, *call;

    if (e->a->kind != AE_NAME && e->a->kind != AE_DOT) {
        diag_error(sc->sema->diags, e->a->loc, "this cannot be called");
        return expr_error(sc, e->loc);
    }
    if (e->a->kind == AE_DOT) {
        object = expr_value(sc, e->a->a, NULL);
        if (object->type->kind == TY_ERROR)
            return object;
        call = call_member(sc, e, object);
    } else {
        call = call_name(sc, e);
    }
    if (call->kind == TE_CALL && call->member->edits && !fails) {
        diag_hint(diag_error(sc->sema->diags, e->loc,
                             "'%s' changes the packet, so it cannot stand "
                             "inside an expression",
                             call->member->name),
                  "give it a line of its own");
        return expr_error(sc, e->loc);
    }
    if (call->kind == TE_CALL && call->member->fails && !fails) {
        diag_hint(diag_error(sc->sema->diags, e->loc,
                             "'%s' may fail, so it cannot stand inside an "
                             "expression",
                             call->member->name),
                  "give it a line of its own: let x = ... or drop");
        return expr_error(sc, e->loc);
    }
    return call;
}
