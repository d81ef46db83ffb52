/* What statements do, and when that is known. */
#include "base/arena.h"
#include "plan/bind.h"

static void walk_block(struct bind *b, const struct ir_block *block);

/* ---- the place of a statement ---- */

static struct bound *bound_at(struct bind *b, const struct ir_stmt *s)
{
    return &b->out->stmts[b->side][s->number];
}

static void note(struct bind *b, const struct ir_stmt *s, const struct known *k,
                 enum bound_class class)
{
    struct bound *to = bound_at(b, s);

    if (k->binding.time >= to->binding.time)
        to->binding = k->binding;
    if (class > to->class)
        to->class = class;
    if (class > b->class)
        b->class = class;
    to->control = b->control.known.binding;
    to->shapes = b->control.alive;
    to->sure = b->control.sure & b->control.alive;
}

/* What it asks is asked for each packet. */
static void wants(struct bind *b, const struct ir_stmt *s)
{
    const struct ir_expr *e;

    touch_reads(b, s->self);
    LIST_EACH (e, &s->args)
        touch_reads(b, e);
    LIST_EACH (e, &s->values)
        touch_reads(b, e);
    touch_reads(b, s->value);
}

/* No header action or drop: it has an effect, or (known by `what`) none. */
static void residual(struct bind *b, const struct ir_stmt *s, const char *text)
{
    struct known k = known_late(b, s->loc, text);

    note(b, s, &k, BOUND_RESIDUAL);
    wants(b, s);
}

/* A header action or a drop. k: its values. State alone decides on a guarded
 * one, or what it says holds from then on. */
static void action(struct bind *b, const struct ir_stmt *s, struct known k)
{
    const struct known *c = &b->control.known;
    bool values = k.binding.time < TIME_PACKET;
    bool lasts = s->op == IR_drop_flow;

    known_join(b, &k, c);
    if (k.binding.time < TIME_PACKET) {
        note(b, s, &k, BOUND_ACTION);
        return;
    }
    if (values)
        flips_find(b, c, bound_at(b, s));
    if (values && (lasts || bound_at(b, s)->flips.n)) {
        note(b, s, &k, BOUND_GUARDED);
    } else {
        bound_at(b, s)->asks_packet = false;
        note(b, s, &k, BOUND_RESIDUAL);
    }
    wants(b, s);
}

/* ---- stores to headers ---- */

static uint32_t shapes_with(const struct bind *b, const struct header *h)
{
    const struct plan_shape *s;
    uint32_t mask = 0;

    LIST_EACH (s, &b->out->shapes)
        mask |= (uint32_t)(shape_place(s, h) >= 0) << (s->number - 1);
    return mask;
}

/* What is in the field behind it: where it may not be done, perhaps what was
 * there before. */
static void store_field(struct bind *b, const struct ir_stmt *s)
{
    struct bind_field *f = field_at(b, s->field);
    uint32_t all = shapes_with(b, s->field->header);
    struct known k = bind_expr(b, s->value);
    const char *text = arena_fmt(b->arena, "writes %s.%s",
                                 s->field->header->name, s->field->name);
    struct bound *to = bound_at(b, s);
    struct known there = known_late(b, s->loc, "may not be there");

    if (s->field->cond)
        known_join(b, &k, &there);
    action(b, s, k);
    touch_add(b, to->class == BOUND_ACTION ? to : NULL, s->field, text, s->loc);
    known_join(b, &k, &b->control.known);
    if (all & ~(b->control.alive & b->control.sure) &&
        f->binding.time >= k.binding.time) {
        f->written = true;
        return;
    }
    f->written = true;
    f->binding = k.binding;
    if (k.binding.time == TIME_PACKET)
        f->binding.why = why_new(b, s->loc, text, (struct loc){0}, NULL);
}

/* ---- where to go on ---- */

static void leave(struct bind *b)
{
    known_join(b, &b->returned, &b->control.known);
    b->returned_shapes |= b->control.alive;
    b->control.alive = 0;
}

/* After a place that some went past by `return`, being there is a matter of
 * why they did. */
static void go_on(struct bind *b, const struct control *before, uint32_t alive,
                  uint32_t returned)
{
    b->control = *before;
    b->control.alive = alive;
    if (b->returned_shapes == returned && !(b->returned_shapes & alive))
        return;
    known_join(b, &b->control.known, &b->returned);
    b->control.sure &= ~b->returned_shapes;
}

/* A condition that no shape leaves open is none. */
static void under(struct bind *b, const struct known *k, struct holds t,
                  bool yes)
{
    if (b->control.alive & ~(t.yes | t.no))
        known_join(b, &b->control.known, k);
    b->control.alive &= ~(yes ? t.no : t.yes);
    b->control.sure &= yes ? t.yes : t.no;
}

static void if_stmt(struct bind *b, const struct ir_stmt *s)
{
    struct control before = b->control;
    struct holds t = holds_in(b, s->value);
    struct known k = bind_expr(b, s->value), all = k;
    uint32_t returned = b->returned_shapes, alive;

    known_join(b, &all, &before.known);
    note(b, s, &all, BOUND_NONE);
    bound_at(b, s)->own = k.binding;
    if (k.binding.time == TIME_PACKET)
        wants(b, s);
    under(b, &k, t, true);
    walk_block(b, s->body);
    alive = b->control.alive;
    b->control = before;
    under(b, &k, t, false);
    if (s->other)
        walk_block(b, s->other);
    go_on(b, &before, alive | b->control.alive, returned);
}

/* What is done where a call fails; whether it does is known by k. */
static void otherwise(struct bind *b, const struct ir_stmt *s,
                      const struct known *k)
{
    struct control before = b->control;
    uint32_t returned = b->returned_shapes;

    if (!s->other)
        return;
    known_join(b, &b->control.known, k);
    b->control.sure = 0;
    walk_block(b, s->other);
    go_on(b, &before, before.alive, returned);
}

/* Whether there is a place, and room, is seen with each packet. */
static void resize(struct bind *b, const struct ir_stmt *s)
{
    struct known k = known_at(TIME_CONFIG), x;
    const struct ir_expr *e;
    const char *text = s->op == IR_encap ? "adds headers" : "removes headers";

    LIST_EACH (e, &s->values) {
        x = bind_expr(b, e);
        known_join(b, &k, &x);
    }
    action(b, s, k);
    touch_add(b, NULL, NULL, text, s->loc);
    x = known_late(b, s->loc, text);
    otherwise(b, s, &x);
    b->resized = s->loc;
}

/* ---- locals ---- */

static void give(struct bind *b, const struct ir_local *l,
                 const struct known *k)
{
    b->locals[l->index].known = *k;
    b->locals[l->index].holds = (struct holds){0, 0};
}

static void let(struct bind *b, const struct ir_stmt *s)
{
    struct known k = bind_expr(b, s->value);
    struct bind_local *l = &b->locals[s->local->index];
    struct holds t = holds_in(b, s->value);

    if (s->op == IR_set) { /* where it was not done, what it was */
        uint32_t here = b->control.alive & b->control.sure;
        uint32_t kept = ~b->control.alive;

        known_join(b, &k, &b->control.known);
        known_join(b, &k, &l->known);
        t.yes = (t.yes & here) | (l->holds.yes & kept) | (t.yes & l->holds.yes);
        t.no = (t.no & here) | (l->holds.no & kept) | (t.no & l->holds.no);
    }
    l->known = k;
    l->holds = t;
    note(b, s, &k, BOUND_NONE);
    if (k.binding.time == TIME_PACKET)
        wants(b, s);
}

/* ---- calls ---- */

static bool has_effect(const struct ir_stmt *s)
{
    const struct member *m = s->member;

    switch (s->op) {
    case IR_call:
        return m->leases || m->rewrites || m->updates || m->edits || m->cuts ||
               m->keeps;
    case IR_find:
    case IR_find_has:
        return false;
    case IR_table_has:
    case IR_table_read: /* finding an entry may prolong its life */
        return s->table->var->table->idle;
    default:
        return true;
    }
}

static const char *effect_text(struct bind *b, const struct ir_stmt *s)
{
    const struct var *v = s->table ? s->table->var : object_state(s->self);

    if (s->op == IR_cell && !s->table)
        return arena_fmt(b->arena, "calls %s()", s->member->name);
    if (v)
        return arena_fmt(b->arena, "%s %s", has_effect(s) ? "changes" : "asks",
                         v->name);
    return arena_fmt(b->arena, "calls %s()", s->member->name);
}

/* Is C handed the packet, and not only what stands behind its headers? */
static void hands_packet(struct bind *b, const struct ir_stmt *s)
{
    const struct ir_expr *e;

    LIST_EACH (e, &s->args)
        if (e->op == IR_packet || e->op == IR_bytes)
            touch_add(b, NULL, NULL,
                      arena_fmt(b->arena, "calls %s()", s->member->name),
                      s->loc);
}

static void call(struct bind *b, const struct ir_stmt *s)
{
    struct known k = bind_call(b, s), x;
    const struct ir_result *r;

    if (has_effect(s)) { /* what it says, it says to this packet */
        residual(b, s, effect_text(b, s));
        k = known_late(b, s->loc, effect_text(b, s));
    } else {
        note(b, s, &k, BOUND_NONE);
        if (k.binding.time == TIME_PACKET)
            wants(b, s);
    }
    hands_packet(b, s);
    otherwise(b, s, &k);
    LIST_EACH (r, &s->results) {
        x = bind_expr(b, r->other);
        known_join(b, &x, &k);
        give(b, r->local, &x);
    }
    if (s->local)
        give(b, s->local, &k);
}

/* ---- statements ---- */

static void with_value(struct bind *b, const struct ir_stmt *s,
                       const char *text)
{
    const struct ir_expr *e;

    bind_expr(b, s->value);
    LIST_EACH (e, &s->args)
        bind_expr(b, e);
    residual(b, s, text);
}

/* It is made for this packet, of what that is here. */
static void make(struct bind *b, const struct ir_stmt *s)
{
    const struct ir_expr *e;

    LIST_EACH (e, &s->values)
        bind_expr(b, e);
    residual(b, s, "makes a packet");
    if (!s->value)
        return;
    bind_expr(b, s->value);
    if (s->value->op == IR_bytes)
        touch_add(b, NULL, NULL, "makes a packet of its bytes", s->loc);
}

/* dispatch */
static void walk_stmt(struct bind *b, const struct ir_stmt *s)
{
    struct known k = known_at(TIME_CONFIG);

    switch (s->op) {
    case IR_let:
    case IR_set:
        let(b, s);
        break;
    case IR_store_field:
        store_field(b, s);
        break;
    case IR_store_flow:
    case IR_store_shared:
    case IR_update_atomic:
        with_value(b, s, arena_fmt(b->arena, "changes %s", s->var->name));
        break;
    case IR_if:
        if_stmt(b, s);
        break;
    case IR_drop:
    case IR_drop_flow:
        action(b, s, k);
        b->control.alive = 0;
        break;
    case IR_end_flow: /* no packet comes after this one */
        residual(b, s, "ends the flow");
        break;
    case IR_return:
        note(b, s, &b->control.known, BOUND_NONE);
        leave(b);
        break;
    case IR_goto:
        action(b, s, k);
        break;
    case IR_goto_flow:
        residual(b, s, "chooses the way of the flow");
        break;
    case IR_emit:
        with_value(b, s, arena_fmt(b->arena, "emits %s", s->event->path));
        break;
    case IR_sums_now:
        residual(b, s, "brings checksums up to date");
        touch_add(b, NULL, NULL, "hands bytes of headers to C", s->loc);
        break;
    case IR_encap:
    case IR_decap:
        resize(b, s);
        break;
    case IR_make:
        make(b, s);
        break;
    default:
        call(b, s);
        break;
    }
}

static void walk_block(struct bind *b, const struct ir_block *block)
{
    const struct ir_stmt *s;

    if (!block)
        return;
    for (s = block->stmts.first; s && b->control.alive; s = s->next)
        walk_stmt(b, s);
}

/* ---- handlers ---- */

static void begin(struct bind *b, const struct ir_handler *h)
{
    const struct ir_local *l;
    uint32_t all = (uint32_t)(((uint64_t)1 << b->out->shapes.n) - 1);

    b->handler = h;
    b->locals = arena_alloc(b->arena, (h->locals.n + 1) * sizeof(*b->locals));
    LIST_EACH (l, &h->locals) /* what its event hands over */
        if (l->param)
            b->locals[l->index].known =
                known_late(b, h->source->loc, "is told by an event");
    b->control = (struct control){known_at(TIME_CONFIG), all, all};
    if (h->source->raiser == RAISE_EMIT)
        b->control.known = known_late(b, h->source->loc, "is told by an event");
    b->returned = known_at(TIME_NEVER);
    b->returned_shapes = 0;
    b->class = BOUND_NONE;
}

static void ask(struct bind *b, const struct ir_expr *when)
{
    struct holds t;
    struct known k;

    if (!when || !b->control.alive)
        return;
    t = holds_in(b, when);
    k = bind_expr(b, when);
    if (k.binding.time == TIME_PACKET)
        touch_reads(b, when);
    under(b, &k, t, true);
}

void bind_handler(struct bind *b, struct bound_handler *h)
{
    struct bound_way *way = &h->way[b->side];

    begin(b, h->ir);
    walk_block(b, h->ir->guard);
    ask(b, h->ir->when);
    way->shapes = b->control.alive;
    if (way->shapes)
        way->guard = b->control.known.binding;
    walk_block(b, h->ir->body);
    way->class = b->class;
}
