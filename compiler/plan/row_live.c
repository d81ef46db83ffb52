/* What is left of a handler on the fast path, and what is run when a row is
 * made: backwards, from those who ask locals to those who give them values. */
#include "base/arena.h"
#include "plan/plan.h"

/* ---- visiting what is left ---- */

static void left_expr(const struct row_map *m, struct ir_visit *v,
                      const struct ir_expr *e)
{
    const struct ir_item *i;

    if (!e || row_slot_of(m, e))
        return;
    left_expr(m, v, e->a);
    left_expr(m, v, e->b);
    LIST_EACH (i, &e->items) {
        left_expr(m, v, i->lo);
        if (i->hi != i->lo)
            left_expr(m, v, i->hi);
    }
    if (v->expr)
        v->expr(v, e);
}

static void left_block(const struct row_map *m, struct ir_visit *v,
                       const struct ir_block *b)
{
    const struct ir_stmt *s;
    const struct ir_expr *a;
    const struct ir_result *r;

    if (!b)
        return;
    LIST_EACH (s, &b->stmts) {
        if (m->skips[s->number])
            continue;
        left_expr(m, v, s->self);
        LIST_EACH (a, &s->args)
            left_expr(m, v, a);
        LIST_EACH (a, &s->values)
            left_expr(m, v, a);
        left_expr(m, v, s->value);
        if (v->stmt)
            v->stmt(v, s);
        left_block(m, v, s->body);
        left_block(m, v, s->other);
        LIST_EACH (r, &s->results)
            left_expr(m, v, r->other);
    }
}

void row_walk_handler(const struct row_map *m, struct ir_visit *v,
                      const struct ir_handler *h)
{
    left_block(m, v, h->guard);
    left_expr(m, v, h->when);
    left_block(m, v, h->body);
}

/* ---- which locals are asked ---- */

struct asks {
    struct ir_visit visit;
    bool *asked;
};

static void ask(struct ir_visit *v, const struct ir_expr *e)
{
    if (e->op == IR_local)
        ((struct asks *)v)->asked[e->local->index] = true;
}

/* Does the statement give a value to a local that is asked behind it? */
static bool gives(const struct ir_stmt *s, const bool *asked)
{
    const struct ir_result *r;

    if (s->op == IR_let || s->op == IR_set)
        return asked[s->local->index];
    LIST_EACH (r, &s->results)
        if (asked[r->local->index])
            return true;
    return false;
}

struct back { /* statements, the last one first */
    const struct ir_stmt **at;
    unsigned n;
};

static struct back backwards(struct arena *a, const struct ir_block *b)
{
    struct back to = {arena_alloc(a, (b->stmts.n + 1) * sizeof(*to.at)), 0};
    const struct ir_stmt *s;
    unsigned i = b->stmts.n;

    to.n = b->stmts.n;
    LIST_EACH (s, &b->stmts)
        to.at[--i] = s;
    return to;
}

/* ---- what is left ---- */

static void left_asks(const struct row_find *f, const struct ir_stmt *s,
                      struct asks *k)
{
    const struct ir_expr *a;

    left_expr(f->map, &k->visit, s->self);
    LIST_EACH (a, &s->args)
        left_expr(f->map, &k->visit, a);
    LIST_EACH (a, &s->values)
        left_expr(f->map, &k->visit, a);
    left_expr(f->map, &k->visit, s->value);
}

/* What stands behind `or`, where s->other ends. */
static void other_asks(const struct row_find *f, const struct ir_stmt *s,
                       struct asks *k)
{
    const struct ir_result *r;

    LIST_EACH (r, &s->results)
        left_expr(f->map, &k->visit, r->other);
}

static void skip_in(struct row_find *f, const struct ir_block *b,
                    struct asks *k)
{
    struct back to;

    if (!b)
        return;
    to = backwards(f->arena, b);
    for (unsigned i = 0; i < to.n; i++) {
        const struct ir_stmt *s = to.at[i];

        if (row_defines(f, s) && !gives(s, k->asked))
            f->map->skips[s->number] = true;
        if (f->map->skips[s->number])
            continue;
        other_asks(f, s, k);
        skip_in(f, s->other, k);
        skip_in(f, s->body, k);
        left_asks(f, s, k);
    }
}

/* ---- what is made ---- */

static bool is_made(const struct row_find *f, const struct ir_expr *e)
{
    return row_slot_of(f->map, e) != NULL;
}

struct slots {
    struct ir_visit visit;
    const struct row_find *find;
    struct asks *asks;
    bool any;
};

static void see_slot(struct ir_visit *v, const struct ir_expr *e)
{
    struct slots *s = (struct slots *)v;

    if (!is_made(s->find, e))
        return;
    s->any = true;
    ir_walk_expr(&s->asks->visit, e);
}

static bool slots_in(const struct row_find *f, const struct ir_stmt *s,
                     struct asks *k)
{
    struct slots t = {{see_slot, NULL}, f, k, false};
    const struct ir_expr *a;

    ir_walk_expr(&t.visit, s->self);
    LIST_EACH (a, &s->args)
        ir_walk_expr(&t.visit, a);
    LIST_EACH (a, &s->values)
        ir_walk_expr(&t.visit, a);
    ir_walk_expr(&t.visit, s->value);
    return t.any;
}

static bool make_in(struct row_find *f, const struct ir_block *b,
                    struct asks *k);

static enum row_make make(struct row_find *f, const struct ir_stmt *s,
                          struct asks *k)
{
    const struct ir_expr *a;
    bool inside = make_in(f, s->other, k);

    inside |= make_in(f, s->body, k);
    if (row_defines(f, s) && gives(s, k->asked)) {
        LIST_EACH (a, &s->args)
            ir_walk_expr(&k->visit, a);
        ir_walk_expr(&k->visit, s->value);
        return MAKE_ALL;
    }
    if (inside && s->op == IR_if && row_may_keep(f, s->value)) {
        ir_walk_expr(&k->visit, s->value);
        slots_in(f, s, k);
        return MAKE_IF;
    }
    return slots_in(f, s, k) || inside ? MAKE_PARTS : MAKE_NOTHING;
}

static bool make_in(struct row_find *f, const struct ir_block *b,
                    struct asks *k)
{
    struct back to;
    bool some = false;

    if (!b)
        return false;
    to = backwards(f->arena, b);
    for (unsigned i = 0; i < to.n; i++) {
        enum row_make m = make(f, to.at[i], k);

        f->map->makes[to.at[i]->number] = m;
        some |= m != MAKE_NOTHING;
    }
    return some;
}

bool row_makes_in(const struct row_map *m, const struct ir_block *b)
{
    const struct ir_stmt *s;

    if (b)
        LIST_EACH (s, &b->stmts)
            if (m->makes[s->number])
                return true;
    return false;
}

/* ---- a handler ---- */

static struct asks asks_of(const struct row_find *f)
{
    return (struct asks){{ask, NULL},
                         arena_alloc(f->arena, f->handler->locals.n + 1)};
}

void row_live(struct row_find *f)
{
    const struct ir_handler *h = f->handler;
    struct asks k = asks_of(f);
    struct slots when;

    skip_in(f, h->body, &k);
    left_expr(f->map, &k.visit, h->when);
    skip_in(f, h->guard, &k);
    k = asks_of(f);
    when = (struct slots){{see_slot, NULL}, f, &k, false};
    make_in(f, h->body, &k);
    ir_walk_expr(&when.visit, h->when);
    make_in(f, h->guard, &k);
}

struct change {
    struct ir_visit visit;
    const struct row_map *map;
    bool reads, skips;
};

static void see_expr(struct ir_visit *v, const struct ir_expr *e)
{
    struct change *c = (struct change *)v;

    c->reads |= row_slot_of(c->map, e) != NULL;
    c->skips |= c->map->there[e->number];
}

static void see_stmt(struct ir_visit *v, const struct ir_stmt *s)
{
    struct change *c = (struct change *)v;

    c->skips |= c->map->skips[s->number];
}

static struct change change_of(const struct row_map *m,
                               const struct ir_handler *h)
{
    struct change c = {{see_expr, see_stmt}, m, false, false};

    ir_walk_handler(&c.visit, h);
    return c;
}

bool row_changes(const struct row_map *m, const struct ir_handler *h)
{
    struct change c = change_of(m, h);

    return c.reads || c.skips;
}

bool row_reads(const struct row_map *m, const struct ir_handler *h)
{
    return change_of(m, h).reads;
}
