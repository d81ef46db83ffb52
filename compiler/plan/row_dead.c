/* Stores to header fields that a later one on the way overwrites, whatever the
 * packet, with nobody in between who looks: they are not done. A packet that is
 * dropped in between is seen by nobody. */
#include "base/arena.h"
#include "plan/binding.h"
#include "plan/plan.h"

struct touch {
    const struct field *field;   /* NULL: all of them */
    const struct ir_stmt *store; /* NULL: a read */
    const struct plan_nf *nf;
    struct touch *next;
};

struct way {
    struct ir_visit visit;
    struct row_find *find;
    LIST(struct touch) all; /* as a packet comes by */
};

static void add(struct way *w, const struct field *f,
                const struct ir_stmt *store)
{
    struct touch *t = ARENA_NEW(w->find->arena, struct touch);

    /* It may lie where another one does, or nowhere. */
    if (f && (f->real || f->cond)) {
        f = NULL;
        store = NULL;
    }
    t->field = f;
    t->store = store;
    t->nf = w->find->nf;
    LIST_ADD(&w->all, t);
}

static void see_expr(struct ir_visit *v, const struct ir_expr *e)
{
    if (e->op == IR_field)
        add((struct way *)v, e->field, NULL);
    if (e->op == IR_bytes)
        add((struct way *)v, NULL, NULL);
}

static bool takes_packet(const struct ir_stmt *s)
{
    const struct ir_expr *a;

    if (s->op != IR_call)
        return s->op == IR_sums_now || s->op == IR_encap || s->op == IR_decap ||
               s->op == IR_make;
    if (s->member->edits || (s->self && s->self->op == IR_packet))
        return true;
    LIST_EACH (a, &s->args)
        if (a->op == IR_packet)
            return true;
    return false;
}

static void see_stmt(struct ir_visit *v, const struct ir_stmt *s)
{
    if (s->op == IR_store_field)
        add((struct way *)v, s->field, s);
    else if (takes_packet(s))
        add((struct way *)v, NULL, NULL);
}

/* The one that overwrites it; NULL: somebody may see it. */
static const struct touch *overwritten(const struct row_find *f,
                                       const struct touch *t)
{
    uint32_t in = binding_of(f->bindings, t->store, f->side)->shapes;
    const struct touch *i;

    for (i = t->next; i; i = i->next) {
        if (!i->field || (i->field == t->field && !i->store))
            return NULL;
        if (i->field == t->field &&
            !(in & ~binding_of(f->bindings, i->store, f->side)->sure))
            return i;
    }
    return NULL;
}

static bool is_sum(const struct plan *p, const struct field *f)
{
    const struct plan_shape *s;

    LIST_EACH (s, &p->shapes)
        for (unsigned i = 0; i < s->n_sums; i++)
            if (s->sum[i].sum->field == f)
                return true;
    return false;
}

void row_dead(struct row_find *f)
{
    struct way w = {.visit = {see_expr, see_stmt}, .find = f};
    const struct plan_step *s;
    const struct plan_handler *h;
    const struct touch *t, *by;
    struct row_dead *d;

    LIST_EACH (s, &f->chain->stages.first->order[f->side])
        LIST_EACH (h, &s->nf->run[RAISE_PACKET])
            if (fast_may_run(f->plan, h->ir)) {
                f->nf = s->nf;
                row_walk_handler(f->map, &w.visit, h->ir);
            }
    LIST_EACH (t, &w.all) {
        by = t->store && !is_sum(f->plan, t->field) ? overwritten(f, t) : NULL;
        /* Looks at atomic state are counted, in their order: LANGUAGE.md,
         * section 3. */
        if (!by || ir_asks(t->store->value, IR_atomic_var))
            continue;
        d = ARENA_NEW(f->arena, struct row_dead);
        *d = (struct row_dead){t->store, by->store, t->nf, by->nf, NULL};
        LIST_ADD(&f->chain->row[f->side].dead, d);
        f->map->skips[t->store->number] = true;
    }
}
