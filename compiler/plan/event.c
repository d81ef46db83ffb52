/* Emitted events of a chain, with the NFs that get them, and its timers. */
#include "plan/event.h"
#include "base/arena.h"
#include "ir/walk.h"

struct find {
    struct ir_visit visit;
    struct arena *arena;
    struct plan_chain *chain;
    const struct plan_nf *nf;
};

static uint64_t takers(const struct plan_chain *c, const struct event *e)
{
    const struct plan_nf *n;
    const struct plan_handler *h;
    uint64_t mask = 0;

    LIST_EACH (n, &c->nfs)
        LIST_EACH (h, &n->run[RAISE_EMIT])
            if (handler_takes(h->ir->source, e))
                mask |= (uint64_t)1 << n->position;
    return mask;
}

static void find_emit(struct ir_visit *v, const struct ir_stmt *s)
{
    struct find *f = (struct find *)v;
    struct plan_event *e;
    uint64_t mask;

    if (s->op != IR_emit)
        return;
    LIST_EACH (e, &f->chain->events)
        if (e->source == s->event) {
            e->emitters |= (uint64_t)1 << f->nf->position;
            return;
        }
    mask = takers(f->chain, s->event);
    if (!mask)
        return;
    e = ARENA_NEW(f->arena, struct plan_event);
    e->source = s->event;
    e->index = f->chain->events.n;
    e->like = s;
    e->takers = mask;
    e->emitters = (uint64_t)1 << f->nf->position;
    LIST_ADD(&f->chain->events, e);
}

static void add_timer(struct arena *a, struct plan_chain *c, struct plan_nf *n,
                      const struct ir_handler *h)
{
    struct plan_timer *t = ARENA_NEW(a, struct plan_timer);

    t->ir = h;
    t->nf = n;
    t->ticks = position_value(n->ir->source, h->source->period) / 1000000;
    t->every = nf_is_divided(n->ir->source->nf);
    LIST_ADD(&c->timers, t);
}

void events_plan(struct arena *a, struct plan_chain *c)
{
    struct find f = {{NULL, find_emit}, a, c, NULL};
    const struct plan_handler *p;
    const struct ir_handler *h;
    struct plan_nf *n;

    LIST_EACH (n, &c->nfs) {
        f.nf = n;
        LIST_EACH (h, &n->ir->handlers)
            ir_walk_handler(&f.visit, h);
        LIST_EACH (p, &n->run[RAISE_TIMER])
            add_timer(a, c, n, p->ir);
    }
    c->most_events = c->events.n ? c->ir->source->most_events : 0;
}
