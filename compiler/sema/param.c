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

/* Whose they are. */
enum whose { PLAIN, OF_STRUCT, OF_TYPE, OF_C };

static void declare(struct sema *s, const ast_params *from, params *to,
                    enum whose whose, struct calling *calling)
{
    bool c = whose == OF_C || whose == OF_TYPE;
    struct ast_param *a;
    struct param *p, *other;
    bool may_be_left_out;

    LIST_EACH (a, from) {
        LIST_EACH (other, to)
            if (strcmp(other->name, a->name) == 0)
                twice(s, a->loc, whose == OF_STRUCT ? "member" : "parameter",
                      a->name, other->loc);
        p = ARENA_NEW(s->arena, struct param);
        p->name = a->name;
        p->loc = a->loc;
        p->index = to->n;
        p->key = whose == OF_C && type_is_any(a->type);
        p->type = p->key ? s->any : type_resolve(s, a->type);
        may_be_left_out = c || (whose == PLAIN && rows_is(p->type));
        p->optional = a->type->optional && may_be_left_out;
        p->of_type = c;
        if (a->type->optional && !may_be_left_out)
            diag_hint(diag_error(s->diags, a->loc,
                                 "only arguments of C can be left out"),
                      "give it a default: %s: %s = ...", a->name,
                      p->type->name);
        if (a->def && p->type->kind != TY_ERROR)
            param_default(s, a->def, p, calling);
        LIST_ADD(to, p);
    }
}

void params_declare(struct sema *s, const ast_params *from, params *to)
{
    declare(s, from, to, PLAIN, NULL);
}

void keyed_params(struct sema *s, const ast_params *from, params *to)
{
    declare(s, from, to, OF_C, NULL);
}

void type_params(struct sema *s, const ast_params *from, params *to)
{
    declare(s, from, to, OF_TYPE, NULL);
}

void members_declare(struct sema *s, const ast_params *from, params *to)
{
    declare(s, from, to, OF_STRUCT, NULL);
}

void function_params(struct scope *sc, const struct ast_decl *d, params *to)
{
    struct calling c = {d, sc->calling,
                        sc->calling ? sc->calling->depth + 1 : 1};

    declare(sc->sema, &d->params, to, PLAIN, &c);
}
