/* An action at flow time can be done for all packets at the end of their way,
 * unless something behind it, at packet time, wants what it writes. */
#include "base/arena.h"
#include "ir/walk.h"
#include "plan/bind.h"

void touch_add(struct bind *b, struct bound *action, const struct field *f,
               const char *text, struct loc loc)
{
    struct touch *a;

    if (!raiser_has_packet(b->handler->source->raiser) ||
        handler_once(b->nf, b->handler->source))
        return;
    a = ARENA_NEW(b->arena, struct touch);
    a->action = action;
    a->field = f && f->real ? f->real : f;
    a->shapes = b->control.alive;
    a->nf = b->nf;
    a->text = text;
    a->loc = loc;
    LIST_ADD(&b->touches, a);
}

struct reads {
    struct ir_visit visit;
    struct bind *bind;
};

static void read_one(struct ir_visit *v, const struct ir_expr *e)
{
    struct bind *b = ((struct reads *)v)->bind;

    if (e->op == IR_field)
        touch_add(b, NULL, e->field,
                  arena_fmt(b->arena, "reads %s.%s", e->field->header->name,
                            e->field->name),
                  e->loc);
}

void touch_reads(struct bind *b, const struct ir_expr *e)
{
    struct reads r = {{read_one, NULL}, b};

    ir_walk_expr(&r.visit, e);
}

static const struct touch *wanted(const struct touch *a)
{
    const struct touch *i;

    for (i = a->next; i; i = i->next)
        if (!i->action && (!i->field || i->field == a->field) &&
            (i->shapes & a->shapes))
            return i;
    return NULL;
}

void clashes_find(struct bind *b)
{
    const struct touch *a, *by;
    struct clash *c;

    LIST_EACH (a, &b->touches) {
        by = a->action && !a->action->clash ? wanted(a) : NULL;
        if (!by)
            continue;
        c = ARENA_NEW(b->arena, struct clash);
        *c = (struct clash){by->text, by->nf, by->loc};
        a->action->clash = c;
    }
}
