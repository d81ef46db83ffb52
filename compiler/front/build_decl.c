/* Nodes of the syntax tree: declarations. */
#include "front/build.h"

#include "base/arena.h"
#include "base/diag.h"
#include <string.h>

enum { PATH_MAX_LEN = 512 };

struct ast_decl *decl_new(struct parse *p, enum ast_dkind kind, struct word w,
                          struct loc loc, struct word first)
{
    struct ast_decl *d = ARENA_NEW(p->scan.arena, struct ast_decl);

    d->kind = kind;
    d->loc = loc;
    d->name = w.text;
    d->doc = first.doc;
    d->src = p->scan.src;
    LIST_ADD(&p->decls, d);
    p->decl = d;
    return d;
}

struct ast_name *name_new(struct parse *p, struct word w, struct loc loc)
{
    struct ast_name *n = ARENA_NEW(p->scan.arena, struct ast_name);

    n->text = w.text;
    n->loc = loc;
    return n;
}

struct ast_path *path_new(struct parse *p, struct word w, struct loc loc)
{
    struct ast_path *path = ARENA_NEW(p->scan.arena, struct ast_path);

    path->text = w.text;
    path->loc = loc;
    return path;
}

void path_add(struct parse *p, struct ast_path *path, struct word w,
              struct loc loc)
{
    path->loc = loc_span(path->loc, loc);
    if (strlen(path->text) + strlen(w.text) < PATH_MAX_LEN)
        path->text = arena_fmt(p->scan.arena, "%s/%s", path->text, w.text);
    else
        diag_error(p->scan.diags, path->loc,
                   "the event's name is too long, over %d letters",
                   PATH_MAX_LEN);
}

struct ast_param *param_new(struct parse *p, struct word w, struct loc loc,
                            struct ast_type *type, struct ast_expr *def)
{
    struct ast_param *q = ARENA_NEW(p->scan.arena, struct ast_param);

    q->name = w.text;
    q->loc = loc;
    q->type = type;
    q->def = def;
    return q;
}

struct ast_enumval *enumval_new(struct parse *p, struct word w, struct loc loc,
                                struct ast_expr *value)
{
    struct ast_enumval *v = ARENA_NEW(p->scan.arena, struct ast_enumval);

    v->name = w.text;
    v->loc = loc;
    v->value = value;
    return v;
}

struct ast_after *after_new(struct parse *p, struct word w, struct loc loc,
                            ast_exprs values)
{
    struct ast_after *a = ARENA_NEW(p->scan.arena, struct ast_after);

    a->name = w.text;
    a->loc = loc;
    LIST_MOVE(a->values, values);
    return a;
}

struct ast_role *role_new(struct parse *p, struct word role,
                          struct loc role_loc, struct word field,
                          struct loc field_loc)
{
    struct ast_role *r = ARENA_NEW(p->scan.arena, struct ast_role);

    r->role = role.text;
    r->role_loc = role_loc;
    r->field = field.text;
    r->field_loc = field_loc;
    return r;
}

struct ast_hline *hline_new(struct parse *p, enum ast_hkind kind,
                            struct loc loc)
{
    struct ast_hline *l = ARENA_NEW(p->scan.arena, struct ast_hline);

    l->kind = kind;
    l->loc = loc;
    LIST_ADD(&p->decl->lines, l);
    return l;
}

struct ast_hline *hline_named(struct parse *p, enum ast_hkind kind,
                              struct word w, struct loc at, struct loc loc)
{
    struct ast_hline *l = hline_new(p, kind, loc);

    l->name = w.text;
    l->name_loc = at;
    l->doc = w.doc;
    return l;
}

struct ast_member *member_new(struct parse *p, struct word w, struct loc loc,
                              struct ast_type *type)
{
    struct ast_member *m = ARENA_NEW(p->scan.arena, struct ast_member);

    m->name = w.text;
    m->doc = w.doc;
    m->loc = loc;
    m->type = type;
    LIST_ADD(&p->decl->members, m);
    return m;
}

struct ast_member *extern_fn(struct parse *p, struct word keyword,
                             struct word name, struct loc loc,
                             struct ast_type *result)
{
    struct ast_member *m;

    decl_new(p, AD_EXTERN, name, loc, keyword)->plain = true;
    m = member_new(p, name, loc, result);
    m->fn = true;
    return m;
}

void vars_new(struct parse *p, struct word storage, ast_names names,
              struct ast_type *type)
{
    struct ast_name *n;
    struct ast_var *v;

    LIST_EACH (n, &names) {
        v = ARENA_NEW(p->scan.arena, struct ast_var);
        v->storage = storage.text;
        v->name = n->text;
        v->doc = storage.doc;
        v->loc = n->loc;
        v->type = type;
        LIST_ADD(&p->decl->vars, v);
    }
}

struct ast_handler *handler_new(struct parse *p, struct word on, struct loc loc)
{
    struct ast_handler *h = ARENA_NEW(p->scan.arena, struct ast_handler);

    h->loc = loc;
    h->doc = on.doc;
    LIST_ADD(&p->decl->handlers, h);
    return h;
}
