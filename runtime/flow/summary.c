/* What the workers did, for the report and the final state: as if it had been
 * one. */
#include "flow/summary.h"
#include "flow/table.h"
#include <nfl/table.h>
#include <stdlib.h>
#include <string.h>

/* ---- the report ---- */

enum { ENTRY_TEXT = 8192 };

static const char *const own_reason[NFL_DROP_N] = {
#define DROP(name, text, sentence) text,
#include <nfl/drop.def>
#undef DROP
};

static const char *const storage_name[NFL_STORAGE_N] = {
    [NFL_FLOW] = "flow",
    [NFL_SHARED] = "shared",
    [NFL_SPLIT] = "split",
    [NFL_ATOMIC] = "atomic",
};

static void *rows(size_t n, size_t bytes, bool *ok)
{
    void *p = calloc(n + 1, bytes);

    *ok = *ok && p;
    return p;
}

static unsigned with_flows(const struct nfl_worker *w)
{
    unsigned i, n = 0;

    for (i = 0; i < w->n_chains; i++)
        n += w->chains[i].table != NULL;
    return n;
}

static uint64_t drops(const struct nfl_workers *all, unsigned reason)
{
    uint64_t n = reason < NFL_DROP_N ? all->drops[reason] : 0;
    unsigned k;

    for (k = 0; k < all->n; k++)
        n += all->at[k]->drops[reason];
    return n;
}

/* Of chain i. */
static struct nfl_flow_counts flow_counts(const struct nfl_workers *all,
                                          unsigned i)
{
    struct nfl_flow_counts sum = {0};
    unsigned k;

    for (k = 0; k < all->n; k++) {
        const struct nfl_flow_counts *n = &all->at[k]->chains[i].table->counts;

        sum.opened += n->opened;
        sum.ended += n->ended;
        sum.evicted += n->evicted;
        sum.refused += n->refused;
        sum.live += n->live;
    }
    return sum;
}

static void report_drops(const struct nfl_workers *all,
                         const struct nfl_module *m, struct nfl_report *r)
{
    const struct nfl_worker *w = all->at[0];
    unsigned i, j;

    for (i = NFL_DROP_none + 1; i < NFL_DROP_N; i++) {
        if (i != NFL_DROP_table_full) {
            r->drops[r->n_drops++] = (struct nfl_report_drop){
                NULL, NULL, own_reason[i], drops(all, i),
                i == NFL_DROP_end || i == NFL_DROP_fragment_joined};
            continue;
        }
        for (j = 0; j < w->n_chains; j++)
            if (w->chains[j].table)
                r->drops[r->n_drops++] = (struct nfl_report_drop){
                    w->chains[j].desc->name, NULL, own_reason[i],
                    flow_counts(all, j).refused, false};
    }
    for (i = 0; i < m->n_reasons; i++)
        r->drops[r->n_drops++] = (struct nfl_report_drop){
            m->reasons[i].chain, m->reasons[i].nf, m->reasons[i].text,
            drops(all, NFL_DROP_N + i), false};
}

static void report_flows(const struct nfl_workers *all, struct nfl_report *r)
{
    const struct nfl_worker *w = all->at[0];
    unsigned i, k;

    for (i = 0; i < w->n_chains; i++) {
        const struct nfl_chain *c = &w->chains[i];
        struct nfl_flow_counts n;

        for (k = 0; k < all->n; k++) {
            r->made += all->at[k]->chains[i].made;
            r->held += all->at[k]->chains[i].held;
        }
        if (!c->table)
            continue;
        n = flow_counts(all, i);
        r->flows[r->n_flows++] =
            (struct nfl_report_flows){c->desc->name, c->desc->flows->size,
                                      n.opened,      n.ended,
                                      n.evicted,     n.refused,
                                      n.live};
    }
}

static uint64_t runs(const struct nfl_workers *all, unsigned chain,
                     unsigned handler)
{
    uint64_t n = 0;
    unsigned k;

    for (k = 0; k < all->n; k++)
        n += all->at[k]->chains[chain].runs[handler];
    return n;
}

static void report_handlers(const struct nfl_workers *all, struct nfl_report *r)
{
    const struct nfl_worker *w = all->at[0];
    unsigned i, j;

    for (i = 0; i < w->n_chains; i++) {
        const struct nfl_chain_desc *d = w->chains[i].desc;

        for (j = 0; j < d->n_handlers; j++)
            r->handlers[r->n_handlers++] = (struct nfl_report_handler){
                d->name, d->nfs[d->handlers[j].nf].name, d->handlers[j].events,
                d->handlers[j].line, runs(all, i, j)};
    }
}

/* Of 1, 2, 4, 8 or 16 bytes, as the machine stores them; for a union too, the
 * number comes first. */
static nfl_u128 load(const uint8_t *p, unsigned bytes)
{
    nfl_u128 v = 0;

    memcpy(&v, p, bytes > sizeof(v) ? sizeof(v) : bytes);
    return v;
}

/* The block of a shard, of the worker that owns it. */
static const uint8_t *block(const struct nfl_workers *all, unsigned chain,
                            uint32_t shard)
{
    const struct nfl_chain_desc *d = all->at[0]->chains[chain].desc;
    unsigned owner = nfl_owner_of(d->shards, all->n, shard);

    return all->at[owner]->chains[chain].shared +
           (size_t)shard * d->shared_bytes;
}

static uint64_t merged(const struct nfl_workers *all, unsigned chain,
                       const struct nfl_var_desc *v)
{
    const struct nfl_chain *c = &all->at[0]->chains[chain];
    uint64_t total = 0, one;
    uint32_t s;

    if (v->storage == NFL_ATOMIC)
        return (uint64_t)load(c->atomic + v->offset, v->bytes);
    for (s = 0; s < c->desc->shards; s++) {
        one = (uint64_t)load(block(all, chain, s) + v->offset, v->bytes);
        if (v->total == NFL_TOTAL_SUM)
            total += one;
        else if (total < one)
            total = one;
    }
    return total;
}

static void report_value(const struct nfl_workers *all, unsigned chain,
                         const struct nfl_var_desc *v, struct nfl_report *r)
{
    const struct nfl_chain_desc *d = all->at[0]->chains[chain].desc;
    bool sum = v->total == NFL_TOTAL_SUM;

    r->values[r->n_values++] = (struct nfl_report_value){
        .chain = d->name,
        .nf = d->nfs[v->nf].name,
        .name = v->name,
        .storage = storage_name[v->storage],
        .merge = v->storage != NFL_SPLIT ? NULL
                 : sum                   ? "sum"
                                         : "max",
        .value = merged(all, chain, v),
        .bucket = v->bucket,
    };
}

static void report_values(const struct nfl_workers *all, struct nfl_report *r)
{
    const struct nfl_worker *w = all->at[0];
    unsigned i, j;

    for (i = 0; i < w->n_chains; i++) {
        const struct nfl_chain_desc *d = w->chains[i].desc;

        for (j = 0; j < d->n_shared_vars; j++)
            report_value(all, i, &d->shared_vars[j], r);
        for (j = 0; j < d->n_atomic_vars; j++)
            report_value(all, i, &d->atomic_vars[j], r);
    }
}

/* The last tick that any of them saw. */
static uint64_t latest(const struct nfl_workers *all)
{
    uint64_t now = 0;
    unsigned k;

    for (k = 0; k < all->n; k++)
        if (all->at[k]->now > now)
            now = all->at[k]->now;
    return now;
}

/* False if there is no memory. */
static bool report_entries(const struct nfl_tab *t, uint64_t now, unsigned most,
                           struct nfl_report_table *row)
{
    const struct nfl_tab_shard *s;
    const struct nfl_entry *e;
    char text[ENTRY_TEXT];
    uint32_t i, k;

    for (i = 0; most && i < t->n_shards; i++) {
        s = &t->shards[i];
        for (k = s->first; k; k = e->after) {
            e = nfl_tab_entry(t, s, k);
            if (e->expires > now &&
                !nfl_report_entry_add(row,
                                      nfl_tab_text(t, e, text, sizeof(text))))
                return false;
        }
    }
    nfl_report_entries_cut(row, most);
    return true;
}

static bool report_tables(const struct nfl_workers *all, struct nfl_report *r)
{
    const struct nfl_worker *w = all->at[0];
    const struct nfl_tab_desc *d;
    struct nfl_report_table *row;
    unsigned i, j;
    uint32_t s;

    for (i = 0; i < w->n_chains; i++) {
        const struct nfl_chain *c = &w->chains[i];

        for (j = 0; j < c->desc->n_tables; j++) {
            const struct nfl_tab *t = c->tabs[j];

            d = t->desc;
            row = &r->tables[r->n_tables++];
            row->chain = c->desc->name;
            row->nf = c->desc->nfs[d->nf].name;
            row->name = d->name;
            row->size = d->size;
            row->entries = nfl_tab_entries(t, latest(all));
            for (s = 0; s < t->n_shards; s++) {
                row->added += t->shards[s].inserted;
                row->evicted += t->shards[s].evicted;
                row->refused += t->shards[s].refused;
            }
            if (!report_entries(t, latest(all), r->top, row))
                return false;
        }
    }
    return true;
}

bool nfl_summary_report(const struct nfl_workers *all,
                        const struct nfl_module *m, struct nfl_report *r)
{
    const struct nfl_worker *w = all->at[0];
    unsigned i, handlers = 0, values = 0, tables = 0;
    bool ok = true;

    for (i = 0; i < w->n_chains; i++) {
        handlers += w->chains[i].desc->n_handlers;
        values +=
            w->chains[i].desc->n_shared_vars + w->chains[i].desc->n_atomic_vars;
        tables += w->chains[i].desc->n_tables + w->chains[i].desc->n_objects;
        values += w->chains[i].desc->n_objects;
    }
    r->program = m->name;
    r->brief = m->brief;
    if (m->brief && r->top == 0)
        r->top = NFL_REPORT_TOP;
    r->n_drops = r->n_flows = r->n_handlers = r->n_values = 0;
    r->n_tables = 0;
    r->cut = all->cut;
    for (i = 0; i < all->n; i++)
        r->cut += all->at[i]->cut;
    r->drops =
        rows(NFL_DROP_N + with_flows(w) + m->n_reasons, sizeof(*r->drops), &ok);
    r->flows = rows(with_flows(w), sizeof(*r->flows), &ok);
    r->handlers = rows(handlers, sizeof(*r->handlers), &ok);
    r->values = rows(values, sizeof(*r->values), &ok);
    r->tables = rows(tables, sizeof(*r->tables), &ok);
    if (!ok)
        return false;
    report_drops(all, m, r);
    report_flows(all, r);
    report_handlers(all, r);
    report_values(all, r);
    if (!report_tables(all, r))
        return false;
    for (i = 0; i < w->n_chains; i++)
        if (w->chains[i].desc->report)
            w->chains[i].desc->report(&w->chains[i], r);
    return true;
}

void nfl_summary_fini(struct nfl_report *r)
{
    for (unsigned i = 0; i < r->n_tables; i++)
        nfl_report_entries_free(&r->tables[i]);
    free(r->drops);
    free(r->flows);
    free(r->handlers);
    free(r->values);
    free(r->tables);
    r->drops = NULL;
    r->flows = NULL;
    r->handlers = NULL;
    r->values = NULL;
    r->tables = NULL;
    r->n_drops = r->n_flows = r->n_handlers = r->n_values = 0;
    r->n_tables = 0;
}

/* ---- the final state ---- */

enum { TUPLE_TEXT = 128, NUM_TEXT = 64 };

static char *var_text(const uint8_t *at, const struct nfl_var_desc *v, char *to)
{
    enum nfl_fmt fmt = v->fmt;
    struct nfl_ipaddr a;

    if (fmt != NFL_FMT_IPADDR)
        return nfl_num_text(load(at, v->bytes), fmt, to, NUM_TEXT);
    memcpy(&a, at, sizeof(a));
    return nfl_num_text(a.a, a.v6 ? NFL_FMT_IPV6 : NFL_FMT_IPV4, to, NUM_TEXT);
}

static const char *reason_text(const struct nfl_module *m, unsigned reason)
{
    if (reason < NFL_DROP_N)
        return own_reason[reason];
    reason -= NFL_DROP_N;
    return reason < m->n_reasons ? m->reasons[reason].text : "?";
}

static void state_vars(const struct nfl_chain_desc *d,
                       const struct nfl_session *s, const char *t0,
                       struct nfl_state *st)
{
    char num[NUM_TEXT];
    unsigned i;

    for (i = 0; i < d->n_flow_vars; i++) {
        const struct nfl_var_desc *v = &d->flow_vars[i];

        nfl_state_add(st, "flow %s %s var %s %s %s", d->name, t0,
                      d->nfs[v->nf].name, v->name,
                      var_text((const uint8_t *)s + v->offset, v, num));
    }
}

static void state_flow(const struct nfl_module *m,
                       const struct nfl_chain_desc *d,
                       const struct nfl_session *s, struct nfl_state *st)
{
    struct nfl_tuple arrives = nfl_session_t0(d, s);
    struct nfl_tuple leaves = nfl_session_tn(d, s);
    char t0[TUPLE_TEXT], tn[TUPLE_TEXT];
    const struct nfl_lease *l;
    unsigned i;

    nfl_tuple_text(&arrives, t0, sizeof(t0));
    nfl_tuple_text(&leaves, tn, sizeof(tn));
    nfl_state_add(st, "flow %s %s leaves %s shard %u expires %llu", d->name, t0,
                  tn, s->shard, (unsigned long long)nfl_session_expires(s));
    state_vars(d, s, t0, st);
    for (i = 0; i < d->n_nfs; i++)
        if (s->dropped >> i & 1 && d->nfs[i].drop_slot >= 0)
            nfl_state_add(
                st, "flow %s %s dropped %s %s", d->name, t0, d->nfs[i].name,
                reason_text(m, nfl_session_drops(d, s)[d->nfs[i].drop_slot]));
    for (l = nfl_lease_next(s, NULL); l; l = nfl_lease_next(s, l))
        nfl_state_add(st, "flow %s %s lease %s %s %llu", d->name, t0,
                      d->nfs[l->nf].name, l->name,
                      (unsigned long long)l->value);
}

static void state_shared(const struct nfl_workers *all, unsigned chain,
                         struct nfl_state *st)
{
    const struct nfl_chain_desc *d = all->at[0]->chains[chain].desc;
    char num[NUM_TEXT];
    unsigned i;
    uint32_t s;

    for (s = 0; s < d->shards; s++) {
        for (i = 0; i < d->n_shared_vars; i++) {
            const struct nfl_var_desc *v = &d->shared_vars[i];
            const uint8_t *at = block(all, chain, s) + v->offset;
            bool v6 = v->fmt == NFL_FMT_IPADDR && at[sizeof(nfl_u128)];

            if (load(at, v->bytes) || v6)
                nfl_state_add(st, "%s %s %u %s %s %s", storage_name[v->storage],
                              d->name, s, d->nfs[v->nf].name, v->name,
                              var_text(at, v, num));
        }
    }
}

static void state_atomic(const struct nfl_chain *c, struct nfl_state *st)
{
    const struct nfl_chain_desc *d = c->desc;
    char num[NUM_TEXT];
    unsigned i;

    for (i = 0; i < d->n_atomic_vars; i++) {
        const struct nfl_var_desc *v = &d->atomic_vars[i];

        if (load(c->atomic + v->offset, v->bytes))
            nfl_state_add(st, "atomic %s %s %s %s", d->name, d->nfs[v->nf].name,
                          v->name, var_text(c->atomic + v->offset, v, num));
    }
}

static void state_flows(const struct nfl_module *m, const struct nfl_chain *c,
                        struct nfl_state *st)
{
    const struct nfl_session *s;
    uint32_t v6, i;

    for (v6 = 0; c->table && v6 < 2; v6++)
        for (i = 1; i < c->table->unused[v6]; i++) {
            s = nfl_table_at(c->table, i << 1 | v6);
            if (s->live)
                state_flow(m, c->desc, s, st);
        }
}

void nfl_summary_state(const struct nfl_workers *all,
                       const struct nfl_module *m, struct nfl_state *st)
{
    unsigned i, k;

    for (i = 0; i < m->n_chains; i++) {
        const struct nfl_chain *c = &all->at[0]->chains[i];

        for (k = 0; k < all->n; k++)
            state_flows(m, &all->at[k]->chains[i], st);
        state_shared(all, i, st);
        state_atomic(c, st);
        nfl_summary_tables(c, latest(all), st);
        if (c->desc->state)
            c->desc->state(c, st);
    }
}
