/* Parameters that may be set from outside: a block of values for each chain,
 * which the runtime replaces as a whole, and what it knows of each value. */
#include "emit/emit.h"
#include <string.h>

/* p3_limit_packets; of a range p4_range_lo and p4_range_hi. */
static const char *member(struct emit *e, const struct ir_config *c,
                          unsigned part)
{
    static const char *const end[] = {"_lo", "_hi"};
    char *name = arena_fmt(e->arena, "p%u_%s%s", c->index, c->name,
                           c->type->kind == TY_RANGE ? end[part] : "");
    char *dot;

    while ((dot = strchr(name, '.')))
        *dot = '_';
    return name;
}

struct cexpr emit_config(struct emit *e, const struct ir_expr *x)
{
    struct cexpr c = {
        arena_fmt(e->arena, "cf->%s", member(e, x->config, (unsigned)x->num)),
        PREC_PRIMARY};

    return c;
}

void emit_config_local(struct emit *e, const char *chain)
{
    cw(e->w, "const struct gc_%s_config *cf = %s->config;", name_chain(e),
       chain);
}

/* ---- the block and what is in it at first ---- */

static unsigned parts(const struct ir_config *c)
{
    return c->type->kind == TY_RANGE ? 2 : 1;
}

static const struct type *part_type(const struct ir_config *c)
{
    return c->type->kind == TY_RANGE ? c->type->elem : c->type;
}

static const char *ctype(const struct type *t)
{
    struct ir_type of = {IR_NUM, t->bits};

    switch (t->kind) {
    case TY_BOOL:
        return "bool";
    case TY_UNION:
        return "struct nfl_ipaddr";
    case TY_STRING:
    case TY_FILE:
        return "const char *";
    default:
        return emit_ctype(of);
    }
}

static const char *value(struct emit *e, const struct ir_config *c,
                         unsigned part)
{
    const struct type *t = part_type(c);
    num_t v = part ? c->value.hi : c->value.u;

    if (t->kind == TY_BOOL)
        return v ? "true" : "false";
    if (t->kind == TY_STRING || t->kind == TY_FILE)
        return cw_quote(e->arena, c->value.str);
    if (t->kind == TY_UNION)
        return arena_fmt(e->arena, "{%s, %u}", emit_num(e, v, 128),
                         c->value.alt);
    return emit_num(e, v, emit_carrier(t->bits));
}

void emit_config_block(struct emit *e)
{
    const struct ir_config *c;
    unsigned i;

    if (!e->chain->ir->configs.n)
        return;
    cw_blank(e->w);
    cw(e->w, "/* What may be set from outside. */");
    cw_open(e->w, "struct gc_%s_config", name_chain(e));
    LIST_EACH (c, &e->chain->ir->configs)
        for (i = 0; i < parts(c); i++)
            cw(e->w, "%s %s;", ctype(part_type(c)), member(e, c, i));
    cw_close(e->w, ";");
    cw_blank(e->w);
    cw(e->w, "static const struct gc_%s_config gc_%s_config = {", name_chain(e),
       name_chain(e));
    LIST_EACH (c, &e->chain->ir->configs)
        for (i = 0; i < parts(c); i++)
            cw(e->w, "    .%s = %s,", member(e, c, i), value(e, c, i));
    cw(e->w, "};");
}

/* ---- descriptors ---- */

const char *emit_param_kind(const struct type *t)
{
    switch (t->kind) {
    case TY_BOOL:
        return "BOOL";
    case TY_UNION:
        return "IPADDR";
    case TY_STRING:
        return "STRING";
    case TY_FILE:
        return "FILE";
    case TY_DURATION:
        return "DURATION";
    case TY_ENUM:
        return "ENUM";
    default:
        return t->form == LIT_IPV4   ? "IPV4"
               : t->form == LIT_IPV6 ? "IPV6"
               : t->form == LIT_MAC  ? "MAC"
                                     : "NUMBER";
    }
}

static void words(struct emit *e, const struct ir_config *c)
{
    const struct enumval *v;

    if (part_type(c)->kind != TY_ENUM)
        return;
    cw_blank(e->w);
    cw(e->w, "static const struct nfl_word_desc gc_%s_words%u[] = {",
       name_chain(e), c->index);
    LIST_EACH (v, &part_type(c)->values)
        cw(e->w, "    {%s, %s},", cw_quote(e->arena, v->name),
           emit_num(e, v->value, emit_carrier(part_type(c)->bits)));
    cw(e->w, "    {NULL, 0},");
    cw(e->w, "};");
}

static void desc(struct emit *e, const struct ir_config *c)
{
    const struct type *t = part_type(c);
    unsigned i;

    cw(e->w, "    {.chain = %s, .nf = %s, .name = %s,",
       cw_quote(e->arena, name_chain(e)),
       cw_quote(e->arena, c->nf->source->name), cw_quote(e->arena, c->name));
    cw(e->w, "     .type = %s, .kind = NFL_PARAM_%s, .bits = %u,%s",
       cw_quote(e->arena, c->type->name), emit_param_kind(t), t->bits,
       parts(c) == 2 ? " .range = true," : "");
    if (t->kind == TY_ENUM)
        cw(e->w, "     .words = gc_%s_words%u,", name_chain(e), c->index);
    if (c->fixed)
        cw(e->w, "     .fixed = %s,", cw_quote(e->arena, c->fixed));
    if (c->compiled)
        cw(e->w, "     .compiled = true,");
    cw(e->w, "     .object = %d,", c->of ? (int)c->of->index : -1);
    for (i = 0; i < parts(c); i++)
        cw(e->w, "     .%s = offsetof(struct gc_%s_config, %s),",
           i ? "offset_hi" : "offset", name_chain(e), member(e, c, i));
    cw(e->w, "    },");
}

void emit_config_descs(struct emit *e)
{
    const struct ir_config *c;

    if (!e->chain->ir->configs.n)
        return;
    LIST_EACH (c, &e->chain->ir->configs)
        words(e, c);
    cw_blank(e->w);
    cw(e->w, "static const struct nfl_param_desc gc_%s_params[] = {",
       name_chain(e));
    LIST_EACH (c, &e->chain->ir->configs)
        desc(e, c);
    cw(e->w, "};");
}
