/* Sessions come and go: found by their packets, opened, evicted, ended. */
#include "flow/early.h"
#include "flow/monitor.h"
#include "flow/table.h"
#include "ustack/lifetime.h"
#include <nfl/queue.h>

static void gone(struct nfl_table *t, struct nfl_session *s,
                 const uint64_t hash[2])
{
    struct nfl_lease *l, *next;

    for (l = nfl_lease_next(s, NULL); l; l = next) {
        next = nfl_lease_next(s, l);
        l->release(l);
    }
    nfl_table_drop(t, s, hash);
    t->counts.ended++;
    t->counts.live--;
}

void nfl_session_end(struct nfl_worker *w, struct nfl_chain *c,
                     struct nfl_session *s)
{
    uint64_t hash[2];

    nfl_table_leaves(c->table, s, hash);
    if (c->desc->end)
        c->desc->end(w, c, s);
    if (c->queues)
        nfl_queues_forget(w, c, s);
    if (c->early)
        nfl_early_forget(w, c, s);
    nfl_monitor_forgets(c, s);
    nfl_age_remove(c->table, s);
    gone(c->table, s, hash);
}

/* The first that ended is gone. */
static void next_gone(struct nfl_table *t)
{
    const struct nfl_leaving *l = &t->leaving[t->leaving_from];

    t->leaving_from = (t->leaving_from + 1) % NFL_LEAVING;
    t->n_leaving--;
    gone(t, l->session, l->hash);
}

void nfl_session_end_some(struct nfl_worker *w, struct nfl_chain *c,
                          struct nfl_session *s)
{
    struct nfl_table *t = c->table;
    struct nfl_leaving *l;

    if (c->desc->end) { /* whose handlers may look at anything */
        nfl_session_end(w, c, s);
        return;
    }
    if (c->queues)
        nfl_queues_forget(w, c, s);
    if (c->early)
        nfl_early_forget(w, c, s);
    nfl_monitor_forgets(c, s);
    if (t->n_leaving == NFL_LEAVING)
        next_gone(t);
    l = &t->leaving[(t->leaving_from + t->n_leaving++) % NFL_LEAVING];
    l->session = s;
    nfl_table_leaves(t, s, l->hash);
    nfl_age_remove(t, s);
}

void nfl_session_ended(struct nfl_chain *c)
{
    while (c->table && c->table->n_leaving > 0)
        next_gone(c->table);
}

/* A free entry of the shard, by the chain's policy if there is none left. */
static struct nfl_session *make_room(struct nfl_worker *w, struct nfl_chain *c,
                                     unsigned shard, bool v6)
{
    struct nfl_table *t = c->table;
    struct nfl_session *s = nfl_table_take(t, shard, v6), *victim = NULL;

    if (s)
        return s;
    if (c->turning)
        victim = NULL;
    else if (t->full == NFL_FULL_OLDEST && t->shards[shard].first)
        victim = nfl_table_at(t, t->shards[shard].first);
    else if (t->full == NFL_FULL_IDLE)
        victim = nfl_age_idlest(t, shard);
    if (!victim) {
        t->counts.refused++;
        return NULL;
    }
    t->counts.evicted++;
    c->evicting = true;
    nfl_session_end(w, c, victim);
    c->evicting = false;
    return nfl_table_take(t, shard, v6);
}

static struct nfl_session *session_open(struct nfl_worker *w,
                                        struct nfl_chain *c,
                                        const struct nfl_tuple *t,
                                        unsigned side, uint64_t hash,
                                        const struct nfl_l4 *l4)
{
    unsigned shard = nfl_shard_of(c, t, side);
    struct nfl_session *s = make_room(w, c, shard, t->v6);

    if (!s)
        return NULL;
    nfl_session_begin(c->desc, s, t, side);
    s->config_age = c->config_age;
    s->ports = l4->ports & (NFL_SET_SPORT | NFL_SET_DPORT);
    s->shard = (uint16_t)shard;
    us_lifetime_packet(s, l4, 0, true);
    nfl_table_add(c->table, s, hash);
    nfl_age_add(c->table, s, w);
    c->table->counts.opened++;
    c->table->counts.live++;
    return s;
}

bool nfl_session_claims(struct nfl_worker *w, struct nfl_chain *c,
                        const struct nfl_tuple *t, unsigned side, uint64_t hash,
                        const struct nfl_l4 *l4)
{
    struct nfl_session *s;
    bool back;

    for (;;) {
        s = nfl_table_find(c->table, t, side, hash, &back);
        if (!s || !us_lifetime_reopens(s, l4))
            return s != NULL;
        c->reused_at = w->packets;
        nfl_session_end(w, c, s);
    }
}

struct nfl_session *nfl_session_packet(struct nfl_worker *w,
                                       struct nfl_chain *c,
                                       const struct nfl_tuple *t, unsigned side,
                                       uint64_t hash, const struct nfl_l4 *l4,
                                       bool *back)
{
    struct nfl_session *s = nfl_table_find(c->table, t, side, hash, back);

    if (s && s != c->kept && us_lifetime_reopens(s, l4)) {
        c->reused_at = w->packets;
        nfl_session_end(w, c, s);
        *back = false;
        s = NULL;
    }
    if (!s)
        return session_open(w, c, t, side, hash, l4);
    us_lifetime_packet(s, l4, *back, false);
    nfl_age_arm(c->table, s, w);
    return s;
}

struct nfl_session *nfl_session_find(const struct nfl_chain *c,
                                     const struct nfl_tuple *t, unsigned side)
{
    bool back;

    return nfl_table_find(c->table, t, side, nfl_table_hash(c->table, t, side),
                          &back);
}

struct nfl_session *nfl_session_quoted(const struct nfl_chain *c,
                                       const struct nfl_tuple *t, unsigned side,
                                       uint64_t hash, bool *back)
{
    return nfl_table_find(c->table, t, side, hash, back);
}

bool nfl_session_goes_on(struct nfl_session *s, const uint8_t *l4, bool back)
{
    return us_lifetime_goes_on(s, s->proto, l4, back);
}

void nfl_session_lease(struct nfl_session *s, struct nfl_lease *l)
{
    l->next = s->leases ? s->leases->next : l;
    if (s->leases)
        s->leases->next = l;
    s->leases = l;
}
