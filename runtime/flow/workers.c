/* The workers of a run, and the division of the shards among them. */
#include "flow/table.h"
#include <nfl/options.h>
#include <nfl/order.h>
#include <stdlib.h>
#include <string.h>

/* ---- shards and their owners ---- */

/* The first n % of workers have one more than the others. */
unsigned nfl_owner_of(uint32_t n, unsigned of, uint32_t s)
{
    uint32_t each = n / of, more = n % of, edge = more * (each + 1);

    return s < edge ? s / (each + 1) : more + (s - edge) / each;
}

uint32_t nfl_first_shard(uint32_t n, unsigned of, unsigned index)
{
    uint32_t more = n % of;

    return index * (n / of) + (index < more ? index : more);
}

/* A chain in which any division is right. */
static bool indifferent(const struct nfl_chain_desc *d)
{
    return d->key == NFL_KEY_NONE;
}

/* Not normative, the same for both directions. */
static uint64_t hash_flow(const struct nfl_tuple *t)
{
    uint64_t ends = (uint64_t)(t->src ^ t->dst) ^
                    (uint64_t)((t->src ^ t->dst) >> 64) ^
                    ((uint64_t)(t->sport ^ t->dport) << 32 | t->proto);

    return nfl_hash(0, &ends, sizeof(ends));
}

/* Of the chains that take packets from the port one that is not indifferent,
 * if there is one: all that are not divide them in the same way. */
static const struct nfl_chain *divider_of(const struct nfl_worker *w,
                                          unsigned port)
{
    const struct nfl_chain *c = NULL;
    unsigned i;

    for (i = 0; i < w->n_chains; i++)
        if (nfl_chain_enters(w->chains[i].desc, port) &&
            (!c || indifferent(c->desc)))
            c = &w->chains[i];
    return c;
}

unsigned nfl_worker_of(const struct nfl_worker *w, const struct nfl_module *m,
                       struct nfl_pkt *p, unsigned turn)
{
    const struct nfl_chain *c;
    struct nfl_tuple t;
    uint32_t shard = 0;

    if (w->of == 1)
        return 0;
    c = divider_of(w, p->port);
    if (!c)
        return 0;
    if (indifferent(c->desc) && turn == NFL_TURN_FLOW)
        return m->tuple(p, &t) ? (unsigned)(hash_flow(&t) % w->of) : 0;
    if (indifferent(c->desc))
        return turn % w->of;
    if (c->desc->shards > 1 && m->tuple(p, &t))
        shard = nfl_shard_of(c, &t, p->port != c->desc->port[0]);
    return nfl_owner_of(c->desc->shards, w->of, shard);
}

/* ---- set-up and end ---- */

/* More workers than shards of any chain: one of them would have no work. */
static bool fits(const struct nfl_module *m, unsigned n, char *err,
                 size_t errlen)
{
    const struct nfl_chain_desc *most = NULL;
    unsigned i;

    for (i = 0; i < m->n_chains; i++) {
        if (indifferent(m->chains[i]))
            return true;
        if (!most || m->chains[i]->shards > most->shards)
            most = m->chains[i];
    }
    if (!most || n == 1 || n <= most->shards)
        return true;
    snprintf(err, errlen,
             "--cores=%u: chain %s has %u shard%s, and a core with none would "
             "have nothing to do; write --cores=%u or less, or give the chain "
             "flows(..., shards = %u)",
             n, most->name, most->shards, most->shards == 1 ? "" : "s",
             most->shards, n);
    return false;
}

static struct nfl_worker *worker_new(void)
{
    const size_t line = __alignof__(struct nfl_worker);
    size_t len = (sizeof(struct nfl_worker) + line - 1) / line * line;

    return aligned_alloc(line, len);
}

bool nfl_workers_init(struct nfl_workers *all, unsigned n,
                      const struct nfl_module *m, const void *options,
                      uint64_t seed, char *err, size_t errlen)
{
    struct nfl_part part = {NULL, 0, n};
    const struct nfl_options *o = options;

    memset(all, 0, sizeof(*all));
    if (!fits(m, n, err, errlen))
        return false;
    if (o && o->order) {
        all->order = nfl_order_open(o->order, err, errlen);
        if (!all->order)
            return false;
    }
    for (; part.index < n; part.index++) {
        struct nfl_worker *w = worker_new();

        if (!w) {
            snprintf(err, errlen, "no memory");
            break;
        }
        if (!nfl_worker_init(w, &part, m, options, seed, err, errlen)) {
            free(w);
            break;
        }
        w->order = all->order;
        all->at[all->n++] = w;
        part.first = all->at[0];
    }
    if (all->n < n)
        nfl_workers_fini(all);
    return all->n == n;
}

void nfl_workers_fini(struct nfl_workers *all)
{
    while (all->n > 0) {
        struct nfl_worker *w = all->at[--all->n];

        nfl_worker_fini(w);
        free(w);
    }
    nfl_order_close(all->order);
    all->order = NULL;
}
