/* The fast path: packets of a known shape, a stack of headers at constant
 * offsets, whose session's NFs have all had their first packet. Only gen.h
 * includes this. */
#ifndef NFL_GEN_FAST_H
#define NFL_GEN_FAST_H

/* Into which everything is inlined that can be: its head is constants. */
#define NFLG_FLAT static inline __attribute__((flatten, always_inline, unused))
/* On the way to handlers, which must be inlined, too: to clang only calls that
 * stand in the function itself are meant by `flatten`. */
#define NFLG_ALONG static inline __attribute__((always_inline, flatten, unused))

/* Between two tests: they shall not become one jump by a table, which is
 * predicted worse where shapes are mixed. */
#define nflg_apart() __asm__ volatile("")

/* A burst in a chain, before the turn of its packets. */
struct nflg_looks {
    uint64_t hash[NFL_BURST];
    uint64_t key4[NFL_BURST][NFL_KEY4_WORDS]; /* IPv4; else 0 */
    uint64_t key6[NFL_BURST][NFL_KEY6_WORDS]; /* IPv6 */
    struct nfl_session *session[NFL_BURST];   /* probably */
    unsigned shape[NFL_BURST]; /* 0: none; NFLG_TURNED, NFLG_V6 */
};

/* With a shape: packets of the flow's other end have the key as it is; the key
 * is one of IPv6. */
enum { NFLG_TURNED = 0x100, NFLG_V6 = 0x200, NFLG_SHAPE = 0xff };

/* A packet that is of no shape of IPv4. */
NFLG_FN bool nflg_is_other(unsigned shape)
{
    return __builtin_expect(!shape || shape & NFLG_V6, 0);
}

/* A packet whose headers were parsed is of that shape, and arrived at `side`;
 * 0 if it has no flow. */
NFLG_FN unsigned nflg_looked(const struct nflg_head *h, unsigned shape,
                             uint64_t *key4, uint64_t *key6, bool two_way,
                             unsigned side)
{
    struct nfl_probe k;

    if (!nflg_has_flow(h))
        return 0;
    nfl_probe_make(&k, &h->tuple, two_way, side);
    if (k.v6)
        memcpy(key6, k.w, NFL_KEY6_WORDS * sizeof(*key6));
    else
        memcpy(key4, k.w, NFL_KEY4_WORDS * sizeof(*key4));
    return shape | (k.v6 ? NFLG_V6 : 0) | (k.turned ? NFLG_TURNED : 0);
}

/* The same of IPv4, where source, destination and ports lie at byte `at` of the
 * frame, one behind the other, as in a key. */
NFLG_FN unsigned nflg_looked4(const struct nflg_head *h, unsigned shape,
                              unsigned at, uint64_t *key4, uint64_t *key6,
                              bool two_way, unsigned side)
{
    struct nfl_end4 e;

    if (!two_way)
        return nflg_looked(h, shape, key4, key6, two_way, side);
    if (!nflg_has_flow(h))
        return 0;
    memcpy(&e, h->data + at, sizeof(e));
    if (side)
        e = (struct nfl_end4){e.dst, e.src, e.dport, e.sport};
    nfl_key4_put(key4, &e, h->tuple.proto);
    return shape | (side ? NFLG_TURNED : 0);
}

NFLG_FN struct nfl_finder *nflg_finder(const struct nfl_chain *chain)
{
    return (struct nfl_finder *)(void *)chain->table;
}

/* Those without a shape, of which this is the head, and of IPv6. */
NFLG_SLOW void nflg_look_up_other(const struct nfl_chain *chain,
                                  struct nflg_looks *f,
                                  const struct nflg_head *h,
                                  const struct nfl_pkt *pkt, unsigned i)
{
    const struct nfl_finder *find = nflg_finder(chain);

    if (f->shape[i]) {
        f->hash[i] = nfl_hash_words(find, f->key6[i], true);
        nfl_find_fetch_line(find, f->hash[i]);
    } else if (nflg_has_flow(h)) {
        f->hash[i] = nfl_session_hash(chain, &h->tuple,
                                      pkt->port != chain->desc->port[0]);
    }
}

/* Packets of a burst whose lines are asked for together, while the next ones
 * are parsed. */
enum { NFLG_GROUP = 16 };

/* The end of the group that begins at `at`. */
NFLG_FN unsigned nflg_group(unsigned at, unsigned n)
{
    return n - at < NFLG_GROUP ? n : at + NFLG_GROUP;
}

/* Asks for where the sessions of packets are found. others: not all of them are
 * of a shape of IPv4. */
NFLG_FN void nflg_hash_group(const struct nfl_chain *chain,
                             struct nflg_looks *f, const struct nflg_head *h,
                             struct nfl_pkt *const *pkts, unsigned at,
                             unsigned to, bool others)
{
    unsigned i;

    nfl_hash_keys4(nflg_finder(chain), f->key4 + at, f->hash + at, to - at);
    for (i = at; others && i < to; i++)
        if (!f->shape[i] || f->shape[i] & NFLG_V6)
            nflg_look_up_other(chain, f, &h[i], pkts[i], i);
}

/* Asks for what is probably the session of packet i: of its entry the first
 * `bytes`, a constant. */
NFLG_FN void nflg_fetch_known(const struct nfl_chain *chain,
                              struct nflg_looks *f, unsigned i, unsigned bytes)
{
    f->session[i] = nfl_find_probable(nflg_finder(chain), f->hash[i], bytes);
}

/* The same; if there is none, for what opening it will touch. The packet must
 * be one that this worker was given for the chain. */
NFLG_FN void nflg_fetch_look(const struct nfl_chain *chain,
                             struct nflg_looks *f, unsigned i, unsigned bytes)
{
    nflg_fetch_known(chain, f, i, bytes);
    if (__builtin_expect(!f->session[i], 0) && f->shape[i] &&
        !(f->shape[i] & NFLG_V6))
        nfl_session_ahead(chain, f->key4[i], !!(f->shape[i] & NFLG_TURNED));
}

NFLG_ASIDE struct nfl_session *nflg_find_again(const struct nfl_finder *f,
                                               const uint64_t *key, bool v6,
                                               bool turned, uint64_t hash)
{
    return nfl_find(f, key, v6, turned, hash);
}

/* ---- chains that share ports ---- */

/* The same of the packets in `enters`, which enter this chain. */
NFLG_FN void nflg_look_up_some(const struct nfl_chain *chain,
                               struct nflg_looks *f, const struct nflg_head *h,
                               struct nfl_pkt *const *pkts, unsigned n,
                               unsigned bytes, uint64_t enters)
{
    unsigned i;

    nfl_hash_keys4(nflg_finder(chain), f->key4, f->hash, n);
    for (i = 0; i < n; i++)
        if (enters >> i & 1 && (!f->shape[i] || f->shape[i] & NFLG_V6))
            nflg_look_up_other(chain, f, &h[i], pkts[i], i);
    for (i = 0; i < n; i++)
        if (enters >> i & 1)
            nflg_fetch_known(chain, f, i, bytes);
}

/* No packet of a burst was looked at so far. */
NFLG_FN void nflg_look_at_none(struct nflg_looks *f, unsigned n)
{
    unsigned i;

    memset(f->key4, 0, n * sizeof(f->key4[0]));
    for (i = 0; i < n; i++)
        f->shape[i] = 0;
}

/* What was found out of packet i holds for another chain, too. */
NFLG_FN void nflg_look_same(struct nflg_looks *to, const struct nflg_looks *f,
                            unsigned i)
{
    to->shape[i] = f->shape[i];
    if (f->shape[i] & NFLG_V6)
        memcpy(to->key6[i], f->key6[i], sizeof(f->key6[i]));
    else
        memcpy(to->key4[i], f->key4[i], sizeof(f->key4[i]));
}

/* Has the chain a session for packet i, which has a shape? */
NFLG_FN bool nflg_knows(const struct nfl_chain *chain,
                        const struct nflg_looks *f, unsigned i)
{
    bool turned = f->shape[i] & NFLG_TURNED;
    bool v6 = f->shape[i] & NFLG_V6;
    const uint64_t *key = v6 ? f->key6[i] : f->key4[i];

    return nfl_find_is_still(nflg_finder(chain), f->session[i], key, v6,
                             turned) ||
           nflg_find_again(nflg_finder(chain), key, v6, turned, f->hash[i]);
}

/* ---- a packet ---- */

/* What is known of a packet when it is compiled. */
struct nflg_known {
    unsigned shape;
    bool v6;
    uint16_t l4; /* first byte of the header with the ports */
};

/* The session of packet i, of a shape, which may go the fast way: it is open,
 * its NFs have had their first packets, and the packet asks nothing of the
 * network layer. judges: a session that does not know the chain's parameters is
 * none. NULL: it may not, and nothing has changed. *back: it is the
 * responder's. */
NFLG_FN struct nfl_session *nflg_again(struct nfl_worker *w,
                                       const struct nfl_chain *chain,
                                       const struct nflg_looks *looks,
                                       unsigned i, const struct nfl_pkt *pkt,
                                       struct nflg_known k, bool turned,
                                       bool judges, bool *back)
{
    struct nfl_finder *f = nflg_finder(chain);
    const uint64_t *key = k.v6 ? looks->key6[i] : looks->key4[i];
    struct nfl_session *s = looks->session[i];

    if (__builtin_expect(!nfl_find_is_still(f, s, key, k.v6, turned), 0))
        s = nflg_find_again(f, key, k.v6, turned, looks->hash[i]);
    if (!s)
        return NULL;
    *back = s->turned != turned;
    if (s->shape[*back] != k.shape ||
        (judges && s->config_age != chain->config_age) ||
        !nfl_session_goes_on(s, pkt->data + k.l4, *back))
        return NULL;
    nfl_find_refresh_as(f, s, NFL_OPEN, w->now, w->packets); /* it goes on */
    return s;
}

/* The context of a packet of a flow that goes on. */
NFLG_FN void nflg_go_on(struct nfl_ctx *c, struct nfl_worker *w,
                        struct nfl_chain *chain, struct nfl_session *s,
                        unsigned side, bool back)
{
    c->worker = w;
    c->chain = chain;
    c->session = s;
    c->nf = 0;
    c->shard = s->shard;
    c->side = side;
    c->back = back;
    c->timer = false;
    c->exit = 0;
    c->signs = 0;
    c->before = 0;
}

/* True if NFs that need a flow's first packet have had it, as far as packets
 * like the one at hand come: on the way past `n` of them, need being those. */
NFLG_FN bool nflg_ready(const struct nfl_ctx *c, const uint8_t *way, unsigned n,
                        uint64_t need)
{
    const struct nfl_session *s = c->session;
    unsigned i;

    for (i = 0; i < n; i++) {
        if (s->dropped >> way[i] & 1)
            return true;
        if (need >> way[i] & ~s->seen >> way[i] & 1)
            return false;
    }
    return true;
}

/* What handlers that neither add nor remove headers did to the packet, of which
 * `to` is a copy of the head: h follows. */
NFLG_FN void nflg_written(struct nflg_head *h, const struct nflg_head *to)
{
    h->was = to->was;
    if (h->shape)
        memcpy(h->delta, to->delta, sizeof(h->delta));
    if (!to->dirty)
        return;
    h->dirty = true;
    memcpy(h->saved, to->saved, h->at);
}

/* The tuple with which packets like the one at hand leave, seen from their
 * sender. */
NFLG_FN struct nfl_tuple nflg_leaving(const struct nfl_ctx *c)
{
    const struct nfl_chain_desc *d = c->chain->desc;
    struct nfl_tuple t =
        c->back ? nfl_session_t0(d, c->session) : nfl_session_tn(d, c->session);

    return c->back ? nfl_tuple_reverse(&t) : t;
}

/* The tuple with which they arrive. */
NFLG_FN struct nfl_tuple nflg_arriving(const struct nfl_ctx *c)
{
    const struct nfl_chain_desc *d = c->chain->desc;
    struct nfl_tuple t =
        c->back ? nfl_session_tn(d, c->session) : nfl_session_t0(d, c->session);

    return c->back ? nfl_tuple_reverse(&t) : t;
}

/* Do the next ones arrive with the tuple of this one? Not if a handler rewrote
 * the flow meanwhile. */
NFLG_FN bool nflg_arrives_again(const struct nfl_ctx *c,
                                const struct nflg_head *h)
{
    struct nfl_tuple t = nflg_arriving(c);

    return nfl_tuple_eq(&t, &h->tuple);
}

/* The tuple as the NF at hand sees it in packets like the one at hand. */
NFLG_FN struct nfl_tuple nflg_seen_as(const struct nfl_ctx *c)
{
    struct nfl_tuple t = nfl_session_tuple(c->chain, c->session, c->nf);

    return c->back ? nfl_tuple_reverse(&t) : t;
}

/* Bits of what a session keeps. */
NFLG_FN bool nflg_bit(uint32_t bits, unsigned i)
{
    return bits >> i & 1;
}

/* What a session keeps for packets that arrive at `side` holds no longer, if a
 * write to one of its variables changed it. */
NFLG_FN void nflg_flip(struct nfl_session *s, unsigned side, bool changed)
{
    if (changed)
        s->shape[s->side != side] = 0;
}

#define nflg_keep_bit(bits, i)                                                 \
    ((bits) = (__typeof__(bits))((bits) | (uint32_t)1 << (i)))

/* Where fields of the tuple lie, and ~m + m' of their words that change. */
struct nflg_change {
    unsigned at, end; /* bytes of the frame */
    uint32_t by;
};

/* Of whole words. */
NFLG_FN struct nflg_change nflg_change_of(struct nflg_place p, nfl_u128 old,
                                          nfl_u128 new)
{
    struct nflg_change c = {p.bit / 8u, (p.bit + p.bits) / 8u, 0};

    c.by = nflg_changed4((uint64_t)old, (uint64_t)new);
    if (p.bits > 64)
        c.by += nflg_changed4((uint64_t)(old >> 64), (uint64_t)(new >> 64));
    return c;
}

/* Of those that lie from `at` to `end`. */
NFLG_FN uint32_t nflg_changed_in(const struct nflg_change *c, unsigned n,
                                 unsigned at, unsigned end)
{
    uint32_t by = 0;
    unsigned i;

    for (i = 0; i < n; i++)
        by += c[i].at >= at && c[i].end <= end ? c[i].by : 0;
    return by;
}

/* See nflg_changes_pseudo. */
NFLG_FN uint32_t nflg_changed_pseudo(const struct nflg_head *h, unsigned i,
                                     const struct nflg_change *c, unsigned n,
                                     const struct nflg_sums *s)
{
    bool found = false;
    uint32_t by = 0;
    unsigned k, at;

    while (i-- > 0 && !found)
        for (k = 0; k < s->n_pseudo; k++) {
            if (s->pseudo[k].kind != h->parsed[i].kind)
                continue;
            found = true;
            at = h->parsed[i].at + s->pseudo[k].off;
            by += nflg_changed_in(c, n, at, at + s->pseudo[k].bytes);
        }
    return by;
}

/* What is added to the complements of the checksums of h's headers, the outer
 * ones first, where the tuple `from` becomes that with which it leaves. What is
 * translated fills whole words of its header and of those before it (nflc sees
 * to that: plan/shape.c), so no other byte plays a part. */
NFLG_SLOW void nflg_row(const struct nfl_ctx *c, const struct nflg_head *h,
                        struct nfl_tuple from, uint16_t *row,
                        const struct nflg_sums *s)
{
    struct nfl_tuple to = nflg_leaving(c);
    const struct nflg_change all[] = {
        nflg_change_of(h->role[NFLG_SRC], from.src, to.src),
        nflg_change_of(h->role[NFLG_DST], from.dst, to.dst),
        nflg_change_of(h->role[NFLG_SPORT], from.sport, to.sport),
        nflg_change_of(h->role[NFLG_DPORT], from.dport, to.dport),
    };
    const unsigned n = sizeof(all) / sizeof(*all);
    unsigned i, k;

    for (i = 0; i < h->n; i++)
        for (k = 0; k < s->n_sums; k++) {
            const struct nflg_header *p = &h->parsed[i];
            uint32_t acc;

            if (s->sums[k].kind != p->kind)
                continue;
            acc =
                nflg_changed_in(all, n, p->at, s->sums[k].rest ? h->at : p->to);
            if (s->sums[k].pseudo)
                acc += nflg_changed_pseudo(h, i, all, n, s);
            *row++ = NFLG_BE(16, (uint16_t)nflg_fold(acc));
        }
}

/* Source, destination and ports of an IPv4 packet that arrived at `side`, one
 * behind the other in its frame, become those with which it leaves. */
NFLG_FN void nflg_become4(uint8_t *p, const struct nfl_session *s,
                          unsigned side)
{
    struct nfl_end4 e = s->right;

    if (side)
        e = (struct nfl_end4){s->left.dst, s->left.src, s->left.dport,
                              s->left.sport};
    memcpy(p, &e, sizeof(e));
}

/* Changes the checksum at byte `at` of the frame: RFC 1624, equation 3, over
 * all words at once. */
NFLG_FN void nflg_shift(const struct nflg_head *h, unsigned at, bool optional,
                        uint32_t by)
{
    uint16_t old = nflg_raw16(h->data + at), sum;

    if (optional && !old)
        return;
    sum = (uint16_t)~nflg_fold((~old & 0xffffu) + by);
    if (optional && !sum)
        sum = 0xffff;
    memcpy(h->data + at, &sum, sizeof(sum));
}

/* The packet has passed all NFs, and its bytes are as they should be. */
NFLG_FN void nflg_out(struct nfl_pkt *pkt, uint16_t port)
{
    pkt->out = port;
    pkt->reason = NFL_DROP_none;
}

#endif
