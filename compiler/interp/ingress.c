/* Which chain takes a packet: LANGUAGE.md, "Which chain takes a packet". */
#include "interp/ingress.h"
#include "base/arena.h"
#include "interp/eval.h"
#include "interp/packet.h"
#include "interp/session.h"
#include "interp/world.h"

/* Whether it is a packet of a session of the chain. A SYN that begins anew
 * ends the one before. */
static bool has_session(struct world *w, const struct passage *c,
                        const struct packet *p, unsigned side)
{
    struct session *s;
    bool back;

    for (;;) {
        s = session_find(c, &p->tuple, side, &back);
        if (!s || s->phase != PHASE_CLOSING || !packet_is_bare_syn(p))
            return s != NULL;
        session_end(w, s);
    }
}

static bool filter_holds(struct world *w, struct passage *c, struct packet *p,
                         unsigned side)
{
    struct ival own[1] = {{0}}; /* p, the packet at hand */
    struct moment m = {
        .world = w, .chain = c, .packet = p, .side = side, .locals = own};
    bool holds;

    if (!c->chain->filter)
        return true;
    holds = eval_true(&m, c->chain->filter);
    arena_free(w->scratch);
    w->scratch = arena_new();
    return holds;
}

/* Nobody else has a port of it, and it takes whatever comes. */
static bool alone(const struct passage *c)
{
    return !c->chain->group;
}

struct passage *ingress(struct world *w, struct packet *p,
                        const struct port *port, unsigned *side)
{
    struct passage *c, *end = w->passages + w->n_passages;
    bool any = false;

    for (c = w->passages; c < end; c++) {
        if (!chain_enters(c->chain, port, side))
            continue;
        any = true;
        if (alone(c) ||
            (p->has_flow && c->chain->tracks && has_session(w, c, p, *side)))
            return c;
    }
    for (c = w->passages; c < end; c++)
        if (chain_enters(c->chain, port, side) && filter_holds(w, c, p, *side))
            return c;
    w->drops[any ? OWN_DROP_unclaimed : OWN_DROP_one_way]++;
    return NULL;
}
