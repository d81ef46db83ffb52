/* Times joined, and what is true in a shape whatever the packet. */
#include "base/arena.h"
#include "ir/bits.h"
#include "plan/bind.h"

struct known known_at(enum time t)
{
    return (struct known){.binding.time = t};
}

const struct why *why_new(struct bind *b, struct loc loc, const char *text,
                          struct loc by_loc, const char *by)
{
    struct why *w = ARENA_NEW(b->arena, struct why);

    *w = (struct why){text, loc, by, by_loc};
    return w;
}

struct known known_late(struct bind *b, struct loc loc, const char *text)
{
    struct known k = known_at(TIME_PACKET);

    k.binding.why = why_new(b, loc, text, (struct loc){0}, NULL);
    k.packet = true;
    return k;
}

void known_add_var(struct bind *b, struct known *to, const struct var *v)
{
    struct varref *r;

    LIST_EACH (r, &to->vars)
        if (r->var == v)
            return;
    r = ARENA_NEW(b->arena, struct varref);
    r->var = v;
    LIST_ADD(&to->vars, r);
}

/* A list is never changed once it stands in two places. */
void known_join(struct bind *b, struct known *to, const struct known *x)
{
    struct known k = {.binding = to->binding,
                      .packet = to->packet || x->packet};
    const struct varref *r;

    if (x->binding.time > k.binding.time)
        k.binding = x->binding;
    LIST_EACH (r, &to->vars)
        known_add_var(b, &k, r->var);
    LIST_EACH (r, &x->vars)
        known_add_var(b, &k, r->var);
    *to = k;
}

struct bind_field *field_at(const struct bind *b, const struct field *f)
{
    if (f->real)
        f = f->real;
    return &b->fields[b->first_field[f->header->index] + f->index];
}

/* ---- values that the shape tells ---- */

int shape_place(const struct plan_shape *s, const struct header *h)
{
    unsigned i = h->of ? (unsigned)(shape_place(s, h->of) + 1) : 0;

    if (h->of && i == 0)
        return -1;
    for (; i < s->n; i++)
        if (s->header[i] == (h->of ? h->real : h))
            return (int)i;
    return -1;
}

bool shape_knows(const struct plan_shape *s, const struct field *f,
                 num_t *value)
{
    for (unsigned i = 0; i < s->n_facts; i++)
        if (s->fact[i].field == (f->real ? f->real : f)) {
            *value = s->fact[i].value;
            return true;
        }
    return false;
}

static bool value(const struct bind *b, const struct plan_shape *s,
                  const struct ir_expr *e, num_t *v);

static bool compared(const struct bind *b, const struct plan_shape *s,
                     const struct ir_expr *e, num_t *v)
{
    num_t x, y;

    if (e->a->type.kind > IR_BOOL || !value(b, s, e->a, &x) ||
        !value(b, s, e->b, &y))
        return false;
    return ir_compare(e->op, x, y, v);
}

/* One operand may be enough. */
static bool both(const struct bind *b, const struct plan_shape *s,
                 const struct ir_expr *e, num_t *v)
{
    num_t ends = e->op == IR_lor, x, y;
    bool a_known = value(b, s, e->a, &x), b_known = value(b, s, e->b, &y);

    if ((a_known && x == ends) || (b_known && y == ends)) {
        *v = ends;
        return true;
    }
    *v = !ends;
    return a_known && b_known;
}

static bool among(const struct bind *b, const struct plan_shape *s,
                  const struct ir_expr *e, num_t *v)
{
    const struct ir_item *i;
    num_t x;

    if (e->a->type.kind != IR_NUM || !value(b, s, e->a, &x))
        return false;
    *v = 0;
    LIST_EACH (i, &e->items) {
        if (!ir_is_const(i->lo) || !ir_is_const(i->hi))
            return false;
        *v |= i->lo->num <= x && x <= i->hi->num;
    }
    return true;
}

static bool get(const struct bind *b, const struct ir_expr *e, num_t *v)
{
    const struct member *m = e->member;

    *v = m->always;
    return b->tree->packet && m->object == b->tree->packet->object &&
           (m->always || m->never);
}

static bool local(const struct bind *b, const struct plan_shape *s,
                  const struct ir_expr *e, num_t *v)
{
    const struct holds *t = &b->locals[e->local->index].holds;

    *v = t->yes >> (s->number - 1) & 1;
    return (t->yes | t->no) >> (s->number - 1) & 1;
}

/* The value of e in packets of the shape from the side at hand. */
static bool value(const struct bind *b, const struct plan_shape *s,
                  const struct ir_expr *e, num_t *v)
{
    switch (e->op) {
    case IR_const:
        *v = e->num;
        return e->type.kind <= IR_BOOL;
    case IR_has:
        *v = shape_place(s, e->header) >= 0;
        return !b->resized.src;
    case IR_in_flow:
        *v = 1;
        return true;
    case IR_from_side:
        *v = e->num == b->side;
        return true;
    case IR_get:
        return get(b, e, v);
    case IR_field:
        return !b->resized.src && !field_at(b, e->field)->written &&
               shape_knows(s, e->field, v);
    case IR_local:
        return local(b, s, e, v);
    case IR_not:
        if (!value(b, s, e->a, v))
            return false;
        *v = !*v;
        return true;
    case IR_cast:
        if (!value(b, s, e->a, v))
            return false;
        *v &= num_mask(e->type.bits);
        return true;
    case IR_number:
        return value(b, s, e->a, v);
    case IR_land:
    case IR_lor:
        return both(b, s, e, v);
    case IR_in:
        return among(b, s, e, v);
    case IR_eq:
    case IR_ne:
    case IR_lt:
    case IR_le:
    case IR_gt:
    case IR_ge:
        return compared(b, s, e, v);
    default:
        return false;
    }
}

struct holds holds_in(const struct bind *b, const struct ir_expr *e)
{
    const struct plan_shape *s;
    struct holds t = {0, 0};
    num_t v;

    if (e->type.kind != IR_BOOL)
        return t;
    LIST_EACH (s, &b->out->shapes)
        if (value(b, s, e, &v)) {
            t.yes |= (uint32_t)(v != 0) << (s->number - 1);
            t.no |= (uint32_t)(v == 0) << (s->number - 1);
        }
    return t;
}
