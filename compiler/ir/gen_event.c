/* Events: what a handler is given, `emit`, and rules. */
#include "ir/gen.h"

void gen_given(struct gen *g, const struct handler *h)
{
    const struct local *l;

    LIST_EACH (l, &h->locals) {
        ir_exprs parts = {0};
        struct ir_expr *p, *read;
        unsigned n = 0;

        if (!l->param || l->type == g->tree->flow)
            continue;
        gen_const(g, l->type, NULL, l->loc, &parts); /* for their types */
        LIST_EACH (p, &parts) {
            struct ir_local *given = gen_local(g, l->name, p->type);

            given->param = l->param;
            given->part = n++;
            read = ir_read(g, given, l->loc);
            LIST_ADD(&g->locals[l->index], read);
        }
    }
}

void gen_emit(struct gen *g, const struct tstmt *t)
{
    const struct targ *a;
    ir_exprs args = {0};
    struct ir_stmt *s;

    LIST_EACH (a, &t->args)
        if (a->param->type != g->tree->flow)
            gen_arg(g, a, &args);
    s = gen_add(g, IR_emit, t->loc);
    s->event = t->event;
    s->args = args;
}

/* ---- rules ---- */

static void set_fired(struct gen *g, const struct handler *h, bool fired)
{
    struct ir_expr *v = ir_const(g, ir_bool(), fired, h->loc);
    struct ir_stmt *s = gen_add(
        g, h->fired->storage == ST_FLOW ? IR_store_flow : IR_store_shared,
        h->loc);

    s->var = h->fired;
    s->value = v;
}

/* if (!cond) { ...; return } */
static void unless(struct gen *g, const struct handler *h, struct ir_expr *cond,
                   bool ends)
{
    struct ir_block *outer = g->block;
    struct ir_expr *not = ir_unary(g, IR_not, ir_bool(), cond, h->loc);
    struct ir_stmt *s = gen_add(g, IR_if, h->loc);

    s->value = not;
    s->body = g->block = ARENA_NEW(g->arena, struct ir_block);
    if (ends)
        set_fired(g, h, false);
    gen_add(g, IR_return, h->loc);
    g->block = outer;
}

void gen_rule(struct gen *g, const struct handler *h, struct ir_expr *first)
{
    struct ir_handler *r = g->handler;
    struct ir_expr *fired;
    struct ir_block *then;

    g->block = r->guard = ARENA_NEW(g->arena, struct ir_block);
    if (first)
        unless(g, h, first, false);
    unless(g, h, gen_expr(g, h->when), true);
    fired =
        ir_node(g, h->fired->storage == ST_FLOW ? IR_flow_var : IR_shared_var,
                ir_bool(), h->loc);
    fired->var = h->fired;
    r->when = ir_unary(g, IR_not, ir_bool(), fired, h->loc);
    then = gen_block(g, h->body);
    g->block = r->body = ARENA_NEW(g->arena, struct ir_block);
    set_fired(g, h, true);
    r->body->stmts.last->next = then->stmts.first;
    if (then->stmts.first)
        r->body->stmts.last = then->stmts.last;
    r->body->stmts.n += then->stmts.n;
}
