#include "plan/cancel.h"
#include "base/arena.h"
#include "plan/plan.h"
#include <string.h>

struct state { /* of a packet, at a place of its way */
    bool dead; /* none comes here */
    bool lost; /* its headers are not known any more */
    struct cancel_stack stack;
};

/* What was seen of a condition, or of a store, over all shapes. */
enum { SEEN_NO = 1, SEEN_YES = 2, SEEN_PUSHED = 4 };

struct walk {
    struct row_find *find;
    const struct plan_shape *shape;
    struct state returned; /* from the handler at hand */
    bool *bad;             /* by statement: adds or removes after all */
    bool changed;          /* something became bad */
    /* Anew in each round, by expression or statement. */
    uint8_t *has, *store;
    const struct ir_stmt **has_push, **store_push; /* because of which */
    struct row_cut **cuts;
    LIST(struct row_cancel) pairs;
    unsigned room;
};

/* ---- what is not cancelled ---- */

static void bad(struct walk *w, const struct ir_stmt *s)
{
    w->changed |= !w->bad[s->number];
    w->bad[s->number] = true;
}

/* Somebody may tell that the headers are there. */
static void spoil(struct walk *w, struct state *st)
{
    for (unsigned i = 0; i < st->stack.n; i++)
        if (st->stack.at[i].push)
            bad(w, st->stack.at[i].push);
}

static void lose(struct walk *w, struct state *st)
{
    spoil(w, st);
    st->lost = true;
    st->stack.n = 0;
}

static bool same(const struct state *a, const struct state *b)
{
    if (a->lost != b->lost || a->stack.n != b->stack.n)
        return false;
    for (unsigned i = 0; i < a->stack.n; i++)
        if (a->stack.at[i].header != b->stack.at[i].header ||
            a->stack.at[i].push != b->stack.at[i].push)
            return false;
    return true;
}

/* Packets come here by two ways. */
static void merge(struct walk *w, struct state *st, struct state *other)
{
    if (other->dead)
        return;
    if (st->dead) {
        *st = *other;
        return;
    }
    if (same(st, other))
        return;
    lose(w, st);
    lose(w, other);
}

/* ---- expressions ---- */

/* On the fast path a header that would have been added is not there: where it
 * is asked for in each shape, that is answered here. */
static void look_has(struct walk *w, struct state *st, const struct ir_expr *e)
{
    uint8_t *seen = &w->has[e->number];
    const struct cancel_entry *at;

    if (e->header->of) {
        spoil(w, st);
        return;
    }
    at = cancel_find(&st->stack, e->header);
    *seen |= st->lost ? SEEN_YES | SEEN_NO : at ? SEEN_YES : SEEN_NO;
    if (at && !shape_has(w->shape, e->header)) {
        *seen |= SEEN_PUSHED;
        w->has_push[e->number] = at->push;
    }
    if (*seen & SEEN_PUSHED && *seen & SEEN_NO)
        bad(w, w->has_push[e->number]);
}

/* Is the field of a header in front of new ones changed by adding them? */
static bool tells(const struct cancel_stack *st, const struct cancel_entry *at,
                  const struct field *f)
{
    if (f != f->header->select && f != f->header->end_by.field)
        return false;
    for (; at < st->at + st->n; at++)
        if (at->push)
            return true;
    return false;
}

static void look_field(struct walk *w, struct state *st, const struct field *f)
{
    const struct cancel_entry *at = cancel_find(&st->stack, f->header);

    if (f->header->of || f->real || (at && tells(&st->stack, at, f)))
        spoil(w, st);
    else if (at && at->push)
        bad(w, at->push);
}

/* The payload is where it is, whatever stands in front of it. */
static bool sees_headers(const struct ir_expr *get)
{
    const struct member *m = get->member;

    return get->a && get->a->op == IR_packet && !m->steady && !m->always &&
           !m->never && get->type.kind != IR_OBJECT;
}

static void look(struct walk *w, struct state *st, const struct ir_expr *e)
{
    const struct ir_item *i;

    if (!e)
        return;
    look(w, st, e->a);
    look(w, st, e->b);
    LIST_EACH (i, &e->items) {
        look(w, st, i->lo);
        if (i->hi != i->lo)
            look(w, st, i->hi);
    }
    if (e->op == IR_has)
        look_has(w, st, e);
    else if (e->op == IR_field)
        look_field(w, st, e->field);
    else if (e->op == IR_bytes || (e->op == IR_get && sees_headers(e)))
        spoil(w, st);
}

static enum truth negated(enum truth t)
{
    return t == TRUTH_OPEN ? t : t == TRUTH_YES ? TRUTH_NO : TRUTH_YES;
}

static enum truth holds(const struct walk *w, const struct state *st,
                        const struct ir_expr *e);

static enum truth both(const struct walk *w, const struct state *st,
                       const struct ir_expr *e, enum truth by)
{
    enum truth a = holds(w, st, e->a), b = holds(w, st, e->b);

    if (a == by || b == by)
        return by;
    return a == TRUTH_OPEN || b == TRUTH_OPEN ? TRUTH_OPEN : negated(by);
}

/* Of the packets at hand, whatever else they are. */
static enum truth holds(const struct walk *w, const struct state *st,
                        const struct ir_expr *e)
{
    switch (e->op) {
    case IR_const:
        return e->num ? TRUTH_YES : TRUTH_NO;
    case IR_from_side:
        return e->num == w->find->side ? TRUTH_YES : TRUTH_NO;
    case IR_has:
        if (st->lost || e->header->of)
            return TRUTH_OPEN;
        return cancel_find(&st->stack, e->header) ? TRUTH_YES : TRUTH_NO;
    case IR_not:
        return negated(holds(w, st, e->a));
    case IR_land:
        return both(w, st, e, TRUTH_NO);
    case IR_lor:
        return both(w, st, e, TRUTH_YES);
    default:
        if (st->lost || st->stack.grown || ir_asks(e, IR_has))
            return TRUTH_OPEN;
        return shape_holds(w->shape, e);
    }
}

/* ---- statements ---- */

static void walk_block(struct walk *w, struct state *st,
                       const struct ir_block *b);

/* One of the blocks, either may be NULL. */
static void branch(struct walk *w, struct state *st, enum truth t,
                   const struct ir_block *yes, const struct ir_block *no)
{
    struct state other = *st;

    st->dead |= t == TRUTH_NO;
    other.dead |= t == TRUTH_YES;
    walk_block(w, st, yes);
    walk_block(w, &other, no);
    merge(w, st, &other);
}

static void push(struct walk *w, struct state *st, const struct ir_stmt *s)
{
    const struct ir_expr *v;

    /* Looks at atomic state are counted: LANGUAGE.md, section 3. */
    LIST_EACH (v, &s->values)
        if (ir_asks(v, IR_atomic_var))
            bad(w, s);
    if (!w->bad[s->number] && !st->lost &&
        cancel_push(&st->stack, w->shape, s)) {
        if (st->stack.grown > w->room)
            w->room = st->stack.grown;
        return;
    }
    bad(w, s);
    LIST_EACH (v, &s->values)
        look(w, st, v);
    lose(w, st);
    branch(w, st, TRUTH_OPEN, NULL, s->other);
}

static void add_pair(struct walk *w, const struct ir_stmt *p,
                     const struct ir_stmt *pop)
{
    struct row_cancel *c;

    LIST_EACH (c, &w->pairs)
        if (c->push == p && c->pop == pop)
            return;
    c = ARENA_NEW(w->find->arena, struct row_cancel);
    c->push = p;
    c->pop = pop;
    c->by_nf = w->find->nf;
    LIST_ADD(&w->pairs, c);
}

/* In all shapes that have a header the frame ends by it, or in none. */
static bool add_cuts(struct walk *w, const struct ir_stmt *pop,
                     const struct cancel_cut *cut)
{
    struct row_cut *c;
    unsigned i;

    for (i = 0; i < w->shape->n; i++) {
        for (c = w->cuts[pop->number]; c; c = c->next)
            if (c->header == w->shape->header[i])
                break;
        if (c && c->cuts != cut->by[i])
            return false;
        if (c)
            continue;
        c = ARENA_NEW(w->find->arena, struct row_cut);
        *c = (struct row_cut){w->shape->header[i], cut->by[i],
                              w->cuts[pop->number]};
        w->cuts[pop->number] = c;
    }
    return true;
}

static void pop(struct walk *w, struct state *st, const struct ir_stmt *s)
{
    const struct ir_stmt *p = NULL;
    struct cancel_cut cut;

    if (!w->bad[s->number] && !st->lost)
        p = cancel_pop(&st->stack, w->shape, s, &cut);
    if (p && add_cuts(w, s, &cut)) {
        add_pair(w, p, s);
        return;
    }
    if (p)
        bad(w, p);
    bad(w, s);
    lose(w, st);
    branch(w, st, TRUTH_OPEN, NULL, s->other);
}

/* Into a header that is not there: it is not done. What lengths and places of
 * headers follow from cannot be stored to. */
static void store(struct walk *w, struct state *st, const struct ir_stmt *s)
{
    const struct field *f = s->field;
    const struct cancel_entry *at = cancel_find(&st->stack, f->header);
    uint8_t *seen = &w->store[s->number];

    if (at && at->push && !f->real && !ir_asks(s->value, IR_atomic_var)) {
        *seen |= SEEN_PUSHED;
        w->store_push[s->number] = at->push;
    } else {
        look(w, st, s->value);
        look_field(w, st, f);
        *seen |= SEEN_NO;
    }
    if (*seen & SEEN_PUSHED && *seen & SEEN_NO)
        bad(w, w->store_push[s->number]);
}

/* It is handed the packet, or changes it. */
static bool takes_packet(const struct ir_stmt *s)
{
    const struct ir_expr *a;

    if (s->op == IR_sums_now || s->op == IR_make)
        return true;
    if (s->self && s->self->op == IR_packet)
        return true;
    LIST_EACH (a, &s->args)
        if (a->op == IR_packet)
            return true;
    return s->op == IR_call && s->member->edits;
}

static void look_all(struct walk *w, struct state *st, const struct ir_stmt *s)
{
    const struct ir_expr *e;
    const struct ir_result *r;

    look(w, st, s->self);
    LIST_EACH (e, &s->args)
        look(w, st, e);
    LIST_EACH (e, &s->values)
        look(w, st, e);
    look(w, st, s->value);
    LIST_EACH (r, &s->results)
        look(w, st, r->other);
}

static void walk_stmt(struct walk *w, struct state *st, const struct ir_stmt *s)
{
    switch (s->op) {
    case IR_encap:
        push(w, st, s);
        return;
    case IR_decap:
        pop(w, st, s);
        return;
    case IR_store_field:
        store(w, st, s);
        return;
    case IR_return:
        merge(w, &w->returned, st);
        st->dead = true;
        return;
    case IR_drop:
    case IR_drop_flow:
        st->dead = true;
        return;
    default:
        break;
    }
    look_all(w, st, s);
    if (takes_packet(s))
        lose(w, st);
    if (s->op == IR_if)
        branch(w, st, holds(w, st, s->value), s->body, s->other);
    else if (s->body || s->other)
        branch(w, st, TRUTH_OPEN, s->body, s->other);
}

static void walk_block(struct walk *w, struct state *st,
                       const struct ir_block *b)
{
    const struct ir_stmt *s;

    if (b)
        LIST_EACH (s, &b->stmts)
            if (!st->dead)
                walk_stmt(w, st, s);
}

/* ---- the way of a packet ---- */

static void walk_handler(struct walk *w, struct state *st,
                         const struct ir_handler *h)
{
    struct state past;

    w->returned = (struct state){.dead = true};
    walk_block(w, st, h->guard);
    if (!st->dead && h->when) {
        enum truth t;

        look(w, st, h->when);
        t = holds(w, st, h->when);
        past = *st;
        past.dead |= t == TRUTH_YES;
        st->dead |= t == TRUTH_NO;
        merge(w, &w->returned, &past);
    }
    walk_block(w, st, h->body);
    merge(w, st, &w->returned);
}

static void walk_shape(struct walk *w)
{
    const struct row_find *f = w->find;
    const struct plan_step *s;
    const struct plan_handler *h;
    struct state st = {.stack.n = w->shape->n};

    for (unsigned i = 0; i < w->shape->n; i++)
        st.stack.at[i].header = w->shape->header[i];
    LIST_EACH (s, &f->chain->stages.first->order[f->side])
        LIST_EACH (h, &s->nf->run[RAISE_PACKET]) {
            w->find->nf = s->nf;
            w->find->handler = h->ir;
            if (h->ir->source->from != FROM_SIDE ||
                handler_side(h->ir->source, f->chain->ir->source) == f->side)
                walk_handler(w, &st, h->ir);
        }
    if (!st.dead)
        spoil(w, &st);
}

static void round_of(struct walk *w)
{
    const struct ir *ir = w->find->plan->ir;
    struct arena *a = w->find->arena;
    size_t n_exprs = ir->n_exprs + 1, n_stmts = ir->n_stmts + 1;

    w->changed = false;
    w->room = 0;
    LIST_CLEAR(&w->pairs);
    w->has = arena_alloc(a, n_exprs);
    w->store = arena_alloc(a, n_stmts);
    w->has_push = arena_alloc(a, n_exprs * sizeof(*w->has_push));
    w->store_push = arena_alloc(a, n_stmts * sizeof(*w->store_push));
    w->cuts = arena_alloc(a, n_stmts * sizeof(*w->cuts));
    LIST_EACH (w->shape, &w->find->plan->shapes)
        walk_shape(w);
}

/* ---- what was found ---- */

struct nf_of {
    struct ir_visit visit;
    const struct ir_stmt *stmt;
    bool any;
};

static void see_stmt(struct ir_visit *v, const struct ir_stmt *s)
{
    struct nf_of *n = (struct nf_of *)v;

    n->any |= s == n->stmt;
}

static const struct plan_nf *nf_of(const struct plan_chain *c,
                                   const struct ir_stmt *s)
{
    struct nf_of f = {{NULL, see_stmt}, s, false};
    const struct plan_nf *n;
    const struct ir_handler *h;

    LIST_EACH (n, &c->nfs) {
        LIST_EACH (h, &n->ir->handlers)
            ir_walk_handler(&f.visit, h);
        if (f.any)
            break;
    }
    return n;
}

static void keep_found(struct walk *w)
{
    struct row_find *f = w->find;
    struct plan_row *r = &f->chain->row[f->side];
    const struct ir *ir = f->plan->ir;
    struct row_cancel *c, *next;
    unsigned i;

    for (c = w->pairs.first; c; c = next) {
        next = c->next;
        c->nf = nf_of(f->chain, c->push);
        f->map->skips[c->push->number] = f->map->skips[c->pop->number] = true;
        f->map->cuts[c->pop->number] = w->cuts[c->pop->number];
        LIST_ADD(&r->cancels, c);
    }
    r->room = w->room;
    for (i = 0; i <= ir->n_exprs; i++)
        f->map->there[i] |= w->has_push[i] != NULL;
    for (i = 0; i <= ir->n_stmts; i++)
        f->map->skips[i] |= w->store_push[i] != NULL;
}

struct pushes {
    struct ir_visit visit;
    bool adds, removes;
};

static void see_edit(struct ir_visit *v, const struct ir_stmt *s)
{
    struct pushes *p = (struct pushes *)v;

    p->adds |= s->op == IR_encap;
    p->removes |= s->op == IR_decap;
}

void row_cancels(struct row_find *f)
{
    struct walk w = {.find = f};
    struct pushes p = {.visit = {NULL, see_edit}};
    const struct plan_nf *n;
    const struct plan_handler *h;

    LIST_EACH (n, &f->chain->nfs)
        LIST_EACH (h, &n->run[RAISE_PACKET])
            ir_walk_handler(&p.visit, h->ir);
    if (!p.adds || !p.removes)
        return;
    w.bad = arena_alloc(f->arena, f->plan->ir->n_stmts + 1);
    do
        round_of(&w);
    while (w.changed);
    keep_found(&w);
}
