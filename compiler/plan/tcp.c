/* What a chain's TCP monitor needs of a session. */
#include "base/arena.h"
#include "ir/walk.h"
#include "plan/layout.h"

/* NFL_TCP_BYTES, NFL_KEPT_BYTES, NFL_UNACKED_BYTES and NFL_INLINE_BYTES of the
 * runtime; where they are others, emitted code does not compile. */
enum {
    TCP_BYTES = 144,
    KEPT_BYTES = 16,
    UNACKED_BYTES = 16,
    INLINE_BYTES = 32
};

struct edits { /* of payloads, by C */
    struct ir_visit visit;
    bool any;
};

static void see(struct ir_visit *v, const struct ir_stmt *s)
{
    ((struct edits *)v)->any |= s->op == IR_call && s->member->edits;
}

bool plan_keeps(const struct plan_nf *n)
{
    return n->ir->source->nf->keeps;
}

unsigned plan_tcp_slots(const struct plan_chain *c)
{
    const struct plan_nf *n;
    unsigned slots = 0;

    LIST_EACH (n, &c->nfs)
        slots += plan_keeps(n);
    return slots;
}

bool plan_changes(const struct plan_chain *c)
{
    const struct plan_nf *n;

    LIST_EACH (n, &c->nfs)
        if (n->ir->source->nf->changes)
            return true;
    return false;
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
    struct edits e = {.visit = {NULL, see}};
    const struct plan_nf *n;
    const struct ir_handler *h;

    LIST_EACH (n, &c->nfs)
        LIST_EACH (h, &n->ir->handlers)
            ir_walk_handler(&e.visit, h);
    return e.any;
}

unsigned plan_tcp_bytes(const struct plan_chain *c)
{
    if (!c->ir->source->monitors)
        return 0;
    return TCP_BYTES + KEPT_BYTES * plan_tcp_slots(c) +
           (c->ir->source->tcp.unacked ? UNACKED_BYTES : 0) +
           (c->ir->source->tcp.in_line ? INLINE_BYTES : 0);
}
