/* pass ir: the typed tree lowered, one copy of an NF for each of its places.
 * needs: tree   provides: ir   invalidates: nothing
 * Parameters become constants here, so whatever follows from them is decided
 * for each place by itself. */
#include "ir/gen.h"
#include "ir/walk.h"
#include "unit.h"
#include <string.h>

static void mark_used(struct ir_visit *v, const struct ir_expr *e)
{
    (void)v;
    if (e->op == IR_local)
        e->local->used = true;
}

/* True if e asks something of the flow. */
static bool uses_flow(const struct gen *g, const struct texpr *e)
{
    const struct titem *i;
    const struct targ *a;

    if (!e)
        return false;
    if (e->type == g->tree->flow || uses_flow(g, e->a) || uses_flow(g, e->b))
        return true;
    LIST_EACH (i, &e->items)
        if (uses_flow(g, i->lo) || uses_flow(g, i->hi))
            return true;
    LIST_EACH (a, &e->args)
        if (uses_flow(g, a->value))
            return true;
    return false;
}

/* The expression of whom it takes packets from; NULL: from everywhere. */
static struct ir_expr *from(struct gen *g, const struct handler *h)
{
    const struct chain *c = g->chain->source;
    struct ir_expr *e;

    if (h->from == FROM_ANY)
        return NULL;
    if (h->from == FROM_SIDE) {
        e = ir_node(g, IR_from_side, ir_bool(), h->loc);
        e->num = handler_side(h, c);
        return e;
    }
    e = ir_node(g, IR_from_client, ir_bool(), h->loc);
    return h->from == FROM_CLIENT ? e
                                  : ir_unary(g, IR_not, ir_bool(), e, h->loc);
}

static struct ir_expr *both(struct gen *g, struct ir_expr *a, struct ir_expr *b)
{
    if (!a || !b)
        return a ? a : b;
    return ir_binary(g, IR_land, ir_bool(), a, b, b->loc);
}

/* If the condition makes calls, they come after the cheap questions. */
static void guard(struct gen *g, const struct handler *h, struct ir_expr *first)
{
    struct ir_handler *r = g->handler;
    struct ir_stmt *s;

    g->block = r->guard = ARENA_NEW(g->arena, struct ir_block);
    if (first && gen_has_call(h->when)) {
        s = gen_add(g, IR_if, h->loc);
        s->value = ir_unary(g, IR_not, ir_bool(), first, h->loc);
        s->body = g->block = ARENA_NEW(g->arena, struct ir_block);
        gen_add(g, IR_return, h->loc);
        g->block = r->guard;
        first = NULL;
    }
    r->when = both(g, first, h->when ? gen_expr(g, h->when) : NULL);
    if (r->when && ir_is_const(r->when) && r->when->num)
        r->when = NULL;
}

static void add_handler(struct gen *g, struct handler *h)
{
    struct ir_handler *r = ARENA_NEW(g->arena, struct ir_handler);
    struct ir_visit used = {mark_used, NULL};
    struct ir_expr *first = NULL;

    r->source = h;
    r->index = g->chain->n_handlers++;
    r->needs_flow = h->needs_flow || uses_flow(g, h->when);
    g->handler = r;
    g->locals = arena_alloc(g->arena, (h->locals.n + 1) * sizeof(*g->locals));
    if (r->needs_flow &&
        (h->raiser == RAISE_PACKET || h->raiser >= RAISE_STACK))
        first = ir_node(g, IR_in_flow, ir_bool(), h->loc);
    gen_given(g, h);
    first = both(g, first, from(g, h));
    if (h->raiser == RAISE_RULE) {
        gen_rule(g, h, first);
    } else {
        guard(g, h, first);
        r->body = gen_block(g, h->body);
    }
    ir_walk_handler(&used, r);
    LIST_ADD(&g->nf->handlers, r);
}

static void add_nf(struct gen *g, const struct position *p)
{
    struct ir_nf *n = ARENA_NEW(g->arena, struct ir_nf);
    struct handler *h;

    n->source = p;
    n->chain = g->chain;
    g->nf = n;
    gen_objects(g);
    gen_tables(g);
    LIST_EACH (h, &p->nf->handlers)
        add_handler(g, h);
    LIST_ADD(&g->chain->nfs, n);
}

/* As a handler of packets that nobody has. */
static void add_filter(struct gen *g, const struct chain *c)
{
    struct ir_handler *r = ARENA_NEW(g->arena, struct ir_handler);
    struct handler *h = ARENA_NEW(g->arena, struct handler);
    struct ir_visit used = {mark_used, NULL};

    h->loc = c->filter_loc;
    h->raiser = RAISE_PACKET;
    h->events = "";
    r->source = h;
    r->body = ARENA_NEW(g->arena, struct ir_block);
    g->handler = r;
    g->block = r->guard = ARENA_NEW(g->arena, struct ir_block);
    r->when = gen_expr(g, c->filter);
    ir_walk_handler(&used, r);
    g->chain->filter = r;
}

static void add_chain(struct gen *g, struct ir *ir, const struct chain *c)
{
    struct ir_chain *r = ARENA_NEW(g->arena, struct ir_chain);
    const struct position *p;

    r->source = c;
    g->chain = r;
    if (c->filter)
        add_filter(g, c);
    LIST_EACH (p, &c->nfs)
        add_nf(g, p);
    LIST_ADD(&ir->chains, r);
}

void pass_ir(struct unit *u)
{
    struct gen g = {.arena = u->arena, .tree = u->tree};
    struct ir *ir = ARENA_NEW(u->arena, struct ir);
    const struct chain *c;

    ir->tree = u->tree;
    gen_headers(&g, ir);
    LIST_EACH (c, &u->tree->chains)
        add_chain(&g, ir, c);
    ir->edits = g.edits;
    ir->n_exprs = g.n_exprs;
    ir->n_stmts = g.n_stmts;
    ir_verify(ir);
    u->ir = ir;
}
