/* The event table: what is kept may depend on variables that packets change,
 * though not packets like those that read it. Then each write looks whether it
 * changes what is kept, and if so makes the row void: the packet that comes
 * next finds all as it is. */
#include "base/arena.h"
#include "plan/binding.h"
#include "plan/plan.h"

/* ---- who writes a variable ---- */

struct writes {
    struct ir_visit visit;
    const struct var *var;
    const struct ir_stmt *store; /* the first one */
    bool other;                  /* a cell, of which it is a part */
};

static void see_write(struct ir_visit *v, const struct ir_stmt *s)
{
    struct writes *w = (struct writes *)v;
    const struct var *n = s->var;

    if (s->op == IR_store_flow && s->var == w->var && !w->store)
        w->store = s;
    if (s->op == IR_cell && !s->table)
        for (unsigned i = 0; i < s->member->object->numbers; i++, n = n->next)
            w->other |= n == w->var;
}

static struct writes writes_of(const struct ir_handler *h, const struct var *v)
{
    struct writes w = {.visit = {NULL, see_write}, .var = v};

    ir_walk_handler(&w.visit, h);
    return w;
}

/* Runs before a row is made, voids it anyway, or when the flow has ended. */
static bool is_apart(const struct ir_handler *h)
{
    enum raiser r = h->source->raiser;

    return r == RAISE_NEW || r == RAISE_CONFIG || raiser_closes(r);
}

bool row_elsewhere(const struct row_find *f, const struct var *v)
{
    const struct ir_handler *h;

    LIST_EACH (h, &f->nf->ir->handlers) {
        struct writes w = writes_of(h, v);

        if (w.other)
            return false;
        if (!w.store || is_apart(h))
            continue;
        if (h->source->raiser != RAISE_PACKET ||
            binding_handler(f->bindings, f->nf->ir, h)->way[f->side].shapes)
            return false;
    }
    return true;
}

/* ---- what a slot asks ---- */

struct asks {
    struct ir_visit visit;
    const struct row_find *find;
    struct row_slot *slot;
    bool local;
};

static void add_flips(struct asks *a, const struct var *v);

static void see_expr(struct ir_visit *v, const struct ir_expr *e)
{
    struct asks *a = (struct asks *)v;

    a->local |= e->op == IR_local;
    if (e->op == IR_flow_var)
        add_flips(a, e->var);
    if (e->op == IR_local || e->op == IR_field || e->op == IR_has ||
        e->op == IR_from_client || e->op == IR_from_side || e->op == IR_packet)
        a->slot->anywhere = false;
}

struct stores { /* all that write a variable */
    struct ir_visit visit;
    struct asks *asks;
    const struct var *var;
};

static void see_store(struct ir_visit *v, const struct ir_stmt *s)
{
    struct stores *st = (struct stores *)v;
    struct row_slot *slot = st->asks->slot;
    struct row_flip *f;

    if (s->op != IR_store_flow || s->var != st->var)
        return;
    LIST_EACH (f, &slot->flips)
        if (f->store == s)
            return;
    f = ARENA_NEW(st->asks->find->arena, struct row_flip);
    f->store = s;
    LIST_ADD(&slot->flips, f);
}

static void add_flips(struct asks *a, const struct var *v)
{
    struct stores st = {{NULL, see_store}, a, v};
    const struct ir_handler *h;

    LIST_EACH (h, &a->slot->nf->ir->handlers)
        if (!is_apart(h))
            ir_walk_handler(&st.visit, h);
}

/* Its locals may ask whatever is asked when the row is made. */
static void see_made(struct asks *a, const struct ir_block *b)
{
    const enum row_make *makes = a->find->map->makes;
    const struct ir_stmt *s;
    const struct ir_expr *e;

    if (!b)
        return;
    LIST_EACH (s, &b->stmts) {
        if (makes[s->number] == MAKE_NOTHING)
            continue;
        if (makes[s->number] != MAKE_PARTS) {
            LIST_EACH (e, &s->args)
                ir_walk_expr(&a->visit, e);
            ir_walk_expr(&a->visit, s->value);
        }
        see_made(a, s->body);
        see_made(a, s->other);
    }
}

void row_flips(struct row_find *f, struct row_slot *s)
{
    struct asks a = {{see_expr, NULL}, f, s, false};

    s->anywhere = true;
    ir_walk_expr(&a.visit, s->expr);
    if (!a.local)
        return;
    see_made(&a, s->handler->guard);
    see_made(&a, s->handler->body);
}
