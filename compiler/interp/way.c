/* From NF to NF: steps, and branches by the exit that was chosen. */
#include "interp/way.h"
#include "base/arena.h"
#include "interp/world.h"
#include <stdlib.h>

/* Step number i of those in the order of flows from a side. */
static const struct step *nth(const struct steps *all, unsigned side,
                              unsigned i)
{
    const struct step *s = all->first;

    for (unsigned k = side == 0 ? i : all->n - 1 - i; k > 0; k--)
        s = s->next;
    return s;
}

/* ---- orders ---- */

static void put(struct passage *c, unsigned side, unsigned position,
                unsigned *n)
{
    for (unsigned i = 0; i < *n; i++)
        if (c->order[side][i] == position)
            return;
    c->order[side][(*n)++] = position;
}

static void order(struct passage *c, unsigned side, const struct steps *all,
                  unsigned *n)
{
    const struct branch *b;

    for (unsigned i = 0; i < all->n; i++) {
        const struct step *s = nth(all, side, i);

        put(c, side, s->at->index, n);
        LIST_EACH (b, &s->branches)
            order(c, side, &b->steps, n);
    }
}

void way_orders(struct world *w, struct passage *c)
{
    for (unsigned side = 0; side < 2; side++) {
        unsigned n = 0;

        c->order[side] = arena_alloc(w->arena, (c->n + 1) * sizeof(unsigned));
        order(c, side, &c->chain->steps, &n);
    }
}

/* ---- exits ---- */

void way_choose(struct moment *m, const struct exit *x, bool flow)
{
    unsigned k = m->station->at->index;

    if (!flow)
        m->exit = x->number;
    else if (!m->session->settled[k])
        m->session->exit[k] = x->number;
}

static unsigned exit_at(const struct moment *m, const struct step *s)
{
    if (m->exit && !m->chain->chain->two_way)
        return m->exit;
    return m->session ? m->session->exit[s->at->index] : 0;
}

static const struct branch *branch_at(const struct moment *m,
                                      const struct step *s)
{
    const struct branch *b;
    unsigned exit = exit_at(m, s);

    LIST_EACH (b, &s->branches)
        if (b->exits >> exit & 1)
            return b;
    abort(); /* each exit leads somewhere: chain_body.c */
}

/* ---- ways ---- */

enum went { BEHIND, OUT, DROPPED };

/* Does the NF that made the packet stand in there? */
static bool stands_in(const struct moment *m, const struct steps *all)
{
    const struct step *s;
    const struct branch *b;

    LIST_EACH (s, all) {
        if (&m->chain->stations[s->at->index] == m->enters)
            return true;
        LIST_EACH (b, &s->branches)
            if (stands_in(m, &b->steps))
                return true;
    }
    return false;
}

/* The branch in which it stands: the one that the flow takes, or else the first
 * one. NULL: it stands in none of s. */
static const struct branch *branch_of(const struct moment *m,
                                      const struct step *s)
{
    const struct branch *b = s->branches.n ? branch_at(m, s) : NULL;

    if (b && stands_in(m, &b->steps))
        return b;
    LIST_EACH (b, &s->branches)
        if (stands_in(m, &b->steps))
            return b;
    return NULL;
}

/* Whether its way begins at the NF, which made or held it. */
static bool begins_at(const struct moment *m, const struct step *s)
{
    return &m->chain->stations[s->at->index] == m->enters;
}

/* Past the NF; its maker it leaves. False: it is dropped. */
static bool passes(struct moment *m, const struct step *s)
{
    bool leaves = m->enters && !m->again;

    m->station = &m->chain->stations[s->at->index];
    m->enters = NULL;
    if (!leaves)
        return station_passes(m);
    m->exit = 0;
    if (m->session && !m->back)
        session_translate(m->session, s->at->index, m->packet);
    return true;
}

static enum went forward(struct moment *m, const struct steps *all)
{
    const struct branch *b;
    enum went went;

    for (unsigned i = 0; i < all->n; i++) {
        const struct step *s = nth(all, m->side, i);

        b = m->enters ? branch_of(m, s) : NULL;
        if (m->enters && !b && !begins_at(m, s))
            continue;
        if (!b && !passes(m, s))
            return DROPPED;
        if (!s->branches.n)
            continue;
        if (!b)
            b = branch_at(m, s);
        went = forward(m, &b->steps);
        if (went != BEHIND)
            return went;
        if (b->out)
            return OUT;
    }
    return BEHIND;
}

/* Do packets of the flow leave in one of the branches of s? */
static bool leaves(struct moment *m, const struct step *s)
{
    const struct branch *b;

    if (!s->branches.n)
        return false;
    b = branch_at(m, s);
    if (b->out)
        return true;
    for (unsigned i = 0; i < b->steps.n; i++)
        if (leaves(m, nth(&b->steps, 0, i)))
            return true;
    return false;
}

/* False if the packet is dropped. */
static bool backward(struct moment *m, const struct steps *all)
{
    unsigned side = m->session->side, i = 0;

    m->exit = 0;
    while (i < all->n && (m->enters || !leaves(m, nth(all, side, i))))
        i++;
    for (i = i < all->n ? i + 1 : i; i > 0; i--) {
        const struct step *s = nth(all, side, i - 1);
        const struct branch *b = m->enters ? branch_of(m, s) : NULL;
        unsigned k = s->at->index;

        if (m->enters && !b && !begins_at(m, s))
            continue;
        if (s->branches.n && !begins_at(m, s)) {
            m->session->settled[k] |= s->fixed && !m->session->exit[k];
            if (!backward(m, b ? &b->steps : &branch_at(m, s)->steps))
                return false;
        }
        if (!passes(m, s))
            return false;
        m->exit = 0;
    }
    return true;
}

bool way_goes_on(struct moment *m, unsigned position)
{
    m->enters = &m->chain->stations[position];
    return way_passes(m);
}

bool way_passes(struct moment *m)
{
    const struct chain *c = m->chain->chain;

    if (c->two_way && m->back)
        return backward(m, &c->steps);
    return forward(m, &c->steps) != DROPPED;
}
