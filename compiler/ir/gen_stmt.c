/* Statements of handlers. */
#include "ir/gen.h"
#include <string.h>

static bool taken(const struct gen *g, const char *name)
{
    const struct ir_local *l;

    LIST_EACH (l, &g->handler->locals)
        if (strcmp(l->name, name) == 0)
            return true;
    return false;
}

static void stmts(struct gen *g, const struct tblock *b);

struct ir_local *gen_local(struct gen *g, const char *name, struct ir_type type)
{
    struct ir_local *l = ARENA_NEW(g->arena, struct ir_local);
    unsigned n = 1;

    l->name = name;
    while (taken(g, l->name))
        l->name = arena_fmt(g->arena, "%s_%u", name, ++n);
    l->index = g->handler->locals.n;
    l->type = type;
    LIST_ADD(&g->handler->locals, l);
    return l;
}

struct ir_stmt *gen_add(struct gen *g, enum ir_op op, struct loc loc)
{
    struct ir_stmt *s = ARENA_NEW(g->arena, struct ir_stmt);

    s->op = op;
    s->loc = loc;
    s->number = ++g->n_stmts;
    LIST_ADD(&g->block->stmts, s);
    return s;
}

/* One local of the IR for each part of the value. */
static void let(struct gen *g, const struct tstmt *t)
{
    ir_exprs parts = {0};
    struct ir_expr *p, *read;
    struct ir_stmt *s;

    gen_parts(g, t->value, &parts);
    LIST_EACH (p, &parts) {
        s = gen_add(g, IR_let, t->loc);
        s->local = gen_local(g, t->local->name, p->type);
        s->value = p;
        read = ir_read(g, s->local, t->loc);
        LIST_ADD(&g->locals[t->local->index], read);
    }
}

/* Of the value, which is var OP something, only the latter. */
static void update(struct gen *g, const struct tstmt *t, enum update update,
                   struct texpr *by)
{
    struct ir_expr *v = gen_expr(g, by);
    struct ir_stmt *s = gen_add(g, IR_update_atomic, t->loc);

    s->var = t->var;
    s->update = update;
    s->value = v;
}

static void store(struct gen *g, const struct tstmt *t)
{
    enum ir_op op = IR_store_field;
    struct ir_expr *v;
    struct ir_stmt *s;

    if (t->kind == TS_VAR && t->var->storage == ST_ATOMIC) {
        update(g, t, t->update, t->value->b);
        return;
    }
    v = gen_expr(g, t->value);
    if (t->kind == TS_VAR && t->var->storage != ST_FLOW)
        op = IR_store_shared;
    else if (t->kind == TS_VAR)
        op = IR_store_flow;
    s = gen_add(g, op, t->loc);
    s->field = t->field;
    s->var = t->var;
    s->value = v;
}

/* if [a &&] v < e { v = e }: where a holds, v becomes the greater one. */
static void if_extreme(struct gen *g, const struct tstmt *t)
{
    const struct tstmt *set = t->body->stmts.first;
    struct ir_block *outer = g->block;
    struct ir_stmt *s;

    if (t->value->kind == TE_BINARY && t->value->op == OP_LAND) {
        struct ir_expr *a = gen_expr(g, t->value->a);

        s = gen_add(g, IR_if, t->loc);
        s->value = a;
        s->body = g->block = ARENA_NEW(g->arena, struct ir_block);
    }
    update(g, set, t->update, set->value);
    g->block = outer;
}

/* Where the condition is known, only what is done then. */
static void if_stmt(struct gen *g, const struct tstmt *t)
{
    struct ir_expr *v;
    struct ir_stmt *s;

    if (t->update != UP_SET) {
        if_extreme(g, t);
        return;
    }
    v = gen_expr(g, t->value);
    if (ir_is_const(v)) {
        if (v->num || t->other)
            stmts(g, v->num ? t->body : t->other);
        return;
    }
    s = gen_add(g, IR_if, t->loc);
    s->value = v;
    s->body = gen_block(g, t->body);
    if (t->other)
        s->other = gen_block(g, t->other);
}

static void drop(struct gen *g, const struct tstmt *t)
{
    if (t->opened)
        gen_add(g, IR_end_flow, t->loc);
    gen_add(g, t->flow ? IR_drop_flow : IR_drop, t->loc)->reason = t->reason;
}

static void stmts(struct gen *g, const struct tblock *b)
{
    const struct tstmt *t;

    LIST_EACH (t, &b->stmts) {
        switch (t->kind) {
        case TS_LET:
            let(g, t);
            break;
        case TS_FIELD:
        case TS_VAR:
            store(g, t);
            break;
        case TS_IF:
            if_stmt(g, t);
            break;
        case TS_DROP:
            drop(g, t);
            break;
        case TS_RETURN:
            gen_add(g, IR_return, t->loc);
            break;
        case TS_ENCAP:
        case TS_DECAP:
        case TS_MAKE:
            gen_stack_stmt(g, t);
            break;
        case TS_GOTO:
            gen_add(g, t->flow ? IR_goto_flow : IR_goto, t->loc)->part =
                t->exit->number;
            break;
        case TS_CALL:
            gen_call_stmt(g, t);
            break;
        case TS_TABLE:
            gen_table_stmt(g, t);
            break;
        case TS_EMIT:
            gen_emit(g, t);
            break;
        }
    }
}

struct ir_block *gen_block(struct gen *g, const struct tblock *b)
{
    struct ir_block *outer = g->block, *r;

    r = g->block = ARENA_NEW(g->arena, struct ir_block);
    stmts(g, b);
    g->block = outer;
    return r;
}
