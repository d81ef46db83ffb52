/* The objects of a chain: those given to parameters, then those of the state,
 * place by place, in the order of the source. */
#include "ir/gen.h"

static struct ir_object *make(struct gen *g, struct object *type,
                              const char *name, const struct targ *args,
                              struct loc loc);

static struct ir_expr *read(struct gen *g, struct ir_object *o, struct loc loc)
{
    struct ir_expr *e = ir_node(g, IR_object, ir_type_of(o->type->type), loc);

    e->object = o;
    return e;
}

static void arg(struct gen *g, const char *name, const struct targ *a,
                ir_exprs *to)
{
    struct ir_expr *e;

    if (!a->value || a->value->kind != TE_NEW) {
        gen_arg(g, a, to);
        return;
    }
    name = arena_fmt(g->arena, "%s.%s", name, a->param->name);
    e = read(g,
             make(g, a->value->type->object, name, a->value->args.first,
                  a->value->loc),
             a->value->loc);
    LIST_ADD(to, e);
}

static struct ir_object *make(struct gen *g, struct object *type,
                              const char *name, const struct targ *args,
                              struct loc loc)
{
    struct ir_object *o = ARENA_NEW(g->arena, struct ir_object);
    struct ir_expr *given;
    const struct targ *a;

    for (a = args; a; a = a->next) {
        if (a->param->optional) {
            given = ir_const(g, ir_bool(), a->value != NULL, loc);
            LIST_ADD(&o->args, given);
        }
        arg(g, name, a, &o->args);
    }
    o->index = g->chain->objects.n;
    o->name = name;
    o->type = type;
    o->nf = g->nf;
    o->loc = loc;
    LIST_ADD(&g->chain->objects, o);
    return o;
}

void gen_objects(struct gen *g)
{
    const struct position *p = g->nf->source;
    const struct targ *a;
    struct var *v;

    LIST_EACH (a, &p->args)
        if (a->value && a->value->kind == TE_NEW)
            make(g, a->value->type->object, a->param->name,
                 a->value->args.first, a->value->loc)
                ->param = a->param;
    LIST_EACH (v, &p->nf->vars)
        if (v->type->kind == TY_OBJECT)
            make(g, v->type->object, v->name, v->args.first, v->loc)->var = v;
}

struct ir_object *gen_param_object(const struct gen *g, const struct param *p)
{
    struct ir_object *o;

    LIST_EACH (o, &g->chain->objects)
        if (o->nf == g->nf && o->param == p)
            return o;
    return NULL;
}

struct ir_object *gen_var_object(const struct gen *g, const struct var *v)
{
    struct ir_object *o;

    LIST_EACH (o, &g->chain->objects)
        if (o->nf == g->nf && o->var == v)
            return o;
    return NULL;
}
