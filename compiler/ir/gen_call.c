/* Calls of extern functions. Each is a statement of its own, in the order of
 * the source, since it may have effects. */
#include "ir/gen.h"

bool gen_has_call(const struct texpr *e)
{
    const struct titem *i;
    const struct targ *a;

    if (!e)
        return false;
    if (e->kind == TE_CALL || e->kind == TE_TABLE || e->kind == TE_BYTES ||
        gen_has_call(e->a) || gen_has_call(e->b))
        return true;
    LIST_EACH (i, &e->items)
        if (gen_has_call(i->lo) || gen_has_call(i->hi))
            return true;
    LIST_EACH (a, &e->args)
        if (gen_has_call(a->value))
            return true;
    return false;
}

struct ir_expr *gen_keep(struct gen *g, struct ir_expr *e)
{
    struct ir_stmt *s;

    if (e->op == IR_const || e->op == IR_local || e->op == IR_config ||
        e->type.kind == IR_STRING || e->type.kind == IR_OBJECT)
        return e;
    s = gen_add(g, IR_let, e->loc);
    s->local = gen_local(g, "kept", e->type);
    s->value = e;
    return ir_read(g, s->local, e->loc);
}

/* The parts become one argument. */
static void add_words(struct gen *g, const ir_exprs *parts, struct loc loc,
                      ir_exprs *to)
{
    struct ir_type type = {IR_WORDS, 0};
    struct ir_expr *w = ir_node(g, IR_words, type, loc), *p;
    struct ir_item *i;

    LIST_EACH (p, parts) {
        i = ARENA_NEW(g->arena, struct ir_item);
        i->lo = i->hi = p;
        LIST_ADD(&w->items, i);
    }
    LIST_ADD(to, w);
}

void gen_arg(struct gen *g, const struct targ *a, ir_exprs *to)
{
    bool is_key = a->param && a->param->key; /* a part of a tuple is none */
    ir_exprs parts = {0}, key = {0}, *list = is_key ? &key : to;
    const struct targ *later;
    struct ir_expr *p, *next;
    bool calls = false;

    for (later = a->next; later; later = later->next)
        calls |= gen_has_call(later->value);
    if (a->value)
        gen_parts(g, a->value, &parts);
    else
        gen_const(g, a->param->type, NULL, a->param->loc, &parts);
    for (p = parts.first; p; p = next) {
        next = p->next;
        if (calls)
            p = gen_keep(g, p);
        LIST_ADD(list, p);
    }
    if (is_key)
        add_words(g, &key, a->value->loc, to);
}

/* The call, without what becomes of its result. */
static struct ir_stmt *call(struct gen *g, const struct texpr *e)
{
    struct ir_expr *self = e->a ? gen_expr(g, e->a) : NULL, *given;
    const struct targ *a;
    ir_exprs args = {0};
    struct ir_stmt *s;

    LIST_EACH (a, &e->args) {
        if (a->param->optional) {
            given = ir_const(g, ir_bool(), a->value != NULL, e->loc);
            LIST_ADD(&args, given);
        }
        gen_arg(g, a, &args);
    }
    s = gen_add(g, IR_call, e->loc);
    s->member = e->member;
    s->self = self;
    s->args = args;
    return s;
}

void gen_results(struct gen *g, struct ir_stmt *call, const struct type *t,
                 const char *name, ir_exprs *to)
{
    struct ir_expr *p, *read;
    struct ir_result *r;
    ir_exprs parts = {0};

    if (t->kind != TY_VOID)
        gen_const(g, t, NULL, call->loc, &parts); /* for their types */
    LIST_EACH (p, &parts) {
        r = ARENA_NEW(g->arena, struct ir_result);
        r->local = gen_local(g, name, p->type);
        LIST_ADD(&call->results, r);
        read = ir_read(g, r->local, call->loc);
        LIST_ADD(to, read);
    }
}

void gen_call(struct gen *g, const struct texpr *e, ir_exprs *to)
{
    struct ir_stmt *s;
    struct ir_expr *found;

    if (e->member->object->rows) {
        s = call(g, e);
        s->op = IR_find_has;
        s->local = gen_local(g, "found", ir_bool());
        found = ir_read(g, s->local, e->loc);
        LIST_ADD(to, found);
        return;
    }
    gen_results(g, call(g, e), e->member->type, e->member->name, to);
}

void gen_alternative(struct gen *g, struct ir_stmt *call, const struct tstmt *s)
{
    struct ir_block *outer = g->block;
    struct ir_result *r;
    struct ir_expr *p;
    ir_exprs parts = {0};

    if (s->alt) {
        call->other = gen_block(g, s->alt);
        return;
    }
    call->other = g->block = ARENA_NEW(g->arena, struct ir_block);
    if (s->alt_value)
        gen_parts(g, s->alt_value, &parts);
    g->block = outer;
    p = parts.first;
    for (r = call->results.first; r && p; r = r->next, p = p->next)
        r->other = p;
}

void gen_call_stmt(struct gen *g, const struct tstmt *s)
{
    ir_exprs unused = {0};
    struct ir_stmt *c;

    if (s->value->cell) {
        gen_cell_stmt(g, s);
        return;
    }
    if (s->value->member->holds) /* it is kept as it would leave */
        gen_add(g, IR_sums_now, s->loc);
    c = call(g, s->value);
    if (s->value->member->object->rows) {
        gen_find(g, c, s);
        return;
    }

    c->loc = s->loc;
    gen_results(g, c, s->value->member->type,
                s->local ? s->local->name : s->value->member->name,
                s->local ? &g->locals[s->local->index] : &unused);
    if (s->value->member->fails)
        gen_alternative(g, c, s);
    if (s->value->member->holds)
        gen_add(g, IR_drop, s->loc);
}
