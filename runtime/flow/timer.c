#include "flow/timer.h"
#include <nfl/trace.h>

void nfl_timers_start(struct nfl_worker *w, uint64_t now)
{
    unsigned i, k;

    for (i = 0; i < w->n_chains; i++)
        for (k = 0; k < w->chains[i].desc->n_timers; k++)
            w->chains[i].timers[k] = now + w->chains[i].desc->timers[k].ticks;
}

bool nfl_timer_first(struct nfl_worker *w, struct nfl_timer *t)
{
    unsigned i, k;

    t->due = UINT64_MAX;
    for (i = 0; i < w->n_chains; i++)
        for (k = 0; k < w->chains[i].desc->n_timers; k++)
            if (w->chains[i].timers[k] < t->due)
                *t = (struct nfl_timer){&w->chains[i], k,
                                        w->chains[i].timers[k]};
    w->timer_at = t->due;
    return t->due <= w->now;
}

/* In a trace that is one of several, after the ends of the chain's flows. */
static void mark(struct nfl_worker *w, const struct nfl_timer *t,
                 uint32_t shard)
{
    nfl_trace_due(w->trace, t->due, (unsigned)(t->chain - w->chains),
                  (uint64_t)1 << 63 | (uint64_t)t->index << 32 | shard);
}

void nfl_timer_run(struct nfl_worker *w, const struct nfl_timer *t)
{
    const struct nfl_chain_desc *d = t->chain->desc;
    uint64_t ticks = d->timers[t->index].ticks;
    uint64_t periods = (w->now - t->due) / ticks + 1;
    uint32_t first = nfl_first_shard(d->shards, w->of, w->index), i, n;

    t->chain->timers[t->index] += periods * ticks;
    n = (uint32_t)nfl_share(d->shards, w->of, w->index);
    if (!d->timers[t->index].every)
        n = n > 0 && first == 0;
    for (i = 0; i < n; i++) {
        if (w->trace && w->apart)
            mark(w, t, first + i);
        d->timer(w, t->chain, t->index, first + i, (uint32_t)periods);
    }
    if (w->trace && w->apart && n > 0)
        nfl_trace_due(w->trace, UINT64_MAX, 0, 0);
}
