/* What is known of a packet of a shape: which conditions hold, which handlers
 * may run. */
#include "plan/shape.h"

enum { LOCALS = 32 }; /* so many locals of a handler are looked at */

struct facts { /* what is known where a handler is */
    const struct plan_shape *shape;
    uint64_t known; /* locals, by index */
    num_t local[LOCALS];
};

static bool known(const struct facts *f, const struct ir_expr *e, num_t *v);

bool shape_fact(const struct plan_shape *s, const struct field *f, num_t *v)
{
    for (unsigned i = 0; i < s->n_facts; i++)
        if (s->fact[i].field == f) {
            *v = s->fact[i].value;
            return true;
        }
    return false;
}

static bool told(const struct facts *f, const struct ir_local *l, num_t *v)
{
    if (l->index >= LOCALS || !(f->known >> l->index & 1))
        return false;
    *v = f->local[l->index];
    return true;
}

bool shape_has(const struct plan_shape *s, const struct header *h)
{
    for (unsigned i = 0; i < s->n; i++)
        if (s->header[i] == h)
            return true;
    return false;
}

/* a && b, a || b: one operand may decide, `by` its value. */
static bool either(const struct facts *f, const struct ir_expr *e, num_t by,
                   num_t *v)
{
    num_t a = 0, b = 0;
    bool knows_a = known(f, e->a, &a), knows_b = known(f, e->b, &b);

    *v = by;
    if ((knows_a && a == by) || (knows_b && b == by))
        return true;
    *v = !by;
    return knows_a && knows_b;
}

static bool compare(const struct facts *f, const struct ir_expr *e, num_t *v)
{
    num_t a, b;

    if (!known(f, e->a, &a) || !known(f, e->b, &b))
        return false;
    /* Numbers alone do not say whether addresses are the same. */
    if ((e->op == IR_eq || e->op == IR_ne) && e->a->type.kind == IR_ADDR)
        return false;
    return ir_compare(e->op, a, b, v);
}

static bool known(const struct facts *f, const struct ir_expr *e, num_t *v)
{
    switch (e->op) {
    case IR_const:
        *v = e->num;
        return true;
    case IR_field:
    case IR_here:
        return shape_fact(f->shape, e->field, v);
    case IR_has:
        *v = shape_has(f->shape, e->header);
        return true;
    case IR_local:
        return told(f, e->local, v);
    case IR_land:
        return either(f, e, 0, v);
    case IR_lor:
        return either(f, e, 1, v);
    case IR_not:
        if (!known(f, e->a, v))
            return false;
        *v = !*v;
        return true;
    case IR_eq:
    case IR_ne:
    case IR_lt:
    case IR_le:
    case IR_gt:
    case IR_ge:
        return compare(f, e, v);
    default:
        return false;
    }
}

static enum truth truth_of(const struct facts *f, const struct ir_expr *cond)
{
    num_t v;

    if (!known(f, cond, &v))
        return TRUTH_OPEN;
    return v ? TRUTH_YES : TRUTH_NO;
}

enum truth shape_holds(const struct plan_shape *s, const struct ir_expr *cond)
{
    const struct facts f = {.shape = s};

    return truth_of(&f, cond);
}

/* ---- what the statements before a condition find out ---- */

static void forget(struct facts *f, const struct ir_local *l)
{
    if (l && l->index < LOCALS)
        f->known &= ~((uint64_t)1 << l->index);
}

/* maybe: the statement may not run, and the local be what it was. */
static void assign(struct facts *f, const struct ir_stmt *s, bool maybe)
{
    unsigned i = s->local->index;
    num_t was, v;

    if (i >= LOCALS)
        return;
    if (!known(f, s->value, &v) ||
        (maybe && !(told(f, s->local, &was) && was == v))) {
        forget(f, s->local);
        return;
    }
    f->known |= (uint64_t)1 << i;
    f->local[i] = v;
}

static bool passes(struct facts *f, const struct ir_block *b, bool maybe);

/* if: of what may run. */
static bool passes_if(struct facts *f, const struct ir_stmt *s, bool maybe)
{
    switch (truth_of(f, s->value)) {
    case TRUTH_YES:
        return passes(f, s->body, maybe);
    case TRUTH_NO:
        return passes(f, s->other, maybe);
    default:
        passes(f, s->body, true);
        passes(f, s->other, true);
        return true;
    }
}

/* False if it returns for each packet of the shape. */
static bool passes(struct facts *f, const struct ir_block *b, bool maybe)
{
    const struct ir_result *r;
    const struct ir_stmt *s;

    for (s = b ? b->stmts.first : NULL; s; s = s->next) {
        if (s->op == IR_return)
            return false;
        if (s->op == IR_let || s->op == IR_set) {
            assign(f, s, maybe);
        } else if (s->op == IR_if) {
            if (!passes_if(f, s, maybe))
                return false;
        } else {
            forget(f, s->local);
            LIST_EACH (r, &s->results)
                forget(f, r->local);
            passes(f, s->other, true);
        }
    }
    return true;
}

bool shape_may_run(const struct plan_shape *s, const struct ir_handler *h)
{
    struct facts f = {.shape = s};

    return passes(&f, h->guard, false) &&
           (!h->when || truth_of(&f, h->when) != TRUTH_NO);
}
