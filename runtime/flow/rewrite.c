/* What NFs translate, and the tuples that result: T0, T1, ... Tn, in the order
 * in which the initiator's packets pass the NFs. */
#include "flow/table.h"

/* What one NF translates, and the tuple that leaves it. */
struct hop {
    uint8_t set;            /* NFL_SET_*: these are its own */
    struct nfl_tuple after; /* T(k) */
};

void nfl_session_begin(const struct nfl_chain_desc *d, struct nfl_session *s,
                       const struct nfl_tuple *t, unsigned side)
{
    unsigned i;

    s->side = side & 1;
    s->turned = nfl_tuple_turned(t, d->two_way, side);
    s->v6 = t->v6 != 0;
    s->proto = s->proto_too = t->proto;
    for (i = 0; i < 2; i++)
        nfl_session_put(s, nfl_session_at(d, s, i), t);
    for (i = 0; i + 1 < d->n_hops; i++)
        nfl_session_put(s, nfl_session_hop(d, s, i), t);
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

unsigned nfl_session_turn(const struct nfl_chain_desc *d,
                          const struct nfl_session *s, unsigned hop)
{
    unsigned i, turn = 0;

    if (s->side == 0)
        return hop;
    if (!d->right)
        return d->n_hops - 1 - hop;
    for (i = 0; d->nfs[d->right[i]].hop != (int)hop; i++)
        turn += d->nfs[d->right[i]].hop >= 0;
    return turn;
}

struct nfl_tuple nfl_session_after(const struct nfl_chain_desc *d,
                                   const struct nfl_session *s, unsigned hop)
{
    unsigned turn = nfl_session_turn(d, s, hop);

    return turn + 1 == d->n_hops
               ? nfl_session_tn(d, s)
               : nfl_session_get(s, nfl_session_hop(d, s, turn));
}

/* The hop before position nf, seen from the initiator; -1: there is none. Of
 * NFs in other branches nothing is set. */
static int hop_before(const struct nfl_chain *c, const struct nfl_session *s,
                      unsigned nf)
{
    unsigned i = turn_of(c, s, nf);
    int hop = -1;

    while (hop < 0 && i-- > 0)
        hop = c->desc->nfs[position(c, s, i)].hop;
    return hop;
}

struct nfl_tuple nfl_session_tuple(const struct nfl_chain *c,
                                   const struct nfl_session *s, unsigned nf)
{
    int hop = c->desc->n_hops ? hop_before(c, s, nf) : -1;

    return hop < 0 ? nfl_session_t0(c->desc, s)
                   : nfl_session_after(c->desc, s, (unsigned)hop);
}

/* The tuple that leaves the NFs from nf on, with `hop` in its place. Writes
 * what leaves each but the last into the session if told to. */
static struct nfl_tuple walk(const struct nfl_chain *c, struct nfl_session *s,
                             unsigned nf, const struct hop *hop,
                             struct nfl_tuple t, bool write)
{
    const struct nfl_chain_desc *d = c->desc;
    unsigned i, turn;
    int at;

    for (i = turn_of(c, s, nf); i < d->n_nfs; i++) {
        struct hop h = *hop;

        at = d->nfs[position(c, s, i)].hop;
        if (at < 0)
            continue;
        if (at != d->nfs[nf].hop) {
            h.set = nfl_session_set(s)[at];
            h.after = nfl_session_after(d, s, (unsigned)at);
        }
        apply(h.set, &h.after, &t);
        if (!write)
            continue;
        nfl_session_set(s)[at] = h.set;
        turn = nfl_session_turn(d, s, (unsigned)at);
        if (turn + 1 < d->n_hops)
            nfl_session_put(s, nfl_session_hop(d, s, turn), &t);
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

    nfl_find_fetch_line(&t->find, hash);
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
    struct nfl_tuple before, tn, old;
    struct hop hop;

    if (at < 0 || !c->desc->two_way)
        return false;
    if ((set & (NFL_SET_SRC | NFL_SET_DST)) && to->v6 != s->v6)
        return false;
    if (set & (NFL_SET_SPORT | NFL_SET_DPORT) & ~s->ports)
        return false;
    hop.after = nfl_session_after(c->desc, s, (unsigned)at);
    hop.set = nfl_session_set(s)[at] | set;
    apply(set, to, &hop.after);
    before = nfl_session_tuple(c, s, nf);
    tn = walk(c, s, nf, &hop, before, false);
    if (lost(w, c, s, &tn))
        return false;
    walk(c, s, nf, &hop, before, true);
    old = nfl_session_tn(c->desc, s);
    if (!nfl_tuple_eq(&tn, &old))
        nfl_table_move_tn(c->table, s, &tn);
    s->shape[0] = s->shape[1] = 0;
    return true;
}
