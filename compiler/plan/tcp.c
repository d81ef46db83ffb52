/* What a chain's TCP monitor needs of a session. */
#include "base/arena.h"
#include "ir/walk.h"
#include "plan/layout.h"

/* NFL_TCP_BYTES and NFL_KEPT_BYTES of the runtime; where they are others,
 * emitted code does not compile. */
enum { TCP_BYTES = 144, KEPT_BYTES = 16 };

struct calls { /* of functions with a certain mark */
    struct ir_visit visit;
    bool keeps, edits;
};

static void see(struct ir_visit *v, const struct ir_stmt *s)
{
    struct calls *c = (struct calls *)v;

    if (s->op != IR_call)
        return;
    c->keeps |= s->member->keeps;
    c->edits |= s->member->edits;
}

static struct calls calls_of(const struct plan_nf *n)
{
    struct calls c = {.visit = {NULL, see}};
    const struct ir_handler *h;

    LIST_EACH (h, &n->ir->handlers)
        ir_walk_handler(&c.visit, h);
    return c;
}

bool plan_keeps(const struct plan_nf *n)
{
    return calls_of(n).keeps;
}

unsigned plan_tcp_slots(const struct plan_chain *c)
{
    const struct plan_nf *n;
    unsigned slots = 0;

    LIST_EACH (n, &c->nfs)
        slots += plan_keeps(n);
    return slots;
}

bool plan_tcp_sleeps(const struct plan_chain *c)
{
    const struct plan_nf *n;
    const struct handler *h;

    LIST_EACH (n, &c->nfs)
        LIST_EACH (h, &n->ir->source->nf->handlers)
            if (h->monitors && !handler_sleeps(h))
                return false;
    return c->ir->source->monitors;
}

bool plan_edits(const struct plan_chain *c)
{
    const struct plan_nf *n;

    LIST_EACH (n, &c->nfs)
        if (calls_of(n).edits)
            return true;
    return false;
}

unsigned plan_tcp_bytes(const struct plan_chain *c)
{
    if (!c->ir->source->monitors)
        return 0;
    return TCP_BYTES + KEPT_BYTES * plan_tcp_slots(c);
}
