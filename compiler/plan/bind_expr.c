/* When expressions are known. */
#include "base/arena.h"
#include "plan/bind.h"

static struct known translated(struct bind *b, struct loc loc)
{
    struct known k = known_late(b, loc, "asks the flow's tuple");

    k.binding.why = why_new(b, loc, "asks the flow's tuple", b->translated,
                            "is translated on its way");
    return k;
}

static struct known tuple(struct bind *b, struct loc loc)
{
    return tuple_late(b) ? translated(b, loc) : known_at(TIME_FLOW);
}

static struct known field(struct bind *b, const struct ir_expr *e)
{
    const struct bind_field *f = field_at(b, e->field);
    struct known k = known_at(f->binding.time);
    struct arena *a = b->arena;
    const char *text =
        arena_fmt(a, "reads %s.%s", e->field->header->name, e->field->name);

    if (b->resized.src) {
        k = known_late(b, e->loc, text);
        k.binding.why =
            why_new(b, e->loc, text, b->resized, "may be of another header");
    } else if (f->binding.time == TIME_PACKET || e->field->cond) {
        k = known_late(b, e->loc, text);
        if (f->binding.why)
            k.binding.why = why_new(b, e->loc, text, f->binding.why->loc,
                                    "is written for each packet");
    } else if (f->binding.time == TIME_FLOW && !f->written && tuple_late(b)) {
        return translated(b, e->loc);
    }
    return k;
}

static struct known has(struct bind *b, const struct ir_expr *e)
{
    const char *text =
        arena_fmt(b->arena, "asks for the header %s", e->header->name);
    struct known k;

    if (!b->resized.src)
        return known_at(TIME_SHAPE);
    k = known_late(b, e->loc, text);
    k.binding.why =
        why_new(b, e->loc, text, b->resized, "may be added or removed");
    return k;
}

static struct known get(struct bind *b, const struct ir_expr *e)
{
    const struct member *m = e->member;
    const struct tree *t = b->tree;

    /* What a packet arrived with may have been translated by this NF. */
    if (m->steady && b->translator && m->object == t->packet->object)
        return translated(b, e->loc);
    if (m->steady)
        return tuple(b, e->loc);
    if (m->always || m->never)
        return known_at(TIME_SHAPE);
    if (m == t->payload || (t->payload && m->object->type == t->payload->type))
        return known_late(b, e->loc, "reads the payload");
    if (t->packet && m->object == t->packet->object)
        return known_late(
            b, e->loc, arena_fmt(b->arena, "reads the packet's %s", m->name));
    bind_expr(b, e->a);
    return known_late(b, e->loc, arena_fmt(b->arena, "asks %s", m->name));
}

static struct known var(struct bind *b, const struct ir_expr *e)
{
    const struct var *v =
        e->op == IR_awake ? b->nf->source->nf->switched : e->var;

    return v ? state_known(b, v, e->loc) : known_at(TIME_CONFIG);
}

/* Operands; the second of && and || only where it is asked. */
static struct known operands(struct bind *b, const struct ir_expr *e)
{
    uint32_t alive = b->control.alive;
    struct known k = bind_expr(b, e->a), x;
    const struct ir_item *i;

    if (e->op == IR_land)
        b->control.alive &= ~holds_in(b, e->a).no;
    else if (e->op == IR_lor)
        b->control.alive &= ~holds_in(b, e->a).yes;
    if (e->b && b->control.alive) {
        x = bind_expr(b, e->b);
        known_join(b, &k, &x);
    }
    b->control.alive = alive;
    LIST_EACH (i, &e->items) {
        x = bind_expr(b, i->lo);
        known_join(b, &k, &x);
        x = i->hi == i->lo ? x : bind_expr(b, i->hi);
        known_join(b, &k, &x);
    }
    return k;
}

static struct known known_of(struct bind *b, const struct ir_expr *e)
{
    switch (e->op) {
    case IR_const:
    case IR_str:
    case IR_object:
    case IR_config:
        return known_at(TIME_CONFIG);
    case IR_in_flow:
        return known_at(TIME_SHAPE);
    case IR_from_client:
    case IR_from_side:
        return known_at(TIME_FLOW);
    case IR_flow:
        return tuple(b, e->loc);
    case IR_packet:
        return known_late(b, e->loc, "asks the packet");
    case IR_bytes:
        return known_late(
            b, e->loc,
            arena_fmt(b->arena, "reads the bytes of %s", e->header->name));
    case IR_entry:
        return known_late(b, e->loc, "reads what the table has");
    case IR_awake:
    case IR_flow_var:
    case IR_shared_var:
    case IR_atomic_var:
        return var(b, e);
    case IR_local:
        return b->locals[e->local->index].known;
    case IR_field:
        return field(b, e);
    case IR_has:
        return has(b, e);
    case IR_get:
        return get(b, e);
    default:
        return operands(b, e);
    }
}

/* Does the shape alone tell what it is? */
static bool decided(const struct bind *b, const struct ir_expr *e)
{
    struct holds t = holds_in(b, e);

    return e->op != IR_const && !(b->control.alive & ~(t.yes | t.no));
}

struct known bind_expr(struct bind *b, const struct ir_expr *e)
{
    struct binding *to;
    struct known k;

    if (!e)
        return known_at(TIME_NEVER);
    k = decided(b, e) ? known_at(TIME_SHAPE) : known_of(b, e);
    to = &b->out->exprs[b->side][e->number];
    if (k.binding.time > to->time)
        *to = k.binding;
    return k;
}

/* ---- calls ---- */

static struct known arguments(struct bind *b, const struct ir_stmt *s)
{
    struct known k = known_at(TIME_CONFIG), x;
    const struct ir_expr *e;

    x = bind_expr(b, s->self);
    known_join(b, &k, &x);
    LIST_EACH (e, &s->args) {
        x = bind_expr(b, e);
        known_join(b, &k, &x);
    }
    LIST_EACH (e, &s->values) {
        x = bind_expr(b, e);
        known_join(b, &k, &x);
    }
    x = bind_expr(b, s->value);
    known_join(b, &k, &x);
    return k;
}

/* What is read besides the arguments. */
static struct known asked(struct bind *b, const struct ir_stmt *s)
{
    const struct object *o = s->member ? s->member->object : NULL;
    const struct var *v;

    if (s->op == IR_cell)
        return known_late(b, s->loc,
                          arena_fmt(b->arena, "calls %s()", s->member->name));
    if (s->table)
        return state_known(b, s->table->var, s->loc);
    if (s->op != IR_call || !o)
        return known_at(TIME_CONFIG);
    v = object_state(s->self);
    if (v)
        return state_known(b, v, s->loc);
    if (o->updates || object_keeps(o) || s->member->leases ||
        s->member->rewrites || s->member->updates || s->member->edits ||
        s->member->cuts || s->member->keeps)
        return known_late(b, s->loc,
                          arena_fmt(b->arena, "calls %s()", s->member->name));
    return known_at(TIME_CONFIG);
}

struct known bind_call(struct bind *b, const struct ir_stmt *s)
{
    struct known k = arguments(b, s), x = asked(b, s);

    known_join(b, &k, &x);
    return k;
}
