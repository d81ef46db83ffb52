/* What NFs translate, and the tuples that result: T0, T1, ... Tn, in the order
 * in which the initiator's packets pass the NFs. */
#include "flow/table.h"

struct nfl_hop *nfl_session_hops(struct nfl_session *s)
{
    return (struct nfl_hop *)(s + 1);
}

/* The fields of a tuple that are set, into another. */
static void apply(uint8_t set, const struct nfl_tuple *to, struct nfl_tuple *t)
{
    if (set & NFL_SET_SRC)
        t->src = to->src;
    if (set & NFL_SET_SPORT)
        t->sport = to->sport;
    if (set & NFL_SET_DST)
        t->dst = to->dst;
    if (set & NFL_SET_DPORT)
        t->dport = to->dport;
}

/* The position of the i-th NF that the initiator's packets may visit. */
static unsigned position(const struct nfl_chain *c, const struct nfl_session *s,
                         unsigned i)
{
    if (s->side == 0)
        return i;
    return c->desc->right ? c->desc->right[i] : c->desc->n_nfs - 1 - i;
}

static unsigned turn_of(const struct nfl_chain *c, const struct nfl_session *s,
                        unsigned nf)
{
    unsigned i = 0;

    if (s->side == 0 || !c->desc->right)
        return s->side == 0 ? nf : c->desc->n_nfs - 1 - nf;
    while (c->desc->right[i] != nf)
        i++;
    return i;
}

/* The hop before position nf, seen from the initiator; NULL: there is none. Of
 * NFs in other branches nothing is set. */
static const struct nfl_hop *hop_before(const struct nfl_chain *c,
                                        const struct nfl_session *s,
                                        unsigned nf)
{
    const struct nfl_hop *hops = (const struct nfl_hop *)(s + 1);
    unsigned i = turn_of(c, s, nf);
    int hop;

    while (i-- > 0) {
        hop = c->desc->nfs[position(c, s, i)].hop;
        if (hop >= 0)
            return &hops[hop];
    }
    return NULL;
}

const struct nfl_tuple *nfl_session_tuple(const struct nfl_chain *c,
                                          const struct nfl_session *s,
                                          unsigned nf)
{
    const struct nfl_hop *h = hop_before(c, s, nf);

    return h ? &h->after : &s->t0;
}

/* The tuple that leaves the NFs from nf on, with `hop` in its place. Writes
 * what leaves each into the session if told to. */
static struct nfl_tuple walk(const struct nfl_chain *c, struct nfl_session *s,
                             unsigned nf, const struct nfl_hop *hop,
                             struct nfl_tuple t, bool write)
{
    struct nfl_hop *hops = nfl_session_hops(s);
    unsigned i;
    int at;

    for (i = turn_of(c, s, nf); i < c->desc->n_nfs; i++) {
        const struct nfl_hop *h;

        at = c->desc->nfs[position(c, s, i)].hop;
        if (at < 0)
            continue;
        h = at == c->desc->nfs[nf].hop ? hop : &hops[at];
        apply(h->set, &h->after, &t);
        if (!write)
            continue;
        hops[at].set = h->set;
        hops[at].after = t;
    }
    return t;
}

/* Does another chain have a session for such packets from the port? */
static bool elsewhere(const struct nfl_worker *w, const struct nfl_chain *c,
                      unsigned port, const struct nfl_tuple *t)
{
    const struct nfl_chain *o;
    unsigned side;
    bool by_tn;

    for (o = w->chains; o < w->chains + w->n_chains; o++) {
        if (o == c || !o->table || !nfl_chain_enters(o->desc, port))
            continue;
        side = o->desc->port[0] != port;
        if (nfl_table_find(o->table, t, side, nfl_table_hash(o->table, t, side),
                           &by_tn))
            return true;
    }
    return false;
}

/* Would packets that answer to tn be found as another session's, or not be
 * looked for where s is? */
static bool lost(const struct nfl_worker *w, const struct nfl_chain *c,
                 const struct nfl_session *s, const struct nfl_tuple *tn)
{
    const struct nfl_table *t = c->table;
    struct nfl_tuple back = nfl_tuple_reverse(tn);
    uint64_t hash = nfl_table_hash(t, &back, !s->side);
    const struct nfl_session *other;
    bool by_tn;

    if (nfl_shard_of(c, &back, !s->side) != s->shard)
        return true;
    other = nfl_table_find(t, &back, !s->side, hash, &by_tn);
    return (other && !(other == s && by_tn)) ||
           elsewhere(w, c, c->desc->port[!s->side], &back);
}

bool nfl_session_rewrite(struct nfl_worker *w, struct nfl_chain *c,
                         struct nfl_session *s, unsigned nf, uint8_t set,
                         const struct nfl_tuple *to)
{
    int at = c->desc->nfs[nf].hop;
    struct nfl_tuple before, tn;
    struct nfl_hop hop;

    if (at < 0 || !c->desc->two_way)
        return false;
    if ((set & (NFL_SET_SRC | NFL_SET_DST)) && to->v6 != s->t0.v6)
        return false;
    if (set & (NFL_SET_SPORT | NFL_SET_DPORT) & ~s->ports)
        return false;
    hop = nfl_session_hops(s)[at];
    apply(set, to, &hop.after);
    hop.set |= set;
    before = *nfl_session_tuple(c, s, nf);
    tn = walk(c, s, nf, &hop, before, false);
    if (lost(w, c, s, &tn))
        return false;
    walk(c, s, nf, &hop, before, true);
    s->shape[0] = s->shape[1] = 0;
    if (!nfl_tuple_eq(&tn, &s->tn))
        nfl_table_move_tn(c->table, s, &tn);
    return true;
}
