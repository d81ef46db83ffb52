/* The end of a run, for the flows that are live then. */
#include "flow/early.h"
#include "flow/table.h"
#include <nfl/queue.h>
#include <stdlib.h>

struct live {
    struct nfl_worker *worker;
    struct nfl_session *session;
    uint64_t armed;
};

static int by_arming(const void *a, const void *b)
{
    const struct live *x = a, *y = b;

    return x->armed < y->armed ? -1 : x->armed > y->armed;
}

/* Adds the chain's live flows of one worker. */
static size_t add(struct live *to, size_t n, struct nfl_worker *w,
                  const struct nfl_table *t)
{
    for (unsigned v6 = 0; v6 < 2; v6++) {
        for (uint64_t i = 1; i < t->unused[v6]; i++) {
            struct nfl_session *s = nfl_table_at(t, (uint32_t)i << 1 | v6);

            if (s->live)
                to[n++] = (struct live){w, s, nfl_session_armed(s)};
        }
    }
    return n;
}

static bool chain_stop(struct nfl_workers *all, unsigned chain)
{
    struct live *live;
    uint64_t most = 0;
    size_t n = 0;

    for (unsigned i = 0; i < all->n; i++)
        most += all->at[i]->chains[chain].table->counts.live;
    live = calloc(most + 1, sizeof(*live));
    if (!live)
        return false;
    for (unsigned i = 0; i < all->n; i++)
        n = add(live, n, all->at[i], all->at[i]->chains[chain].table);
    qsort(live, n, sizeof(*live), by_arming);
    for (size_t i = 0; i < n; i++) {
        struct nfl_chain *c = &live[i].worker->chains[chain];

        c->desc->stop(live[i].worker, c, live[i].session);
    }
    free(live);
    return true;
}

bool nfl_workers_stop(struct nfl_workers *all, FILE *trace)
{
    uint64_t packets = 0, now = 0;
    bool good = true;

    for (unsigned i = 0; i < all->n; i++) {
        const struct nfl_worker *w = all->at[i];

        packets = w->packets > packets ? w->packets : packets;
        now = w->now > now ? w->now : now;
    }
    for (unsigned i = 0; i < all->n; i++) {
        all->at[i]->trace = trace;
        all->at[i]->apart = false;
        all->at[i]->packets = packets;
        all->at[i]->now = now;
    }
    for (unsigned i = 0; i < all->at[0]->n_chains; i++)
        nfl_queues_end(all->at[0], &all->at[0]->chains[i]);
    for (unsigned i = 0; i < all->n; i++)
        for (unsigned k = 0; k < all->at[i]->n_chains; k++)
            nfl_early_end(all->at[i], &all->at[i]->chains[k]);
    for (unsigned i = 0; i < all->at[0]->n_chains; i++)
        if (all->at[0]->chains[i].desc->stop)
            good = chain_stop(all, i) && good;
    return good;
}
