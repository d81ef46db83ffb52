#include "flow/inlet.h"
#include "flow/fragment.h"
#include "flow/table.h"
#include <stdlib.h>

enum { READY = NFL_BURST + NFL_FRAGMENT_HELD };

struct nfl_inlet {
    const struct nfl_module *module;
    uint64_t *drops;
    struct nfl_inlet_buffers buffers;
    struct nfl_pkt ready[READY];
    unsigned from, n;
    struct nfl_tracker *tracker[]; /* by port; NULL: it needs none */
};

/* Of the chains with a flow table at the port, which say all the same. */
static enum nfl_fragments mode(const struct nfl_module *m, unsigned port)
{
    unsigned i;

    for (i = 0; i < m->n_chains; i++)
        if (m->chains[i]->flows && nfl_chain_enters(m->chains[i], port))
            return m->chains[i]->flows->fragments;
    return NFL_FRAGMENTS_PASS;
}

static bool needed(const struct nfl_module *m)
{
    unsigned i;

    for (i = 0; i < m->n_ports; i++)
        if (mode(m, i) != NFL_FRAGMENTS_PASS)
            return true;
    return false;
}

unsigned nfl_inlet_held(const struct nfl_module *m)
{
    unsigned i, n = 0;

    for (i = 0; i < m->n_ports; i++)
        switch (mode(m, i)) {
        case NFL_FRAGMENTS_TRACK:
            n += NFL_FRAGMENT_HELD;
            break;
        case NFL_FRAGMENTS_REASSEMBLE:
            n += NFL_FRAGMENT_JOINING;
            break;
        default:
            break;
        }
    return n;
}

uint32_t nfl_inlet_longest(const struct nfl_module *m)
{
    unsigned i;

    for (i = 0; i < m->n_ports; i++)
        if (mode(m, i) == NFL_FRAGMENTS_REASSEMBLE)
            return NFL_FRAGMENT_FRAME;
    return 0;
}

static void enter(void *self, const struct nfl_pkt *p)
{
    struct nfl_inlet *in = self;

    in->ready[(in->from + in->n++) % READY] = *p;
}

static void drop(void *self, const struct nfl_pkt *p, enum nfl_drop reason)
{
    struct nfl_inlet *in = self;

    in->drops[reason]++;
    in->buffers.discard(p->buffer);
}

bool nfl_inlet_new(struct nfl_inlet **inlet, const struct nfl_module *m,
                   uint64_t seed, uint64_t *drops,
                   const struct nfl_inlet_buffers *buffers)
{
    struct nfl_inlet *in;
    unsigned i;

    *inlet = NULL;
    if (!needed(m))
        return true;
    in = calloc(1, sizeof(*in) + m->n_ports * sizeof(struct nfl_tracker *));
    if (!in)
        return false;
    in->module = m;
    in->drops = drops;
    in->buffers = *buffers;
    for (i = 0; i < m->n_ports; i++) {
        const struct nfl_fragment_sink to = {enter, drop, buffers->grow, in};
        const enum nfl_fragments how = mode(m, i);

        if (how != NFL_FRAGMENTS_TRACK && how != NFL_FRAGMENTS_REASSEMBLE)
            continue;
        in->tracker[i] =
            nfl_tracker_new(m, seed, how == NFL_FRAGMENTS_REASSEMBLE, &to);
        if (!in->tracker[i]) {
            nfl_inlet_free(in);
            return false;
        }
    }
    *inlet = in;
    return true;
}

void nfl_inlet_free(struct nfl_inlet *in)
{
    struct nfl_pkt p;
    unsigned i;

    if (!in)
        return;
    nfl_inlet_end(in);
    while (nfl_inlet_get(in, &p)) /* the run was broken off */
        drop(in, &p, NFL_DROP_fragment_first);
    for (i = 0; i < in->module->n_ports; i++)
        nfl_tracker_free(in->tracker[i]);
    free(in);
}

void nfl_inlet_put(struct nfl_inlet *in, struct nfl_pkt *p)
{
    struct nfl_fragment f;

    if (mode(in->module, p->port) == NFL_FRAGMENTS_PASS ||
        !nfl_fragment_find(p->data, p->len, &f))
        enter(in, p);
    else if (in->tracker[p->port])
        nfl_tracker_take(in->tracker[p->port], p, &f);
    else
        drop(in, p, NFL_DROP_fragment);
}

bool nfl_inlet_get(struct nfl_inlet *in, struct nfl_pkt *p)
{
    if (in->n == 0)
        return false;
    *p = in->ready[in->from];
    in->from = (in->from + 1) % READY;
    in->n--;
    return true;
}

void nfl_inlet_end(struct nfl_inlet *in)
{
    unsigned i;

    for (i = 0; i < in->module->n_ports; i++)
        if (in->tracker[i])
            nfl_tracker_end(in->tracker[i]);
}
