/* Events that NFs emit: their fields, and the statement. */
#include "sema/sema.h"

/* ---- event NF/LONG_FLOW (f: flow, mean: u32) ---- */

static void field_type(struct sema *s, struct event *e, struct param *p,
                       bool *flow)
{
    struct diag *d;

    if (type_is_number(p->type) || p->type->kind == TY_BOOL ||
        p->type->kind == TY_UNION || p->type->kind == TY_TUPLE ||
        p->type->kind == TY_DURATION || p->type->kind == TY_ERROR)
        return;
    if (p->type->object && p->type->object == object_named(s, "flow")) {
        if (*flow)
            diag_error(s->diags, p->loc, "an event has one flow");
        *flow = p->optional = true;
        return;
    }
    d = diag_error(s->diags, p->loc, "a field of an event cannot be a '%s'",
                   p->type->name);
    if (p->type->object && p->type->object == object_named(s, "packet"))
        diag_hint(d,
                  "'%s' outlives its packet: give it what is needed of it, "
                  "as in `len: u32`",
                  e->path);
}

void event_fields(struct sema *s, struct event *e, const struct ast_decl *d)
{
    const struct param *above = e->parent ? e->parent->params.first : NULL;
    params own = {0};
    struct param *p, *next;
    bool flow = false;

    if (d->cond)
        diag_hint(diag_error(s->diags, d->cond->loc,
                             "'%s' is emitted by NFs, so it has no condition",
                             e->path),
                  "if ... { emit %s }", e->path);
    for (; above; above = above->next) {
        p = arena_dup(s->arena, above, sizeof(*p));
        p->next = NULL;
        flow |= p->type->kind == TY_OBJECT;
        LIST_ADD(&e->params, p);
    }
    params_declare(s, &d->params, &own);
    for (p = own.first; p; p = next) {
        struct param *other;

        next = p->next;
        LIST_EACH (other, &e->params)
            if (strcmp(other->name, p->name) == 0)
                twice(s, p->loc, "field", p->name, other->loc);
        p->index = e->params.n;
        field_type(s, e, p, &flow);
        LIST_ADD(&e->params, p);
    }
}

/* ---- emit NF/LONG_FLOW(mean = m) ---- */

struct event *event_find(struct sema *s, const struct ast_path *p)
{
    struct event *e = event_named(s, p->text);

    if (!e)
        advise_event(
            s, diag_error(s->diags, p->loc, "there is no event '%s'", p->text),
            p->text);
    return e;
}

struct tstmt *emit_stmt(struct scope *sc, const struct ast_stmt *s)
{
    struct event *e = event_find(sc->sema, s->path);
    struct tstmt *t = tstmt_new(sc, TS_EMIT, s->loc);
    struct targ *a, *next;
    struct diag *d;

    if (!e)
        return NULL;
    if (e->raiser != RAISE_EMIT) {
        d = diag_error(sc->sema->diags, s->path->loc,
                       "'%s' is raised by the stack, NFs cannot emit it",
                       e->path);
        diag_hint(d, "declare an event of your own: event NF/NAME (...)");
        return NULL;
    }
    if (!bind_args(sc, s->args.first, &e->params, s->loc,
                   arena_fmt(sc->sema->arena, "'%s'", e->path), &a))
        return NULL;
    t->event = e;
    for (; a; a = next) {
        next = a->next;
        if (a->param->type == sc->sema->tree->flow)
            sc->handler->needs_flow = true;
        LIST_ADD(&t->args, a);
    }
    return t;
}
