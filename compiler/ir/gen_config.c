/* Parameters of NFs as values that may be set from outside. */
#include "ir/gen.h"

static void add(struct gen *g, struct param *param, struct param *arg,
                const char *name, const struct type *t, const struct value *v)
{
    struct ir_config *c = ARENA_NEW(g->arena, struct ir_config);
    const struct var *table = param_table(g->nf->source->nf, param);

    c->index = g->chain->configs.n;
    c->name = name;
    c->type = t;
    c->value = *v;
    c->param = param;
    c->arg = arg;
    c->nf = g->nf;
    if (table)
        c->fixed =
            arena_fmt(g->arena, "table '%s' is made with it", table->name);
    else if (param_period(g->nf->source->nf, param))
        c->fixed = "it is the period of a timer";
    else if (param_side(g->nf->source->nf, param))
        c->fixed = "it tells the side where the NF stands";
    c->compiled = c->fixed != NULL;
    LIST_ADD(&g->chain->configs, c);
}

void gen_config(struct gen *g, struct param *param, struct param *arg,
                const char *name, const struct type *t, const struct value *v)
{
    const struct part *p;
    unsigned i = 0;

    if (t->kind != TY_TUPLE) {
        add(g, param, arg, name, t, v);
        return;
    }
    LIST_EACH (p, &t->parts) {
        const char *of = p->name ? arena_fmt(g->arena, "%s.%s", name, p->name)
                                 : arena_fmt(g->arena, "%s.%u", name, i);

        gen_config(g, param, arg, of, p->type, &v->parts[i++]);
    }
}

static void read(struct gen *g, struct ir_config *c, struct ir_type type,
                 unsigned part, struct loc loc, ir_exprs *to)
{
    struct ir_expr *e = ir_node(g, IR_config, type, loc);

    e->config = c;
    e->num = part;
    LIST_ADD(to, e);
}

void gen_config_parts(struct gen *g, const struct param *param,
                      const struct param *arg, struct loc loc, ir_exprs *to)
{
    struct ir_config *c;

    LIST_EACH (c, &g->chain->configs) {
        if (c->nf != g->nf || c->param != param || c->arg != arg)
            continue;
        if (c->type->kind != TY_RANGE) {
            read(g, c, ir_type_of(c->type), 0, loc, to);
            continue;
        }
        read(g, c, ir_type_of(c->type->elem), 0, loc, to);
        read(g, c, ir_type_of(c->type->elem), 1, loc, to);
    }
}

/* State that is made anew when the value changes. */
static bool renews(struct ir_config *c, struct ir_object *o)
{
    if (!o->var || !object_renews(o->type) || (c->of && c->of != o))
        return false;
    c->of = o;
    return true;
}

static void fix(struct gen *g, struct ir_object *o, const char *name)
{
    const struct ir_expr *a;

    LIST_EACH (a, &o->args) {
        if (a->op == IR_config && renews(a->config, o))
            continue;
        if (a->op == IR_config && !a->config->fixed)
            a->config->fixed = arena_fmt(g->arena, "'%s' is made of it", name);
        if (a->op == IR_object)
            fix(g, a->object, name);
    }
}

void gen_config_fix(struct gen *g, struct ir_object *o)
{
    fix(g, o, o->name);
}
