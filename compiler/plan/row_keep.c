/* Which expressions a session may keep, and what they cost. */
#include "base/arena.h"
#include "plan/binding.h"
#include "plan/plan.h"
#include <string.h>

/* ---- may it be kept? ---- */

static bool early(const struct row_find *f, const struct ir_expr *e)
{
    enum time t = binding_of_expr(f->bindings, e, f->side)->time;

    return t != TIME_NEVER && t != TIME_PACKET;
}

struct stores {
    struct ir_visit visit;
    const struct field *field;
    bool any;
};

static void see_store(struct ir_visit *v, const struct ir_stmt *s)
{
    struct stores *st = (struct stores *)v;

    st->any |= s->op == IR_store_field &&
               (s->field->real ? s->field->real : s->field) == st->field;
}

static bool is_stored(const struct row_find *f, const struct field *of)
{
    struct stores st = {.visit = {NULL, see_store}, .field = of};
    const struct plan_nf *n;
    const struct ir_handler *h;

    LIST_EACH (n, &f->chain->nfs)
        LIST_EACH (h, &n->ir->handlers)
            ir_walk_handler(&st.visit, h);
    return st.any;
}

enum role row_role(const struct plan *p, const struct field *f)
{
    const struct plan_shape *s;

    LIST_EACH (s, &p->shapes)
        for (unsigned i = 0; i < ROLE_N; i++)
            if (i != ROLE_PROTO && s->role[i] == f)
                return (enum role)i;
    return ROLE_N;
}

/* Of the tuple; in every shape that has its header. */
static bool of_tuple(const struct row_find *f, const struct ir_expr *e)
{
    enum role role = row_role(f->plan, e->field);
    const struct plan_shape *s;

    if (role == ROLE_N || e->field->cond || e->field->real)
        return false;
    LIST_EACH (s, &f->plan->shapes)
        for (unsigned i = 0; i < s->n; i++)
            if (s->header[i] == e->field->header && s->role[role] != e->field)
                return false;
    return !is_stored(f, e->field);
}

static bool property(const struct row_find *f, const struct ir_expr *e)
{
    return e->member->steady && early(f, e) &&
           (e->a->op == IR_flow || e->a->op == IR_packet);
}

static bool operands(const struct row_find *f, const struct ir_expr *e)
{
    const struct ir_item *i;

    if ((e->a && !row_may_keep(f, e->a)) || (e->b && !row_may_keep(f, e->b)))
        return false;
    LIST_EACH (i, &e->items)
        if (!row_may_keep(f, i->lo) || !row_may_keep(f, i->hi))
            return false;
    return true;
}

bool row_may_keep(const struct row_find *f, const struct ir_expr *e)
{
    switch (e->op) {
    case IR_const:
    case IR_str:
    case IR_config:
    case IR_in_flow:
    case IR_from_client:
    case IR_from_side:
        return true;
    case IR_local:
        return !f->locals[e->local->index].late;
    case IR_flow:
        return early(f, e);
    case IR_flow_var:
        return early(f, e) || row_elsewhere(f, e->var);
    case IR_has:
        return early(f, e) && !e->header->of;
    case IR_field:
        return early(f, e) && of_tuple(f, e);
    case IR_get:
        return property(f, e);
    case IR_object:
        return !e->object->type->updates && !object_keeps(e->object->type);
    case IR_packet:
    case IR_awake:
    case IR_bytes:
    case IR_entry:
    case IR_here:
    case IR_shared_var:
    case IR_atomic_var:
        return false;
    default:
        return operands(f, e);
    }
}

/* ---- what it costs ---- */

/* The tuple as an NF sees it is put together. */
static unsigned cost_of_get(const struct ir_expr *e)
{
    if (e->a->op != IR_flow)
        return 20;
    return strcmp(e->member->name, "proto") == 0 ? 1 : 3;
}

unsigned row_cost(const struct row_find *f, const struct ir_expr *e)
{
    unsigned cost = e->type.kind == IR_ADDR ? 2 : 1;
    const struct ir_item *i;

    switch (e->op) {
    case IR_const:
    case IR_str:
    case IR_object:
    case IR_flow:
    case IR_packet:
    case IR_in_flow:
    case IR_from_client:
    case IR_from_side:
    case IR_has:
        return 0;
    case IR_local:
        return f->locals[e->local->index].cost;
    case IR_get:
        return cost_of_get(e);
    case IR_field: /* and what it would take to have it there */
        return f->chain->n_hops ? 2 : 1;
    case IR_div:
    case IR_mod:
        cost = 5;
        break;
    case IR_cast:
    case IR_number:
    case IR_not:
        cost = 0;
        break;
    default:
        break;
    }
    if (e->a)
        cost += row_cost(f, e->a);
    if (e->b)
        cost += row_cost(f, e->b);
    LIST_EACH (i, &e->items)
        cost += 1 + row_cost(f, i->lo);
    return cost;
}

/* ---- what may change ---- */

struct moves {
    struct ir_visit visit;
    const struct row_find *find;
    bool any;
};

static void see_moving(struct ir_visit *v, const struct ir_expr *e)
{
    struct moves *m = (struct moves *)v;

    m->any |= (e->op == IR_flow_var && !early(m->find, e)) ||
              (e->op == IR_local && m->find->locals[e->local->index].moves);
}

bool row_moves(const struct row_find *f, const struct ir_expr *e)
{
    struct moves m = {{see_moving, NULL}, f, false};

    ir_walk_expr(&m.visit, e);
    return m.any;
}

/* ---- locals ---- */

/* A function that hands out what its arguments make of it, and is not C of the
 * program, which might be surprised to be asked. */
static bool pure(const struct row_find *f, const struct ir_stmt *s)
{
    const struct member *m = s->member;
    const struct object *o = m ? m->object : NULL;
    const struct ir_expr *a;

    if (s->op != IR_call || s->other || m->fails || m->leases || m->rewrites ||
        m->updates || m->edits || m->cuts || m->keeps || o->file ||
        o->updates || object_keeps(o))
        return false;
    if (s->self && !row_may_keep(f, s->self))
        return false;
    LIST_EACH (a, &s->args)
        if (!row_may_keep(f, a))
            return false;
    return s->results.n > 0;
}

bool row_defines(const struct row_find *f, const struct ir_stmt *s)
{
    const struct ir_result *r;

    if (s->op == IR_let || s->op == IR_set)
        return !f->locals[s->local->index].late;
    if (s->op != IR_call || !pure(f, s))
        return false;
    LIST_EACH (r, &s->results)
        if (f->locals[r->local->index].late)
            return false;
    return true;
}

static unsigned cost_of_call(const struct row_find *f, const struct ir_stmt *s)
{
    unsigned cost = 20;
    const struct ir_expr *a;

    LIST_EACH (a, &s->args)
        cost += row_cost(f, a);
    return cost;
}

static bool give(struct row_local *l, bool late, unsigned cost)
{
    bool changed = late && !l->late;

    l->late |= late;
    if (cost > l->cost)
        l->cost = cost;
    return changed;
}

static bool in_block(struct row_find *f, const struct ir_block *b, bool known);

/* True if a local turned out to be late. known: so are the conditions that the
 * statement stands under. */
static bool in_stmt(struct row_find *f, const struct ir_stmt *s, bool known)
{
    bool late = s->op == IR_call ? !pure(f, s) : true, changed = false;
    const struct ir_result *r;

    if (s->op == IR_let || s->op == IR_set) {
        late = !row_may_keep(f, s->value) || (s->op == IR_set && !known);
        f->locals[s->local->index].set |= s->op == IR_set;
        f->locals[s->local->index].moves |= row_moves(f, s->value);
        return give(&f->locals[s->local->index], late, row_cost(f, s->value));
    }
    LIST_EACH (r, &s->results)
        changed |= give(&f->locals[r->local->index], late,
                        s->op == IR_call ? cost_of_call(f, s) : 0);
    if (s->local)
        changed |= give(&f->locals[s->local->index], true, 0);
    known = known && s->op == IR_if && row_may_keep(f, s->value);
    changed |= in_block(f, s->body, known);
    return in_block(f, s->other, known) || changed;
}

static bool in_block(struct row_find *f, const struct ir_block *b, bool known)
{
    const struct ir_stmt *s;
    bool changed = false;

    if (b)
        LIST_EACH (s, &b->stmts)
            changed |= in_stmt(f, s, known);
    return changed;
}

/* What one local is found to be may concern those before it. */
void row_locals(struct row_find *f)
{
    const struct ir_handler *h = f->handler;
    const struct ir_local *l;
    bool again = true;

    f->locals = arena_alloc(f->arena, (h->locals.n + 1) * sizeof(*f->locals));
    LIST_EACH (l, &h->locals)
        f->locals[l->index].late = l->param;
    while (again) {
        again = in_block(f, h->guard, true);
        again |= in_block(f, h->body, true);
    }
}

/* ---- the same ---- */

static bool same_leaf(const struct ir_expr *a, const struct ir_expr *b)
{
    return a->op == b->op && a->type.kind == b->type.kind &&
           a->type.bits == b->type.bits && a->num == b->num && a->v6 == b->v6 &&
           a->local == b->local && a->var == b->var && a->field == b->field &&
           a->header == b->header && a->member == b->member &&
           a->object == b->object && a->config == b->config &&
           a->str == b->str && a->part == b->part;
}

bool row_same(const struct row_find *f, const struct ir_expr *a,
              const struct ir_expr *b)
{
    const struct ir_item *i = a->items.first, *k = b->items.first;

    if (!same_leaf(a, b) || !a->a != !b->a || !a->b != !b->b)
        return false;
    if (a->op == IR_local && f->locals[a->local->index].set)
        return false;
    if ((a->a && !row_same(f, a->a, b->a)) ||
        (a->b && !row_same(f, a->b, b->b)))
        return false;
    for (; i && k; i = i->next, k = k->next)
        if (i->v6 != k->v6 || !row_same(f, i->lo, k->lo) ||
            !row_same(f, i->hi, k->hi))
            return false;
    return !i && !k;
}
