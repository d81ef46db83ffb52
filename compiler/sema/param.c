/* Parameters of NFs, events, extern types and functions. */
#include "sema/sema.h"

/* The default of a parameter is a constant; it is typed where no NF is. */
static void param_default(struct sema *s, const struct ast_expr *def,
                          struct param *p, struct calling *calling)
{
    struct scope sc = {.sema = s, .constant = true, .calling = calling};
    struct texpr *e = fold(&sc, expr_value(&sc, def, p->type));

    p->has_default = true;
    if (e->kind == TE_CONST)
        p->def = e->value;
}

static bool type_is_any(const struct ast_type *t)
{
    return t->kind == AT_NAME && strcmp(t->name, "any") == 0;
}

static void declare(struct sema *s, const ast_params *from, params *to,
                    bool keys, bool member, struct calling *calling)
{
    struct ast_param *a;
    struct param *p, *other;

    LIST_EACH (a, from) {
        LIST_EACH (other, to)
            if (strcmp(other->name, a->name) == 0)
                twice(s, a->loc, member ? "member" : "parameter", a->name,
                      other->loc);
        p = ARENA_NEW(s->arena, struct param);
        p->name = a->name;
        p->loc = a->loc;
        p->index = to->n;
        p->key = keys && type_is_any(a->type);
        p->type = p->key ? s->any : type_resolve(s, a->type);
        p->optional = a->type->optional;
        if (a->def && p->type->kind != TY_ERROR)
            param_default(s, a->def, p, calling);
        LIST_ADD(to, p);
    }
}

void params_declare(struct sema *s, const ast_params *from, params *to)
{
    declare(s, from, to, false, false, NULL);
}

void keyed_params(struct sema *s, const ast_params *from, params *to)
{
    declare(s, from, to, true, false, NULL);
}

void members_declare(struct sema *s, const ast_params *from, params *to)
{
    declare(s, from, to, false, true, NULL);
}

void function_params(struct scope *sc, const struct ast_decl *d, params *to)
{
    struct calling c = {d, sc->calling,
                        sc->calling ? sc->calling->depth + 1 : 1};

    declare(sc->sema, &d->params, to, false, false, &c);
}
