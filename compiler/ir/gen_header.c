/* The expressions of headers: size, end, conditions. */
#include "ir/gen.h"

static struct ir_expr *maybe(struct gen *g, const struct texpr *e)
{
    return e ? gen_expr(g, e) : NULL;
}

static void add_header(struct gen *g, struct ir *ir, const struct header *h)
{
    struct ir_header *r = ARENA_NEW(g->arena, struct ir_header);
    const struct given *s;
    const struct field *f;

    r->source = h;
    r->size = maybe(g, h->size);
    r->end = maybe(g, h->end);
    r->valid = maybe(g, h->valid);
    r->select_if = maybe(g, h->select_if);
    LIST_EACH (s, &h->given) {
        struct ir_given *n = ARENA_NEW(g->arena, struct ir_given);

        n->source = s;
        n->cond = maybe(g, s->cond);
        LIST_ADD(&r->given, n);
    }
    LIST_EACH (f, &h->fields) {
        struct ir_optional *o;

        if (!f->cond || f->real)
            continue;
        o = ARENA_NEW(g->arena, struct ir_optional);
        o->field = f;
        o->cond = gen_expr(g, f->cond);
        o->off = gen_expr(g, f->off);
        LIST_ADD(&r->optional, o);
    }
    LIST_ADD(&ir->headers, r);
}

void gen_stack_stmt(struct gen *g, const struct tstmt *t)
{
    ir_exprs values = {0};
    const struct tlayer *l;
    const struct tset *set;
    struct ir_expr *v, *data = NULL;
    struct ir_stmt *s;

    LIST_EACH (l, &t->stack->layers)
        LIST_EACH (set, &l->sets) {
            v = gen_expr(g, set->value);
            LIST_ADD(&values, v);
        }
    if (t->stack->up) {
        v = gen_expr(g, t->stack->up);
        LIST_ADD(&values, v);
    }
    if (t->kind == TS_MAKE)
        data = maybe(g, t->value);
    s = gen_add(g,
                t->kind == TS_ENCAP   ? IR_encap
                : t->kind == TS_DECAP ? IR_decap
                                      : IR_make,
                t->loc);
    s->stack = t->stack;
    s->values = values;
    if (t->kind == TS_MAKE) {
        s->value = data;
        s->most = (unsigned)t->most;
        s->part = t->back;
    } else {
        s->other = gen_block(g, t->alt);
    }
    g->edits = true;
}

void gen_headers(struct gen *g, struct ir *ir)
{
    const struct header *h;

    LIST_EACH (h, &g->tree->headers)
        add_header(g, ir, h);
}
