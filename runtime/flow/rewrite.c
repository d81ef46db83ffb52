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

/* ---- the same of IPv4, where a tuple is a few bytes as they lie ---- */

/* NFL_SET_* of the initiator's packets, for what the left side sees. */
static uint8_t set_left(const struct nfl_session *s, uint8_t set)
{
    enum {
        SRC = NFL_SET_SRC | NFL_SET_SPORT,
        DST = NFL_SET_DST | NFL_SET_DPORT
    };

    return s->turned ? (uint8_t)((set & SRC) << 2 | (set & DST) >> 2) : set;
}

static void apply4(uint8_t set, const struct nfl_end4 *to, struct nfl_end4 *e)
{
    uint32_t src = -(uint32_t)(set & 1), dst = -(uint32_t)(set >> 2 & 1);
    uint16_t sport = -(uint32_t)(set >> 1 & 1), dport = -(uint32_t)(set >> 3);

    if (!set)
        return;
    e->src ^= (e->src ^ to->src) & src;
    e->sport ^= (e->sport ^ to->sport) & sport;
    e->dst ^= (e->dst ^ to->dst) & dst;
    e->dport ^= (e->dport ^ to->dport) & dport;
}

/* Turn and hop: each from the other, where all NFs stand in one row. */
static unsigned hop_in_row(const struct nfl_chain_desc *d,
                           const struct nfl_session *s, unsigned turn)
{
    return s->side == 0 ? turn : d->n_hops - 1 - turn;
}

/* What leaves the turn-th NF that translates; turn -1: what arrives. */
static struct nfl_end4 *end_after(const struct nfl_chain_desc *d,
                                  const struct nfl_session *s, int turn)
{
    if (turn >= 0 && (unsigned)turn + 1 < d->n_hops)
        return nfl_session_hop(d, s, (unsigned)turn);
    return nfl_session_at(d, s, turn < 0 ? s->turned : !s->turned);
}

/* See walk: from the turn-th NF on, which sets *own. */
static struct nfl_end4 walk4(const struct nfl_chain_desc *d,
                             struct nfl_session *s, unsigned turn, uint8_t set,
                             const struct nfl_end4 *own, bool write)
{
    struct nfl_end4 e = *end_after(d, s, (int)turn - 1), *at;
    uint8_t *sets = nfl_session_set(s);
    unsigned i;

    for (i = turn; i < d->n_hops; i++) {
        at = end_after(d, s, (int)i);
        if (i == turn)
            apply4(set_left(s, set), own, &e);
        else
            apply4(set_left(s, sets[hop_in_row(d, s, i)]), at, &e);
        if (write && i + 1 < d->n_hops)
            *at = e;
    }
    if (write)
        sets[hop_in_row(d, s, turn)] = set;
    return e;
}

/* Tn becomes e: false if that cannot be. No other session has it then, so its
 * reference is put without looking a second time. */
static bool move4(const struct nfl_worker *w, struct nfl_chain *c,
                  struct nfl_session *s, const struct nfl_end4 *e)
{
    struct nfl_finder *f = nfl_finder_of(c);
    unsigned side = !s->turned, slot;
    const struct nfl_session *other;
    struct nfl_probe old, new;
    uint64_t hash, was;
    struct nfl_tuple tn;

    nfl_key4_put(new.w, e, s->proto);
    hash = nfl_hash_words(f, new.w, false);
    nfl_find_fetch_line(f, hash);
    nfl_links_probe(f, s, side, &old);
    was = nfl_hash_words(f, old.w, false);
    tn = nfl_end4_get(e);
    tn.proto = s->proto;
    tn = s->turned ? tn : nfl_tuple_reverse(&tn);
    if (nfl_shard_of(c, &tn, !s->side) != s->shard)
        return false;
    other = nfl_find(f, new.w, false, side, hash);
    if ((other && other != s) || elsewhere(w, c, c->desc->port[!s->side], &tn))
        return false;
    if (other || (old.w[0] == new.w[0] && old.w[1] == new.w[1]))
        return true;
    nfl_links_remove(f, nfl_table_id(c->table, s), 1u << side, was);
    *end_after(c->desc, s, (int)c->desc->n_hops - 1) = *e;
    nfl_links_put(f, nfl_table_id(c->table, s), 1u << side, hash, &slot);
    return true;
}

static bool rewrite4(const struct nfl_worker *w, struct nfl_chain *c,
                     struct nfl_session *s, unsigned hop, uint8_t set,
                     const struct nfl_tuple *to)
{
    const struct nfl_chain_desc *d = c->desc;
    unsigned turn = hop_in_row(d, s, hop);
    struct nfl_tuple left = s->turned ? nfl_tuple_reverse(to) : *to;
    struct nfl_end4 own = *end_after(d, s, (int)turn), put, e;

    nfl_end4_put(&put, &left);
    apply4(set_left(s, set), &put, &own);
    set |= nfl_session_set(s)[hop];
    e = walk4(d, s, turn, set, &own, false);
    if (!move4(w, c, s, &e))
        return false;
    walk4(d, s, turn, set, &own, true);
    s->shape[0] = s->shape[1] = 0;
    return true;
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
    if (!s->v6 && (s->side == 0 || !c->desc->right))
        return rewrite4(w, c, s, (unsigned)at, set, to);
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
