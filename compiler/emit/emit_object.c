/* A chain's objects: made in the order of the source, freed in reverse. */
#include "emit/emit.h"

/* An argument of a constructor: objects are those of `chain`. */
static const char *argument(struct emit *e, const struct ir_expr *a)
{
    if (a->op == IR_object)
        return arena_fmt(e->arena, "chain->objects[%u]", a->object->index);
    return emit_value(e, a);
}

static void make(struct emit *e, const struct ir_object *o)
{
    const char *args = "chain, setup";
    const struct ir_expr *a;

    LIST_EACH (a, &o->args)
        args = arena_fmt(e->arena, "%s, %s", args, argument(e, a));
    cw(e->w, "/* %s of %s */", o->name, o->nf->source->name);
    cw_at(e->w, o->loc);
    cw(e->w, "chain->objects[%u] = nfs_%s_new(%s);", o->index, o->type->name,
       args);
    cw_home(e->w);
    cw_open(e->w, "if (!chain->objects[%u])", o->index);
    cw(e->w, "gc_%s_fini(chain);", name_chain(e));
    cw(e->w, "return false;");
    cw_close(e->w, "");
}

static void init(struct emit *e)
{
    const struct ir_object *o;

    cw_blank(e->w);
    cw(e->w,
       "static bool gc_%s_init(struct nfl_chain *chain, "
       "struct nfl_setup *setup)",
       name_chain(e));
    cw_open(e->w, "%s", "");
    if (!e->chain->ir->objects.n)
        cw(e->w, "(void)chain, (void)setup;");
    LIST_EACH (o, &e->chain->ir->objects)
        make(e, o);
    cw(e->w, "return true;");
    cw_close(e->w, "");
}

/* By index, the last first. */
static const struct ir_object *object_at(const struct emit *e, unsigned index)
{
    const struct ir_object *o;

    LIST_EACH (o, &e->chain->ir->objects)
        if (o->index == index)
            return o;
    return NULL;
}

/* May be called where only some were made. */
static void fini(struct emit *e)
{
    unsigned i;

    cw_blank(e->w);
    cw(e->w, "static void gc_%s_fini(struct nfl_chain *chain)", name_chain(e));
    cw_open(e->w, "%s", "");
    if (!e->chain->ir->objects.n)
        cw(e->w, "(void)chain;");
    for (i = e->chain->ir->objects.n; i-- > 0;) {
        cw(e->w, "if (chain->objects[%u])", i);
        cw(e->w, "    nfs_%s_free(chain->objects[%u]);",
           object_at(e, i)->type->name, i);
        cw(e->w, "chain->objects[%u] = NULL;", i);
    }
    cw_close(e->w, "");
}

static void state(struct emit *e)
{
    const struct ir_object *o;

    cw_blank(e->w);
    cw(e->w,
       "static void gc_%s_state(const struct nfl_chain *chain, "
       "struct nfl_state *st)",
       name_chain(e));
    cw_open(e->w, "%s", "");
    if (!e->chain->ir->objects.n)
        cw(e->w, "(void)chain, (void)st;");
    LIST_EACH (o, &e->chain->ir->objects)
        cw(e->w, "nfs_%s_state(chain->objects[%u], st, %s);", o->type->name,
           o->index,
           cw_quote(e->arena, arena_fmt(e->arena, "%s %s %s", name_chain(e),
                                        o->nf->source->name, o->name)));
    cw_close(e->w, "");
}

void emit_objects(struct emit *e)
{
    fini(e);
    init(e);
    state(e);
}
