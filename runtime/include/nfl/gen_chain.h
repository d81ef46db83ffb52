/* A packet on its way past the NFs of a chain. Only gen.h includes this. */
#ifndef NFL_GEN_CHAIN_H
#define NFL_GEN_CHAIN_H

NFLG_FN void nflg_discard(struct nfl_worker *w, struct nfl_pkt *pkt,
                          unsigned reason)
{
    w->drops[reason]++;
    pkt->out = NFL_OUT_DROP;
    pkt->reason = (uint16_t)reason;
}

/* False, so that what comes next does not happen: return nflg_drop(...). */
NFLG_FN bool nflg_drop(const struct nfl_ctx *c, const struct nflg_head *h,
                       unsigned reason)
{
    nflg_discard(c->worker, h->pkt, reason);
    return false;
}

/* Drops this and every later packet of the session that reaches this NF; the
 * reason is remembered in *slot. */
NFLG_FN bool nflg_drop_flow(const struct nfl_ctx *c, const struct nflg_head *h,
                            uint16_t *slot, unsigned reason)
{
    c->session->dropped |= (uint64_t)1 << c->nf;
    *slot = (uint16_t)reason;
    return nflg_drop(c, h, reason);
}

/* The same without a packet: all that come from now on are dropped. */
NFLG_FN void nflg_drop_later(const struct nfl_ctx *c, uint16_t *slot,
                             unsigned reason)
{
    c->session->dropped |= (uint64_t)1 << c->nf;
    *slot = (uint16_t)reason;
}

/* The session ends when the packet that opened it has gone its way. */
NFLG_FN void nflg_end_later(const struct nfl_ctx *c)
{
    c->session->phase = NFL_REFUSED;
}

/* True if it ended, and is gone. */
NFLG_FN bool nflg_end_refused(const struct nfl_ctx *c)
{
    if (!c->session || c->session->phase != NFL_REFUSED)
        return false;
    nfl_session_end(c->worker, c->chain, c->session);
    return true;
}

NFLG_FN void nflg_enter(struct nfl_ctx *c, struct nfl_worker *w,
                        struct nfl_chain *chain, const struct nfl_pkt *pkt)
{
    c->worker = w;
    c->chain = chain;
    c->session = NULL;
    c->nf = 0;
    c->shard = 0;
    c->side = pkt->port != chain->desc->port[0];
    c->back = false;
    c->timer = false;
    c->visited = false;
    c->exit = 0;
    c->signs = 0;
    c->before = 0;
}

/* The context of a flow without a packet. */
NFLG_FN void nflg_enter_flow(struct nfl_ctx *c, struct nfl_worker *w,
                             struct nfl_chain *chain, struct nfl_session *s)
{
    c->worker = w;
    c->chain = chain;
    c->session = s;
    c->nf = 0;
    c->shard = s->shard;
    c->side = s->side;
    c->back = false;
    c->timer = false;
    c->exit = 0;
    c->signs = 0;
    c->before = 0;
}

/* The context of a timer: on the left side of a shard. */
NFLG_FN void nflg_enter_timer(struct nfl_ctx *c, struct nfl_worker *w,
                              struct nfl_chain *chain, unsigned shard)
{
    c->worker = w;
    c->chain = chain;
    c->session = NULL;
    c->nf = 0;
    c->shard = shard;
    c->side = 0;
    c->back = false;
    c->exit = 0;
    c->timer = true;
    c->signs = 0;
    c->before = 0;
}

/* A burst, parsed, and the hashes of those that have a flow; else 0. */
struct nflg_burst {
    struct nflg_head h[NFL_BURST];
    uint64_t hash[NFL_BURST];
    uint64_t flows; /* bit i: packet i has one */
};

/* So many packets before its turn a packet's session is fetched: memory had
 * time to answer, and is never asked for more than it takes orders. */
enum { NFLG_AHEAD = 8 };

_Static_assert(NFL_BURST + NFLG_AHEAD <= 64, "a bit for each packet");

NFLG_FN void nflg_fetch(const struct nfl_chain *chain,
                        const struct nflg_burst *b, unsigned i)
{
    if (b->flows >> i & 1)
        nfl_session_fetch(chain, b->hash[i]);
}

/* Asks for the sessions of a burst, all at once. Which they are is seen in each
 * packet's turn: those before it open and end some. */
NFLG_FN void nflg_look_up(const struct nfl_chain *chain, struct nflg_burst *b,
                          unsigned n)
{
    unsigned i;

    b->flows = 0;
    for (i = 0; i < n; i++) {
        const struct nflg_head *h = &b->h[i];

        b->hash[i] = 0;
        if (!nflg_has_flow(h))
            continue;
        b->flows |= (uint64_t)1 << i;
        b->hash[i] = nfl_session_hash(chain, &h->tuple,
                                      h->pkt->port != chain->desc->port[0]);
    }
    for (i = 0; i < NFLG_AHEAD; i++)
        nflg_fetch(chain, b, i);
}

NFLG_FN struct nfl_l4 nflg_l4(const struct nflg_head *h)
{
    const struct nflg_place *port = &h->role[NFLG_SPORT];
    struct nfl_l4 l4 = {NULL, 0};

    if (h->role[NFLG_SPORT].bits)
        l4.ports |= NFL_SET_SPORT;
    if (h->role[NFLG_DPORT].bits)
        l4.ports |= NFL_SET_DPORT;
    /* That this is TCP is the network layer's knowledge; its header is the one
     * that gave the ports. */
    if (h->tuple.proto == NFL_TCP && port->bits) {
        const struct nflg_header *p = &h->parsed[port->header];

        if (p->to - p->at >= 20)
            l4.tcp = h->data + p->at;
    }
    return l4;
}

/* Of a packet that quotes another one it is that one's, if it is open. */
NFLG_COLD void nflg_session_quoted(struct nfl_ctx *c, struct nflg_head *h,
                                   uint64_t hash)
{
    c->session =
        nfl_session_quoted(c->chain, &h->tuple, c->side, hash, &c->back);
    c->shard = nfl_shard_of(c->chain, &h->tuple, c->side);
    h->no_flow = !c->session;
}

/* A later fragment opens none, and changes nothing of it. */
NFLG_COLD bool nflg_session_later(struct nfl_ctx *c, struct nflg_head *h,
                                  uint64_t hash)
{
    c->session =
        nfl_session_quoted(c->chain, &h->tuple, c->side, hash, &c->back);
    c->shard = nfl_shard_of(c->chain, &h->tuple, c->side);
    return c->session || nflg_drop(c, h, NFL_DROP_fragment_flow);
}

/* Finds or opens the session of a packet that has a flow. False if it was
 * refused, and the packet dropped. */
NFLG_FN bool nflg_session(struct nfl_ctx *c, struct nflg_head *h, uint64_t hash)
{
    struct nfl_l4 l4;

    if (!nflg_has_flow(h))
        return true;
    if (__builtin_expect(h->quotes, 0)) {
        nflg_session_quoted(c, h, hash);
        return true;
    }
    if (__builtin_expect(h->later, 0))
        return nflg_session_later(c, h, hash);
    l4 = nflg_l4(h);
    c->session = nfl_session_packet(c->worker, c->chain, &h->tuple, c->side,
                                    hash, &l4, &c->back);
    if (!c->session)
        return nflg_drop(c, h, NFL_DROP_table_full);
    c->shard = c->session->shard;
    return true;
}

/* --no-consolidate: an NF parses the packet and looks its session up for
 * itself, as it would beside NFs that it knows nothing of. Nothing new comes of
 * it. What the burst found is the first one's. */
typedef void nflg_parse_fn(struct nflg_head *h, struct nfl_pkt *pkt);

NFLG_FN void nflg_alone(struct nfl_ctx *c, const struct nflg_head *h,
                        nflg_parse_fn *parse)
{
    const struct nfl_session *s;
    struct nflg_head own;

    if (!c->visited) {
        c->visited = true;
        return;
    }
    parse(&own, h->pkt);
    /* As far as the compiler knows, all that was found is needed. */
    __asm__ volatile("" : : "r"(&own) : "memory");
    if (!c->session)
        return;
    s = nfl_session_find(c->chain, &h->tuple, c->side);
    __asm__ volatile("" : : "r"(s) : "memory");
}

/* ---- chains that share ports ---- */

/* The hash of a packet's session in the chain, which is asked for. */
NFLG_FN uint64_t nflg_ask(const struct nfl_chain *chain,
                          const struct nflg_head *h)
{
    uint64_t hash = nfl_session_hash(chain, &h->tuple,
                                     h->pkt->port != chain->desc->port[0]);

    nfl_session_fetch(chain, hash);
    return hash;
}

/* True if the packet, which has a flow, belongs to a session of the chain. */
NFLG_FN bool nflg_claims(struct nfl_worker *w, struct nfl_chain *chain,
                         const struct nflg_head *h, uint64_t hash)
{
    struct nfl_l4 l4 = nflg_l4(h);

    return nfl_session_claims(w, chain, &h->tuple,
                              h->pkt->port != chain->desc->port[0], hash, &l4);
}

/* In a chain without a flow table. */
NFLG_FN void nflg_shard(struct nfl_ctx *c, const struct nflg_head *h)
{
    if (nflg_has_flow(h))
        c->shard = nfl_shard_of(c->chain, &h->tuple, c->side);
}

/* True if the session was dropped by the NF at hand. */
NFLG_FN bool nflg_dropped(const struct nfl_ctx *c)
{
    return c->session && c->session->dropped >> c->nf & 1;
}

/* What a session keeps for the fast path holds no longer: its packets go the
 * general way, till it is made anew. */
NFLG_FN void nflg_void(struct nfl_session *s)
{
    s->shape[0] = s->shape[1] = 0;
}

/* True once after each change of parameters. */
NFLG_FN bool nflg_reconfigured(const struct nfl_ctx *c)
{
    if (!c->session || c->session->config_age == c->chain->config_age)
        return false;
    c->session->config_age = c->chain->config_age;
    nflg_void(c->session);
    return true;
}

/* The NF at hand takes back that it dropped the flow. NFs behind it may not
 * have seen it yet, so its packets go the general way till they have. */
NFLG_FN void nflg_judge_again(const struct nfl_ctx *c)
{
    c->session->dropped &= ~((uint64_t)1 << c->nf);
    nflg_void(c->session);
}

/* True for the first packet of its session that reaches the NF at hand. */
NFLG_FN bool nflg_first(const struct nfl_ctx *c)
{
    uint64_t bit = (uint64_t)1 << c->nf;

    if (!c->session || c->session->seen & bit)
        return false;
    c->session->seen |= bit;
    return true;
}

/* True if the flow that ends had a first packet at the NF at hand. */
NFLG_FN bool nflg_seen(const struct nfl_ctx *c)
{
    return c->session->seen >> c->nf & 1;
}

NFLG_ASIDE void nflg_trace(const struct nfl_ctx *c, unsigned handler)
{
    const struct nfl_chain_desc *d = c->chain->desc;
    struct nfl_tuple t0;

    if (c->session)
        t0 = nfl_session_t0(d, c->session);
    nfl_trace_event(c->worker->trace, c->worker->packets, c->worker->now,
                    d->name, d->nfs[c->nf].name, d->handlers[handler].events,
                    d->handlers[handler].line, c->session ? &t0 : NULL);
}

/* At the first statement of a handler: an instruction of its line stays for
 * debuggers to stop at, whatever becomes of the statement. */
#define nflg_here() __asm__ volatile("")

/* A copy of the context for who is seldom called: what nobody else points to
 * lies in registers. */
#define NFLG_AT(c) ((const struct nfl_ctx[]){*(c)})

/* A handler runs. */
NFLG_FN void nflg_run(const struct nfl_ctx *c, unsigned handler)
{
    c->chain->runs[handler]++;
    if (__builtin_expect(c->worker->trace != NULL, 0))
        nflg_trace(NFLG_AT(c), handler);
}

/* ---- branches ---- */

/* In a session: no exit was chosen, and none will be. */
#define NFLG_NO_EXIT 255

/* The exit that the flow of the packet at hand takes, or 0. */
NFLG_FN unsigned nflg_exit(uint8_t slot)
{
    return slot == NFLG_NO_EXIT ? 0 : slot;
}

/* The shard's block of shared scalars. */
NFLG_FN void *nflg_shared(const struct nfl_ctx *c, size_t bytes)
{
    return c->chain->shared + c->shard * bytes;
}

/* ---- atomic state: one block for all shards ---- */

NFLG_FN void *nflg_atomic(const struct nfl_ctx *c)
{
    return c->chain->atomic;
}

/* Relaxed: nothing else is ordered by them. */
#define nflg_atomic_get(c, p)                                                  \
    (__builtin_expect(!(c)->worker->order, 1)                                  \
         ? __atomic_load_n(p, __ATOMIC_RELAXED)                                \
         : (__typeof__(*(p)))nfl_order_do(NFLG_AT(c), p, sizeof(*(p)),         \
                                          NFL_OP_GET, 0))

/* Where tests ask for an order: one after the other. */
#define nflg_atomic_by(c, p, v, op, how)                                       \
    do {                                                                       \
        __typeof__(*(p)) *nflg_p = (p);                                        \
        __typeof__(*(p)) nflg_v = (__typeof__(*(p)))(v);                       \
                                                                               \
        if (__builtin_expect(!(c)->worker->order, 1))                          \
            how;                                                               \
        else                                                                   \
            nfl_order_do(NFLG_AT(c), nflg_p, sizeof(*nflg_p), op, nflg_v);     \
    } while (0)
#define nflg_do(op) __atomic_fetch_##op(nflg_p, nflg_v, __ATOMIC_RELAXED)
#define nflg_atomic_add(c, p, v)                                               \
    nflg_atomic_by(c, p, v, NFL_OP_ADD, nflg_do(add))
#define nflg_atomic_sub(c, p, v)                                               \
    nflg_atomic_by(c, p, v, NFL_OP_SUB, nflg_do(sub))
#define nflg_atomic_or(c, p, v) nflg_atomic_by(c, p, v, NFL_OP_OR, nflg_do(or))
#define nflg_atomic_and(c, p, v)                                               \
    nflg_atomic_by(c, p, v, NFL_OP_AND, nflg_do(and))

/* *p becomes v if *p OP v. Who loses a race looks again. */
#define nflg_extreme(op)                                                       \
    for (__typeof__(nflg_v) nflg_was =                                         \
             __atomic_load_n(nflg_p, __ATOMIC_RELAXED);                        \
         nflg_was op nflg_v &&                                                 \
         !__atomic_compare_exchange_n(nflg_p, &nflg_was, nflg_v, true,         \
                                      __ATOMIC_RELAXED, __ATOMIC_RELAXED);)    \
    continue
#define nflg_atomic_max(c, p, v)                                               \
    nflg_atomic_by(c, p, v, NFL_OP_MAX, nflg_extreme(<))
#define nflg_atomic_min(c, p, v)                                               \
    nflg_atomic_by(c, p, v, NFL_OP_MIN, nflg_extreme(>))

/* ---- translation ---- */

/* What a packet that quotes has itself goes along where it is the same. */
NFLG_COLD void nflg_translate_own(struct nflg_head *h, enum nflg_role role,
                                  nfl_u128 v)
{
    const struct nflg_place *own, *p = &h->role[role];

    if (role != NFLG_SRC && role != NFLG_DST)
        return;
    own = &h->own[role == NFLG_DST];
    if (!own->bits || nflg_getbits128(h->data, own->bit, own->bits) !=
                          nflg_getbits128(h->data, p->bit, p->bits))
        return;
    nflg_touch(h);
    nflg_putbits(h->data, own->bit, own->bits, v);
}

/* Sets a field by its role, if the packet has it. */
NFLG_FN void nflg_translate(struct nflg_head *h, enum nflg_role role,
                            nfl_u128 v)
{
    const struct nflg_place *p = &h->role[role];

    if (!p->bits)
        return;
    if (__builtin_expect(h->quotes, 0))
        nflg_translate_own(h, role, v);
    nflg_touch(h);
    if (p->bits == 32 && p->bit % 8 == 0) /* most addresses */
        nflg_put32(h->data, p->bit / 8u, (uint32_t)v);
    else if (p->bits == 16 && p->bit % 8 == 0) /* most ports */
        nflg_put16(h->data, p->bit / 8u, (uint16_t)v);
    else
        nflg_putbits(h->data, p->bit, p->bits, v);
}

/* An initiator's packet leaves the NF at hand. Always true. */
NFLG_FN bool nflg_apply(const struct nfl_ctx *c, struct nflg_head *h,
                        unsigned hop)
{
    struct nfl_tuple t;
    uint8_t set;

    if (!c->session || c->back)
        return true;
    set = nfl_session_set(c->session)[hop];
    if (!set)
        return true;
    t = nfl_session_after(c->chain->desc, c->session, hop);
    if (set & NFL_SET_SRC)
        nflg_translate(h, NFLG_SRC, t.src);
    if (set & NFL_SET_SPORT)
        nflg_translate(h, NFLG_SPORT, t.sport);
    if (set & NFL_SET_DST)
        nflg_translate(h, NFLG_DST, t.dst);
    if (set & NFL_SET_DPORT)
        nflg_translate(h, NFLG_DPORT, t.dport);
    return true;
}

/* A responder's packet enters the NF at hand. */
NFLG_FN void nflg_undo(const struct nfl_ctx *c, struct nflg_head *h,
                       unsigned hop)
{
    struct nfl_tuple t;
    uint8_t set;

    if (!c->session || !c->back)
        return;
    set = nfl_session_set(c->session)[hop];
    if (!set)
        return;
    t = nfl_session_tuple(c->chain, c->session, c->nf);
    if (set & NFL_SET_SRC)
        nflg_translate(h, NFLG_DST, t.src);
    if (set & NFL_SET_SPORT)
        nflg_translate(h, NFLG_DPORT, t.sport);
    if (set & NFL_SET_DST)
        nflg_translate(h, NFLG_SRC, t.dst);
    if (set & NFL_SET_DPORT)
        nflg_translate(h, NFLG_SPORT, t.dport);
}

#endif
