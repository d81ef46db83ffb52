/* pass types: names are resolved, and every expression gets its type.
 * needs: ast   provides: tree   invalidates: nothing
 * Errors go on; what depends on a wrong thing gets the error type silently. */
#include "sema/sema.h"
#include "sema/pass.h"
#include "unit.h"

const char *const role_name[ROLE_N] = {"src", "dst", "proto", "sport", "dport"};
const char *const raiser_name[RAISE_N] = {"new", "packet", "end"};

void twice(struct sema *s, struct loc at, const char *what, const char *name,
           struct loc before)
{
    struct diag *d =
        diag_error(s->diags, at, "the %s '%s' is declared twice", what, name);

    diag_also(d, before, "first declared here");
}

void hint_near(struct diag *d, const char *word, const char *const *names,
               unsigned n)
{
    const char *near = diag_nearest(word, names, n);

    if (near)
        diag_hint(d, "did you mean '%s'?", near);
}

struct header *header_named(struct sema *s, const char *name)
{
    struct header *h;

    LIST_EACH (h, &s->tree->headers)
        if (strcmp(h->name, name) == 0)
            return h;
    return NULL;
}

struct event *event_named(struct sema *s, const char *path)
{
    struct event *e;

    LIST_EACH (e, &s->tree->events)
        if (strcmp(e->path, path) == 0)
            return e;
    return NULL;
}

struct nf *nf_named(struct sema *s, const char *name)
{
    struct nf *n;

    LIST_EACH (n, &s->tree->nfs)
        if (strcmp(n->name, name) == 0)
            return n;
    return NULL;
}

struct object *object_named(struct sema *s, const char *name)
{
    struct object *o;

    LIST_EACH (o, &s->tree->objects)
        if (strcmp(o->name, name) == 0)
            return o;
    return NULL;
}

/* The default of a parameter is a constant; it is typed where no NF is. */
static void param_default(struct sema *s, const struct ast_expr *def,
                          struct param *p)
{
    struct scope sc = {.sema = s, .constant = true};
    struct texpr *e = fold(&sc, expr_value(&sc, def, p->type));

    if (e->kind != TE_CONST)
        return;
    p->has_default = true;
    p->def = e->value;
}

void params_declare(struct sema *s, const ast_params *from, params *to)
{
    struct ast_param *a;
    struct param *p, *other;

    LIST_EACH (a, from) {
        LIST_EACH (other, to)
            if (strcmp(other->name, a->name) == 0)
                twice(s, a->loc, "parameter", a->name, other->loc);
        p = ARENA_NEW(s->arena, struct param);
        p->name = a->name;
        p->loc = a->loc;
        p->index = to->n;
        p->type = type_resolve(s, a->type);
        p->optional = a->type->optional;
        if (a->def && p->type->kind != TY_ERROR)
            param_default(s, a->def, p);
        LIST_ADD(to, p);
    }
}

static struct type *builtin(struct sema *s, enum type_kind kind,
                            const char *name, unsigned bits)
{
    struct type *t = ARENA_NEW(s->arena, struct type);

    t->kind = kind;
    t->name = name;
    t->bits = bits;
    return t;
}

void pass_types(struct unit *u)
{
    struct sema s = {.arena = u->arena,
                     .diags = u->diags,
                     .ast = u->ast,
                     .stdlib = u->stdlib};

    s.tree = ARENA_NEW(u->arena, struct tree);
    s.tree->main = u->ast->main;
    s.error = builtin(&s, TY_ERROR, "?", 0);
    s.boolean = builtin(&s, TY_BOOL, "bool", 1);
    s.string = builtin(&s, TY_STRING, "string", 0);
    s.file = builtin(&s, TY_FILE, "file", 0);
    s.duration = builtin(&s, TY_DURATION, "duration", 64);
    s.none = builtin(&s, TY_VOID, "nothing", 0);
    u->tree = s.tree;
    types_declare(&s);
    externs_declare(&s);
    headers_declare(&s);
    events_declare(&s);
    nfs_declare(&s);
    chains_declare(&s);
}
