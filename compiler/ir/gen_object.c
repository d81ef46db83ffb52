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
    struct ir_object *o;
    struct ir_expr *e;

    if (!a->value || a->value->kind != TE_NEW) {
        gen_arg(g, a, to);
        return;
    }
    name = arena_fmt(g->arena, "%s.%s", name, a->param->name);
    o = make(g, a->value->type->object, name, a->value->args.first,
             a->value->loc);
    gen_config_fix(g, o);
    e = read(g, o, a->value->loc);
    LIST_ADD(to, e);
}

static struct ir_object *add(struct gen *g, struct object *type,
                             const char *name, struct loc loc)
{
    struct ir_object *o = ARENA_NEW(g->arena, struct ir_object);

    o->name = name;
    o->type = type;
    o->nf = g->nf;
    o->loc = loc;
    return o;
}

/* Arguments before the object itself: they may be objects, too. */
static void place(struct gen *g, struct ir_object *o)
{
    o->index = g->chain->objects.n;
    if (o->type->rows && o->type->rows->value)
        gen_const(g, o->type->rows->value, NULL, o->loc, &o->value);
    if (o->type->key)
        gen_const(g, o->type->key, NULL, o->loc, &o->key);
    LIST_ADD(&g->chain->objects, o);
}

static void given(struct gen *g, const struct targ *a, struct loc loc,
                  ir_exprs *to)
{
    struct ir_expr *e;

    if (!a->param->optional)
        return;
    e = ir_const(g, ir_bool(), a->value != NULL, loc);
    LIST_ADD(to, e);
}

static struct ir_object *make(struct gen *g, struct object *type,
                              const char *name, const struct targ *args,
                              struct loc loc)
{
    struct ir_object *o = add(g, type, name, loc);
    const struct targ *a;

    for (a = args; a; a = a->next) {
        given(g, a, loc, &o->args);
        arg(g, name, a, &o->args);
    }
    place(g, o);
    return o;
}

/* The file from which an object is made is set by the parameter's name. */
static const char *arg_name(struct gen *g, const struct object *type,
                            const struct param *param, const struct param *arg)
{
    const struct param *p;

    LIST_EACH (p, &type->params) {
        if (p->type->kind != TY_FILE)
            continue;
        if (p == arg)
            return param->name;
        break;
    }
    return arena_fmt(g->arena, "%s.%s", param->name, arg->name);
}

/* The object that is given to a parameter: it can be made anew from other
 * arguments. */
static void make_given(struct gen *g, struct param *param,
                       const struct texpr *value)
{
    struct object *type = value->type->object;
    struct ir_object *o = add(g, type, param->name, value->loc);
    struct ir_config *c;
    const struct targ *a;

    LIST_EACH (a, &value->args) {
        given(g, a, value->loc, &o->args);
        if (!a->value || a->value->kind != TE_CONST) {
            arg(g, param->name, a, &o->args);
            continue;
        }
        gen_config(g, param, a->param, arg_name(g, type, param, a->param),
                   a->param->type, &a->value->value);
        gen_config_parts(g, param, a->param, a->value->loc, &o->args);
    }
    o->param = param;
    LIST_EACH (c, &g->chain->configs)
        if (c->nf == g->nf && c->param == param)
            c->of = o;
    place(g, o);
    if (type_is_divided(type->type))
        gen_config_fix(g, o);
}

void gen_objects(struct gen *g)
{
    const struct position *p = g->nf->source;
    const struct targ *a;
    struct ir_object *o;
    struct var *v;

    LIST_EACH (a, &p->args)
        if (a->value && a->value->kind == TE_NEW)
            make_given(g, a->param, a->value);
        else if (a->value)
            gen_config(g, a->param, NULL, a->param->name, a->param->type,
                       &a->value->value);
    LIST_EACH (v, &p->nf->vars) {
        if (v->type->kind != TY_OBJECT)
            continue;
        o = make(g, v->type->object, v->name, v->args.first, v->loc);
        o->var = v;
        gen_config_fix(g, o);
    }
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
