/* State of several values: tuples and structs. Below the typed tree nothing is
 * left of them: each number is a variable of its own. */
#include "sema/sema.h"

/* ---- declaration ---- */

static bool can_be_state(const struct type *t, enum storage storage)
{
    if (storage == ST_ATOMIC)
        return type_is_atomic(t);
    return type_is_number(t) || t->kind == TY_BOOL || t->kind == TY_UNION ||
           t->kind == TY_DURATION;
}

static bool declare(struct sema *s, struct nf *n, const struct ast_var *a,
                    enum storage storage, const struct type *t,
                    const char *name)
{
    const struct part *p;
    struct var *v;
    unsigned i = 0;

    LIST_EACH (p, &t->parts) {
        char *of = p->name ? arena_fmt(s->arena, "%s.%s", name, p->name)
                           : arena_fmt(s->arena, "%s.%u", name, i);

        i++;
        if (p->type->kind == TY_TUPLE) {
            if (!declare(s, n, a, storage, p->type, of))
                return false;
            continue;
        }
        if (!can_be_state(p->type, storage)) {
            diag_error(s->diags, a->type->loc,
                       "%sstate cannot hold a '%s', as '%s' would be",
                       storage == ST_ATOMIC ? "atomic " : "", p->type->name,
                       of);
            return false;
        }
        v = ARENA_NEW(s->arena, struct var);
        v->name = of;
        v->doc = a->doc;
        v->loc = a->loc;
        v->index = n->vars.n;
        v->storage = storage;
        v->type = p->type;
        LIST_ADD(&n->vars, v);
    }
    return true;
}

void whole_declare(struct sema *s, struct nf *n, const struct ast_var *a,
                   enum storage storage, struct type *type)
{
    struct var *before = n->vars.last;
    struct whole *w = ARENA_NEW(s->arena, struct whole);

    w->name = a->name;
    w->loc = a->loc;
    w->type = declare(s, n, a, storage, type, a->name) ? type : s->error;
    w->first = before ? before->next : n->vars.first;
    LIST_ADD(&n->wholes, w);
}

/* ---- reading ---- */

static struct texpr *read_part(struct scope *sc, struct loc loc, struct type *t,
                               struct var **v)
{
    struct texpr *e =
        expr_new(sc, t->kind == TY_TUPLE ? TE_TUPLE : TE_VAR, loc, t);
    const struct part *p;
    struct targ *a;

    if (e->kind == TE_VAR) {
        if ((*v)->storage == ST_FLOW && sc->handler)
            sc->handler->needs_flow = true;
        e->var = *v;
        *v = (*v)->next;
        return e;
    }
    LIST_EACH (p, &t->parts) {
        a = ARENA_NEW(sc->sema->arena, struct targ);
        a->value = read_part(sc, loc, p->type, v);
        LIST_ADD(&e->args, a);
    }
    return e;
}

struct texpr *whole_value(struct scope *sc, const struct ast_expr *e)
{
    struct whole *w;
    struct var *v;

    LIST_EACH (w, &sc->nf->wholes) {
        if (strcmp(w->name, e->text) != 0)
            continue;
        v = w->first;
        return w->type->kind == TY_ERROR ? expr_error(sc, e->loc)
                                         : read_part(sc, e->loc, w->type, &v);
    }
    return NULL;
}

/* ---- assignment ---- */

bool whole_is_place(const struct texpr *e)
{
    const struct targ *a;

    if (e->kind == TE_VAR)
        return e->type->kind != TY_OBJECT;
    if (e->kind != TE_TUPLE)
        return false;
    LIST_EACH (a, &e->args)
        if (!whole_is_place(a->value))
            return false;
    return true;
}

static void assign_parts(struct scope *sc, struct loc loc,
                         const struct texpr *target, struct texpr *value,
                         struct tblock *to)
{
    const struct targ *a;
    struct tstmt *t;
    unsigned i = 0;

    if (target->kind == TE_VAR) {
        t = tstmt_new(sc, TS_VAR, loc);
        t->var = target->var;
        t->value = value;
        LIST_ADD(&to->stmts, t);
        return;
    }
    LIST_EACH (a, &target->args)
        assign_parts(sc, loc, a->value, part_of(sc, value, i++, loc), to);
}

static struct texpr *local_value(struct scope *sc, struct local *l,
                                 struct loc loc)
{
    struct texpr *e = expr_new(sc, TE_LOCAL, loc, l->type);

    e->local = l;
    return e;
}

/* All of the value is known before any of it is assigned. */
void whole_assign(struct scope *sc, const struct ast_stmt *s,
                  struct texpr *target, struct tblock *to)
{
    struct texpr *value = assigned(sc, s, target->type);
    struct tstmt *t;

    if (value->type->kind == TY_ERROR)
        return;
    t = tstmt_new(sc, TS_LET, s->loc);
    t->value = value;
    t->local = hidden_local(sc, s->loc, value->type);
    LIST_ADD(&to->stmts, t);
    assign_parts(sc, s->loc, target, local_value(sc, t->local, s->loc), to);
}

/* ---- let (a, b) = value ---- */

void parts_bind(struct scope *sc, const struct ast_stmt *s, struct local *value,
                struct tblock *to)
{
    const struct type *type = value->type;
    bool wrong = type->kind == TY_ERROR;
    struct ast_name *n;
    struct tstmt *t;
    unsigned i = 0;

    if (!wrong && (type->kind != TY_TUPLE || type->parts.n != s->names.n)) {
        diag_error(sc->sema->diags, s->name_loc,
                   "%u names for a value of type '%s'", s->names.n, type->name);
        wrong = true;
    }
    LIST_EACH (n, &s->names) {
        if (strcmp(n->text, "_") == 0) {
            i++;
            continue;
        }
        if (wrong) {
            add_local(sc, n->text, n->loc, sc->sema->error);
            continue;
        }
        t = tstmt_new(sc, TS_LET, n->loc);
        t->value = part_of(sc, local_value(sc, value, n->loc), i++, n->loc);
        t->local = add_local(sc, n->text, n->loc, t->value->type);
        LIST_ADD(&to->stmts, t);
    }
}
