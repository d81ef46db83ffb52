#include "plan/row.h"
#include "base/arena.h"
#include "plan/binding.h"
#include "plan/plan.h"
#include "unit.h"

/* ---- finding them ---- */

static unsigned bytes_of(struct ir_type t)
{
    unsigned bytes = 1;

    if (t.kind == IR_BOOL)
        return 0;
    while (bytes * 8 < t.bits)
        bytes *= 2;
    return bytes;
}

/* The one that is kept already; else a new one. */
static const struct row_slot *slot_for(struct row_find *f,
                                       const struct ir_expr *e)
{
    struct plan_row *r = &f->chain->row[f->side];
    struct row_slot *s;

    LIST_EACH (s, &r->slots)
        if (s->nf == f->nf && row_same(f, s->expr, e))
            return s;
    s = ARENA_NEW(f->arena, struct row_slot);
    s->expr = e;
    s->handler = f->handler;
    s->nf = f->nf;
    s->cost = row_cost(f, e);
    s->bytes = bytes_of(e->type);
    LIST_ADD(&r->slots, s);
    return s;
}

/* What a shape tells is a constant where the fast path is emitted; what is wide
 * costs memory. */
static bool is_worth(const struct row_find *f, const struct ir_expr *e)
{
    return (e->type.kind == IR_BOOL || e->type.kind == IR_NUM) &&
           bytes_of(e->type) <= 8 &&
           binding_of_expr(f->bindings, e, f->side)->time != TIME_SHAPE &&
           row_cost(f, e) >= ROW_WORTH;
}

/* A condition seldom becomes another one; a number does with each write. */
static void find_expr(struct row_find *f, const struct ir_expr *e)
{
    const struct ir_item *i;

    if (!e || !e->number)
        return;
    if (row_may_keep(f, e) && (e->type.kind == IR_BOOL || !row_moves(f, e))) {
        if (is_worth(f, e))
            f->map->slot[e->number] = slot_for(f, e);
        return;
    }
    find_expr(f, e->a);
    find_expr(f, e->b);
    LIST_EACH (i, &e->items) {
        find_expr(f, i->lo);
        if (i->hi != i->lo)
            find_expr(f, i->hi);
    }
}

static void find_block(struct row_find *f, const struct ir_block *b)
{
    const struct ir_stmt *s;
    const struct ir_expr *e;

    if (!b)
        return;
    LIST_EACH (s, &b->stmts) {
        if (row_defines(f, s) || f->map->skips[s->number])
            continue;
        LIST_EACH (e, &s->args)
            find_expr(f, e);
        LIST_EACH (e, &s->values)
            find_expr(f, e);
        find_expr(f, s->value);
        find_block(f, s->body);
        find_block(f, s->other);
    }
}

static void find_handler(struct row_find *f)
{
    row_locals(f);
    find_block(f, f->handler->guard);
    find_expr(f, f->handler->when);
    find_block(f, f->handler->body);
}

/* ---- choosing ---- */

struct forget {
    struct ir_visit visit;
    const struct row_map *map;
    const struct row_slot *slot;
};

static void forget_expr(struct ir_visit *v, const struct ir_expr *e)
{
    struct forget *f = (struct forget *)v;

    if (f->map->slot[e->number] == f->slot)
        f->map->slot[e->number] = NULL;
}

static void forget(struct row_find *f, const struct row_slot *s)
{
    struct forget all = {{forget_expr, NULL}, f->map, s};
    const struct ir_handler *h;

    LIST_EACH (h, &s->nf->ir->handlers)
        ir_walk_handler(&all.visit, h);
}

/* The dearest first, and of those the smallest; then as packets come by. */
static struct row_slot *best(const struct plan_row *r)
{
    struct row_slot *s, *b = NULL;

    LIST_EACH (s, &r->slots)
        if (s->number == UINT32_MAX &&
            (!b || s->cost > b->cost ||
             (s->cost == b->cost && s->bytes < b->bytes)))
            b = s;
    return b;
}

/* All get a place, or none. The order is that of the packets again. */
static void choose(struct row_find *f)
{
    struct plan_row *r = &f->chain->row[f->side], all = *r;
    unsigned bytes = 0, bits = 0;
    struct row_slot *s, *next;

    LIST_EACH (s, &r->slots)
        s->number = UINT32_MAX;
    while ((s = best(&all))) {
        bool room = s->bytes ? bytes + s->bytes <= ROW_BYTES : bits < ROW_BITS;

        s->number = room ? 0 : UINT32_MAX - 1;
        bytes += room ? s->bytes : 0;
        bits += room && !s->bytes;
    }
    LIST_CLEAR(&r->slots);
    r->n_bits = r->n_values = 0;
    for (s = all.slots.first; s; s = next) {
        next = s->next;
        if (s->number) {
            forget(f, s);
            continue;
        }
        s->number = s->bytes ? r->n_values++ : r->n_bits++;
        LIST_ADD(&r->slots, s);
    }
}

/* ---- what they ask ---- */

struct config {
    struct ir_visit visit;
    bool any;
};

/* An object may be made of a file. */
static void see_config(struct ir_visit *v, const struct ir_expr *e)
{
    ((struct config *)v)->any |= e->op == IR_config || e->op == IR_object;
}

static void see_made(struct config *c, const struct row_map *m,
                     const struct ir_block *b)
{
    const struct ir_stmt *s;
    const struct ir_expr *a;

    if (!b)
        return;
    LIST_EACH (s, &b->stmts) {
        if (m->makes[s->number] == MAKE_NOTHING)
            continue;
        if (m->makes[s->number] != MAKE_PARTS) {
            ir_walk_expr(&c->visit, s->self);
            LIST_EACH (a, &s->args)
                ir_walk_expr(&c->visit, a);
            ir_walk_expr(&c->visit, s->value);
        }
        see_made(c, m, s->body);
        see_made(c, m, s->other);
    }
}

static void see_row(struct plan_row *r, const struct row_map *m)
{
    struct config c = {{see_config, NULL}, false};
    const struct row_slot *s;

    LIST_EACH (s, &r->slots) {
        ir_walk_expr(&c.visit, s->expr);
        see_made(&c, m, s->handler->guard);
        see_made(&c, m, s->handler->body);
    }
    r->asks_config = c.any;
}

/* ---- a side ---- */

typedef void row_each(struct row_find *f);

static void each_handler(struct row_find *f, row_each *fn)
{
    const struct plan_step *s;
    const struct plan_handler *h;

    LIST_EACH (s, &f->chain->stages.first->order[f->side])
        LIST_EACH (h, &s->nf->run[RAISE_PACKET]) {
            if (!fast_may_run(f->plan, h->ir))
                continue;
            f->nf = s->nf;
            f->handler = h->ir;
            fn(f);
        }
}

static void live(struct row_find *f)
{
    row_locals(f);
    row_live(f);
}

void row_init(const struct unit *u, struct plan *p)
{
    const struct ir *ir = p->ir;

    for (unsigned side = 0; side < 2; side++) {
        struct row_map *m = &p->rows[side];

        m->slot = arena_alloc(u->arena, (ir->n_exprs + 1) * sizeof(*m->slot));
        m->skips = arena_alloc(u->arena, ir->n_stmts + 1);
        m->makes = arena_alloc(u->arena, (ir->n_stmts + 1) * sizeof(*m->makes));
        m->there = arena_alloc(u->arena, ir->n_exprs + 1);
        m->cuts = arena_alloc(u->arena, (ir->n_stmts + 1) * sizeof(*m->cuts));
    }
}

void row_plan(const struct unit *u, struct plan *p, struct plan_chain *c,
              unsigned side)
{
    struct row_find f = {.arena = u->arena,
                         .bindings = u->bindings,
                         .plan = p,
                         .chain = c,
                         .map = &p->rows[side],
                         .side = side};
    struct row_slot *s;

    if (!u->consolidate || c->ir->source->branches)
        return;
    row_cancels(&f);
    row_dead(&f);
    if (!c->ir->source->tracks)
        return;
    each_handler(&f, find_handler);
    choose(&f);
    each_handler(&f, live);
    LIST_EACH (s, &c->row[side].slots)
        row_flips(&f, s);
    see_row(&c->row[side], f.map);
}

struct clear {
    struct ir_visit visit;
    struct row_map *map;
};

static void clear_expr(struct ir_visit *v, const struct ir_expr *e)
{
    struct row_map *m = ((struct clear *)v)->map;

    m->slot[e->number] = NULL;
    m->there[e->number] = false;
}

static void clear_stmt(struct ir_visit *v, const struct ir_stmt *s)
{
    struct row_map *m = ((struct clear *)v)->map;

    m->skips[s->number] = false;
    m->makes[s->number] = MAKE_NOTHING;
    m->cuts[s->number] = NULL;
}

void row_none(struct plan *p, struct plan_chain *c, unsigned side)
{
    struct clear all = {{clear_expr, clear_stmt}, &p->rows[side]};
    const struct plan_nf *n;
    const struct ir_handler *h;

    c->row[side] = (struct plan_row){.n_bits = 0};
    LIST_EACH (n, &c->nfs)
        LIST_EACH (h, &n->ir->handlers)
            ir_walk_handler(&all.visit, h);
}

void row_dump(const struct plan_row *r, FILE *to)
{
    const struct row_slot *s;
    const struct row_dead *d;
    const struct row_cancel *c;
    const struct row_flip *i;

    LIST_EACH (c, &r->cancels)
        fprintf(to, "    cancels line %u of %s: line %u of %s removes it\n",
                loc_linecol(c->push->loc).line, c->nf->ir->source->name,
                loc_linecol(c->pop->loc).line, c->by_nf->ir->source->name);
    if (r->cancels.n)
        fprintf(to, "    frames that can grow by %u bytes\n", r->room);
    LIST_EACH (d, &r->dead)
        fprintf(to, "    leaves out line %u of %s: line %u of %s overwrites\n",
                loc_linecol(d->store->loc).line, d->nf->ir->source->name,
                loc_linecol(d->by->loc).line, d->by_nf->ir->source->name);
    LIST_EACH (s, &r->slots) {
        fprintf(to, "    keeps %s %u: ", s->bytes ? "value" : "bit", s->number);
        fprintf(to, "%s of %s, line %u, cost %u", ir_op_name[s->expr->op],
                s->nf->ir->source->name, loc_linecol(s->expr->loc).line,
                s->cost);
        if (s->bytes)
            fprintf(to, ", %u byte%s", s->bytes, s->bytes == 1 ? "" : "s");
        LIST_EACH (i, &s->flips)
            fprintf(to, "%s line %u",
                    i == s->flips.first ? ", looked at in" : ",",
                    loc_linecol(i->store->loc).line);
        fputc('\n', to);
    }
}

/* ---- how it lies in memory: the widest first, then the bits ---- */

unsigned row_bytes(const struct plan_row *r, unsigned *align)
{
    unsigned end = 0, bits;
    const struct row_slot *s;

    *align = 1;
    LIST_EACH (s, &r->slots) {
        end += s->bytes;
        *align = s->bytes > *align ? s->bytes : *align;
    }
    if (r->n_bits) {
        bits = row_bits_bytes(r);
        *align = bits > *align ? bits : *align;
        end = (end + bits - 1) / bits * bits + bits;
    }
    return (end + *align - 1) / *align * *align;
}

unsigned row_bits_bytes(const struct plan_row *r)
{
    return r->n_bits <= 8 ? 1 : r->n_bits <= 16 ? 2 : 4;
}
