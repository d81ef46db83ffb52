/* Tables from files: the struct of their values, and what the columns are. */
#include "emit/emit.h"

const char *emit_row_type(struct emit *e, const struct ir_object *o)
{
    return arena_fmt(e->arena, "struct gc_%s_row%u", name_chain(e), o->index);
}

/* A set has an entry of no use: C has no empty structs. */
void emit_row_types(struct emit *e)
{
    const struct ir_object *o;
    const struct ir_expr *p;
    unsigned i;

    LIST_EACH (o, &e->chain->ir->objects) {
        if (!o->type->rows)
            continue;
        i = 0;
        cw_blank(e->w);
        cw(e->w, "/* What a row of %s has, of %s. */", o->name,
           o->nf->source->name);
        cw_open(e->w, "%s", emit_row_type(e, o));
        LIST_EACH (p, &o->value)
            cw(e->w, "%s v%u;", emit_storage(p->type), i++);
        if (!i)
            cw(e->w, "uint8_t none;");
        cw_close(e->w, ";");
    }
}

static void words(struct emit *e, const char *name, const struct column *c,
                  unsigned i)
{
    const struct enumval *v;

    if (c->type->kind != TY_ENUM)
        return;
    cw_blank(e->w);
    cw(e->w, "static const struct nfl_word_desc %s_words%u[] = {", name, i);
    LIST_EACH (v, &c->type->values)
        cw(e->w, "    {%s, %s},", cw_quote(e->arena, v->name),
           emit_num(e, v->value, 64));
    cw(e->w, "    {NULL, 0},");
    cw(e->w, "};");
}

static unsigned bits_of(const struct type *t)
{
    return t->kind == TY_DURATION ? 64 : t->kind == TY_BOOL ? 1 : t->bits;
}

static void column(struct emit *e, const struct ir_object *o, const char *name,
                   const struct column *c, unsigned i)
{
    static const char *const match[] = {
        [MATCH_EXACT] = "EXACT",
        [MATCH_RANGE] = "RANGE",
        [MATCH_PREFIX] = "PREFIX",
    };
    unsigned key = o->type->rows->n_key;

    cw(e->w, "    {.is = {.type = %s, .kind = NFL_PARAM_%s, .bits = %u,",
       cw_quote(e->arena, c->type->name), emit_param_kind(c->type),
       bits_of(c->type));
    if (c->type->kind == TY_ENUM)
        cw(e->w, "            .words = %s_words%u,", name, i);
    cw(e->w, "            .object = -1},");
    if (i >= key)
        cw(e->w,
           "     .offset = offsetof(%s, v%u), .bytes = sizeof(((%s *)0)->v%u),",
           emit_row_type(e, o), i - key, emit_row_type(e, o), i - key);
    cw(e->w, "     .match = NFL_MATCH_%s},", match[c->match]);
}

static void describe(struct emit *e, const struct ir_object *o)
{
    const struct rows *r = o->type->rows;
    const char *name =
        arena_fmt(e->arena, "gc_%s_rows%u", name_chain(e), o->index);
    const struct column *c;
    unsigned i = 0;

    LIST_EACH (c, &r->columns)
        words(e, name, c, i++);
    i = 0;
    cw_blank(e->w);
    cw(e->w, "static const struct nfl_column %s_columns[] = {", name);
    LIST_EACH (c, &r->columns)
        column(e, o, name, c, i++);
    cw(e->w, "};");
    cw_blank(e->w);
    cw(e->w, "static const struct nfl_rows_desc %s = {", name);
    cw(e->w, "    .name = %s, .columns = %s_columns, .n_key = %u, .n = %u,",
       cw_quote(e->arena, o->name), name, r->n_key, r->columns.n);
    cw(e->w, "    .longest = %s, .first = %s, .entry_bytes = sizeof(%s),",
       r->longest ? "true" : "false", r->first ? "true" : "false",
       emit_row_type(e, o));
    cw(e->w, "};");
}

void emit_row_descs(struct emit *e)
{
    const struct ir_object *o;

    LIST_EACH (o, &e->chain->ir->objects)
        if (o->type->rows)
            describe(e, o);
}
