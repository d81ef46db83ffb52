/* Structs: tuples whose parts have names. */
#include "sema/sema.h"

bool type_is_struct(const struct type *t)
{
    return t->kind == TY_TUPLE && t->members;
}

/* ---- struct Stat { packets: u64, bytes: u64 } ---- */

static bool can_be_member(struct sema *s, const struct type *t, struct loc at)
{
    if (type_is_number(t) || t->kind == TY_BOOL || t->kind == TY_UNION ||
        t->kind == TY_TUPLE || t->kind == TY_DURATION || t->kind == TY_ERROR)
        return true;
    diag_error(s->diags, at, "a member of a struct cannot be of type '%s'",
               t->name);
    return false;
}

/* One of this very struct, or of one that is declared further down. */
static bool too_early(struct sema *s, const struct ast_decl *d,
                      const struct ast_param *a)
{
    const struct ast_decl *other;
    struct diag *e;

    if (a->type->kind != AT_NAME || type_named(s, a->type->name))
        return false;
    if (strcmp(a->type->name, d->name) == 0) {
        diag_note(diag_error(s->diags, a->type->loc,
                             "a struct cannot contain itself"),
                  "one that did would have no size");
        return true;
    }
    LIST_EACH (other, &s->ast->decls) {
        if (other->kind != AD_STRUCT || strcmp(other->name, a->type->name) != 0)
            continue;
        e = diag_error(s->diags, a->type->loc, "'%s' is declared further down",
                       other->name);
        diag_also(e, other->loc, "declared here");
        diag_hint(e, "move it above '%s'", d->name);
        return true;
    }
    return false;
}

void struct_declare(struct sema *s, const struct ast_decl *d)
{
    struct type *t = ARENA_NEW(s->arena, struct type);
    const struct ast_param *a;
    const struct param *p;
    struct part *part;

    LIST_EACH (a, &d->params)
        if (too_early(s, d, a))
            return;
    t->kind = TY_TUPLE;
    t->name = d->name;
    t->loc = d->loc;
    t->members = ARENA_NEW(s->arena, struct members);
    members_declare(s, &d->params, &t->members->params);
    a = d->params.first;
    LIST_EACH (p, &t->members->params) {
        if (!can_be_member(s, p->type, a->type->loc))
            return;
        part = ARENA_NEW(s->arena, struct part);
        part->name = p->name;
        part->type = p->type;
        LIST_ADD(&t->parts, part);
        a = a->next;
    }
    if (!type_is_large(s, d->loc, t))
        LIST_ADD(&s->tree->types, t);
}

struct texpr *struct_call(struct scope *sc, const struct ast_expr *e,
                          struct type *t)
{
    struct texpr *r = expr_new(sc, TE_TUPLE, e->loc, t);
    struct targ *a, *next;

    if (!bind_args(sc, e->args.first, &t->members->params, e->loc,
                   arena_fmt(sc->sema->arena, "'%s'", t->name), &a))
        return expr_error(sc, e->loc);
    for (; a; a = next) {
        next = a->next;
        LIST_ADD(&r->args, a);
    }
    return r;
}

/* ---- parts ---- */

/* Its parts can be taken one by one, with no call left out. */
static bool is_simple(const struct texpr *e)
{
    const struct targ *a;

    switch (e->kind) {
    case TE_TUPLE:
        LIST_EACH (a, &e->args)
            if (!is_simple(a->value))
                return false;
        return true;
    case TE_PART:
    case TE_CAST:
        return is_simple(e->a);
    default:
        return e->kind == TE_CONST || e->kind == TE_PARAM ||
               e->kind == TE_LOCAL || e->kind == TE_VAR || e->kind == TE_FIELD;
    }
}

struct texpr *part_of(struct scope *sc, struct texpr *a, unsigned i,
                      struct loc loc)
{
    const struct part *p = a->type->parts.first;
    struct targ *arg = a->args.first;
    struct texpr *e;

    for (unsigned n = 0; n < i; n++) {
        p = p->next;
        arg = arg ? arg->next : NULL;
    }
    if (a->kind == TE_TUPLE && is_simple(a)) {
        e = arena_dup(sc->sema->arena, arg->value, sizeof(*e));
        e->loc = loc;
        return e;
    }
    e = expr_new(sc, a->kind == TE_CONST ? TE_CONST : TE_PART, loc, p->type);
    if (a->kind == TE_CONST)
        e->value = a->value.parts[i];
    e->part = i;
    e->a = a;
    return e;
}

void struct_no_member(struct scope *sc, const struct ast_expr *e,
                      const struct type *t)
{
    struct diag *d = diag_error(sc->sema->diags, e->text_loc,
                                "'%s' has no member '%s'", t->name, e->text);

    diag_also(d, t->loc, "declared here");
    HINT_NEAR(d, sc->sema, e->text, &t->parts);
}

struct texpr *struct_member(struct scope *sc, const struct ast_expr *e,
                            struct texpr *a)
{
    const struct part *p;
    unsigned i = 0;

    LIST_EACH (p, &a->type->parts) {
        if (strcmp(p->name, e->text) == 0)
            return part_of(sc, a, i, e->loc);
        i++;
    }
    struct_no_member(sc, e, a->type);
    return expr_error(sc, e->loc);
}
