#include "ir/walk.h"

void ir_walk_expr(struct ir_visit *v, const struct ir_expr *e)
{
    const struct ir_item *i;

    if (!e)
        return;
    ir_walk_expr(v, e->a);
    ir_walk_expr(v, e->b);
    LIST_EACH (i, &e->items) {
        ir_walk_expr(v, i->lo);
        if (i->hi != i->lo)
            ir_walk_expr(v, i->hi);
    }
    if (v->expr)
        v->expr(v, e);
}

void ir_walk_block(struct ir_visit *v, const struct ir_block *b)
{
    const struct ir_stmt *s;
    const struct ir_expr *a;
    const struct ir_result *r;

    if (!b)
        return;
    LIST_EACH (s, &b->stmts) {
        ir_walk_expr(v, s->self);
        LIST_EACH (a, &s->args)
            ir_walk_expr(v, a);
        LIST_EACH (a, &s->values)
            ir_walk_expr(v, a);
        ir_walk_expr(v, s->value);
        if (v->stmt)
            v->stmt(v, s);
        ir_walk_block(v, s->body);
        ir_walk_block(v, s->other);
        LIST_EACH (r, &s->results)
            ir_walk_expr(v, r->other);
    }
}

void ir_walk_handler(struct ir_visit *v, const struct ir_handler *h)
{
    ir_walk_block(v, h->guard);
    ir_walk_expr(v, h->when);
    ir_walk_block(v, h->body);
}

struct asks {
    struct ir_visit visit;
    enum ir_op op;
    bool any;
};

static void see_op(struct ir_visit *v, const struct ir_expr *e)
{
    struct asks *a = (struct asks *)v;

    a->any |= e->op == a->op;
}

bool ir_asks(const struct ir_expr *e, enum ir_op op)
{
    struct asks a = {{see_op, NULL}, op, false};

    ir_walk_expr(&a.visit, e);
    return a.any;
}
