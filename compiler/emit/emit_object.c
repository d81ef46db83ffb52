/* A chain's objects: made in the order of the source, freed in reverse. */
#include "emit/emit.h"
#include "sema/cproto.h"

/* An argument of a constructor: objects are those of `chain`. */
static const char *argument(struct emit *e, const struct ir_expr *a)
{
    if (a->op == IR_object)
        return arena_fmt(e->arena, "chain->objects[%u]", a->object->index);
    return emit_value(e, a);
}

static bool uses_config(const struct emit *e)
{
    const struct ir_object *o;
    const struct ir_expr *a;

    LIST_EACH (o, &e->chain->ir->objects)
        LIST_EACH (a, &o->args)
            if (a->op == IR_config)
                return true;
    return false;
}

static void make_one(struct emit *e, const struct ir_object *o)
{
    const char *args = "chain, setup";
    const struct ir_expr *a;

    if (o->type->rows)
        args = arena_fmt(e->arena, "%s, &gc_%s_rows%u", args, name_chain(e),
                         o->index);
    if (o->type->key)
        args = arena_fmt(e->arena, "%s, &gc_%s_key%u", args, name_chain(e),
                         o->index);

    LIST_EACH (a, &o->args)
        args = arena_fmt(e->arena, "%s, %s", args, argument(e, a));
    cw(e->w, "case %u: /* %s of %s */", o->index, o->name, o->nf->source->name);
    cw_in(e->w);
    cw_at(e->w, o->loc);
    cw(e->w, "return nfs_%s_new(%s);", o->type->name, args);
    cw_home(e->w);
    cw_out(e->w);
}

/* What the keys of an object are: a word for each number, as emit_key_words
 * has it. */
static void key(struct emit *e, const struct ir_object *o, const ir_exprs *of)
{
    struct emit_spot *s = arena_alloc(e->arena, (of->n + 1) * sizeof(*s));
    const char *name =
        arena_fmt(e->arena, "gc_%s_key%u", name_chain(e), o->index);
    const struct ir_expr *p;
    unsigned i = 0, words = 0;

    LIST_EACH (p, of) {
        s[i].at = 64 * words;
        s[i].bits = p->type.kind == IR_ADDR ? 128 : p->type.bits;
        words += s[i].bits > 64 ? 2 : 1;
        if (p->type.kind == IR_ADDR)
            s[i].v6 = 64 * words++;
        i++;
    }
    emit_key_parts(e, o->type->key, s, arena_fmt(e->arena, "%s_parts", name));
    cw_blank(e->w);
    cw(e->w, "static const struct nfl_key_desc %s = {%s_parts, %u, %u, %s};",
       name, name, of->n, words,
       o->var->storage == ST_SHARED ? "true" : "false");
}

/* Makes one object; others that it needs are made. */
static void make(struct emit *e)
{
    const struct ir_object *o;

    cw_blank(e->w);
    cw(e->w,
       "static void *gc_%s_make(struct nfl_chain *chain, "
       "struct nfl_setup *setup, unsigned i)",
       name_chain(e));
    cw_open(e->w, "%s", "");
    if (uses_config(e)) {
        emit_config_local(e, "chain");
        cw_blank(e->w);
    }
    cw_open(e->w, "switch (i)");
    LIST_EACH (o, &e->chain->ir->objects)
        make_one(e, o);
    cw_close(e->w, "");
    cw(e->w, "return NULL;");
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

static void discard(struct emit *e)
{
    unsigned i;

    cw_blank(e->w);
    cw(e->w, "static void gc_%s_discard(void *object, unsigned i)",
       name_chain(e));
    cw_open(e->w, "%s", "");
    cw_open(e->w, "switch (i)");
    for (i = 0; i < e->chain->ir->objects.n; i++) {
        cw(e->w, "case %u:", i);
        cw(e->w, "    nfs_%s_free(object);", object_at(e, i)->type->name);
        cw(e->w, "    break;");
    }
    cw_close(e->w, "");
    cw_close(e->w, "");
}

/* What a new one knows of a shard. */
static void inherit(struct emit *e)
{
    const struct ir_object *o;

    cw_blank(e->w);
    cw(e->w,
       "static void gc_%s_inherit(void *object, void *before, unsigned i, "
       "unsigned shard)",
       name_chain(e));
    cw_open(e->w, "%s", "");
    cw_open(e->w, "switch (i)");
    LIST_EACH (o, &e->chain->ir->objects) {
        if (!o->type->inherit)
            continue;
        cw(e->w, "case %u:", o->index);
        cw(e->w,
           "    %s(nflg_state(object, shard), nflg_state(before, shard));",
           cproto_symbol(e->arena, o->type->inherit));
        cw(e->w, "    break;");
    }
    cw_close(e->w, "");
    cw_close(e->w, "");
}

bool emit_has_inherit(const struct emit *e)
{
    const struct ir_object *o;

    LIST_EACH (o, &e->chain->ir->objects)
        if (o->type->inherit)
            return true;
    return false;
}

/* For people: what objects that functions change have in the end. */
static void report(struct emit *e)
{
    const struct ir_object *o;

    cw_blank(e->w);
    cw(e->w,
       "static void gc_%s_report(const struct nfl_chain *chain, "
       "struct nfl_report *r)",
       name_chain(e));
    cw_open(e->w, "%s", "");
    LIST_EACH (o, &e->chain->ir->objects) {
        if (!o->type->updates)
            continue;
        cw(e->w,
           "static const struct nfl_report_object o%u = {%s, %s, %s, %s};",
           o->index, cw_quote(e->arena, name_chain(e)),
           cw_quote(e->arena, o->nf->source->name), cw_quote(e->arena, o->name),
           cw_quote(e->arena, storage_name[o->var->storage]));
        cw(e->w, "nfs_%s_report(chain->objects[%u], r, &o%u);", o->type->name,
           o->index, o->index);
    }
    cw_close(e->w, "");
}

bool emit_has_report(const struct emit *e)
{
    const struct ir_object *o;

    LIST_EACH (o, &e->chain->ir->objects)
        if (o->type->updates)
            return true;
    return false;
}

static void state(struct emit *e)
{
    const struct ir_object *o;
    const char *name = NULL;

    cw_blank(e->w);
    cw(e->w,
       "static void gc_%s_state(const struct nfl_chain *chain, "
       "struct nfl_state *st)",
       name_chain(e));
    cw_open(e->w, "%s", "");
    LIST_EACH (o, &e->chain->ir->objects) {
        if (o->type->file)
            continue;
        name = arena_fmt(e->arena, "%s %s %s", name_chain(e),
                         o->nf->source->name, o->name);
        cw(e->w, "nfs_%s_state(chain->objects[%u], st, %s);", o->type->name,
           o->index, cw_quote(e->arena, name));
    }
    if (!name)
        cw(e->w, "(void)chain, (void)st;");
    cw_close(e->w, "");
}

void emit_objects(struct emit *e)
{
    const struct ir_object *o;

    LIST_EACH (o, &e->chain->ir->objects)
        if (o->type->key)
            key(e, o, &o->key);
    emit_row_descs(e);
    if (emit_has_report(e))
        report(e);
    if (e->chain->ir->objects.n) {
        make(e);
        discard(e);
    }
    if (emit_has_inherit(e))
        inherit(e);
    state(e);
}
