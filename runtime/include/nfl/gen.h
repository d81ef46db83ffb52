/* What generated code is made of: reading and writing bits, the headers of a
 * packet, its way past the NFs, checksums. Only generated code includes this,
 * after it has defined NFLG_HEADERS, the number of headers of the program. It
 * touches no thread-local variable and nothing of DPDK.
 *
 * Numbers of up to 32 bits are computed as uint32_t, up to 64 as uint64_t,
 * wider ones as nfl_u128, and always lie within their width. */
#ifndef NFL_GEN_H
#define NFL_GEN_H

#include <nfl/ctx.h>
#include <nfl/order.h>
#include <nfl/trace.h>
#include <string.h>

#ifndef NFLG_HEADERS
#error "generated code defines NFLG_HEADERS"
#endif

#ifndef NFLG_CPU
#define NFLG_CPU "" /* -DNFLG_CPU='"x86-64-v3"': what it is compiled for */
#endif

#define NFLG_FN   static inline __attribute__((always_inline, unused))
#define NFLG_COLD static __attribute__((noinline, cold, unused))

#define NFLG_U128(hi, lo) ((nfl_u128)(hi) << 64 | (lo))

/* ---- arithmetic that is total: LANGUAGE.md, section 5 ---- */

#define NFLG_ARITH(n, type)                                                    \
    NFLG_FN type nflg_div##n(type a, type b)                                   \
    {                                                                          \
        return b ? a / b : 0;                                                  \
    }                                                                          \
    NFLG_FN type nflg_mod##n(type a, type b)                                   \
    {                                                                          \
        return b ? a % b : a;                                                  \
    }                                                                          \
    NFLG_FN type nflg_compl##n(type a)                                         \
    {                                                                          \
        return ~a;                                                             \
    }                                                                          \
    /* of a number of `bits` bits; what is shifted out of them is lost */      \
    NFLG_FN type nflg_shl##n(type a, nfl_u128 by, unsigned bits)               \
    {                                                                          \
        return by < bits ? (type)(a << by) & (type)(~(type)0 >> (n - bits))    \
                         : 0;                                                  \
    }                                                                          \
    NFLG_FN type nflg_shr##n(type a, nfl_u128 by, unsigned bits)               \
    {                                                                          \
        return by < bits ? a >> by : 0;                                        \
    }

NFLG_ARITH(32, uint32_t)
NFLG_ARITH(64, uint64_t)
NFLG_ARITH(128, nfl_u128)

/* True if a is of the given family and lies between lo and hi. */
NFLG_FN bool nflg_addr_in(struct nfl_ipaddr a, uint8_t v6, nfl_u128 lo,
                          nfl_u128 hi)
{
    return a.v6 == v6 && a.a >= lo && a.a <= hi;
}

NFLG_FN struct nfl_ipaddr nflg_addr(uint8_t v6, nfl_u128 a)
{
    struct nfl_ipaddr r = {a, v6};

    return r;
}

/* ---- bytes and bits of a header that begins at p, big endian ---- */

NFLG_FN uint32_t nflg_get8(const uint8_t *p, unsigned off)
{
    return p[off];
}

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define NFLG_BE(n, x) __builtin_bswap##n(x)
#else
#define NFLG_BE(n, x) (x)
#endif

#define NFLG_BYTES(n, type)                                                    \
    NFLG_FN type nflg_get##n(const uint8_t *p, unsigned off)                   \
    {                                                                          \
        uint##n##_t v;                                                         \
                                                                               \
        memcpy(&v, p + off, n / 8);                                            \
        return NFLG_BE(n, v);                                                  \
    }                                                                          \
    NFLG_FN void nflg_put##n(uint8_t *p, unsigned off, uint##n##_t v)          \
    {                                                                          \
        v = NFLG_BE(n, v);                                                     \
        memcpy(p + off, &v, n / 8);                                            \
    }

NFLG_BYTES(16, uint32_t)
NFLG_BYTES(32, uint32_t)
NFLG_BYTES(64, uint64_t)

NFLG_FN nfl_u128 nflg_get128(const uint8_t *p, unsigned off)
{
    return NFLG_U128(nflg_get64(p, off), nflg_get64(p, off + 8));
}

/* `bits` bits (1 to 128) from bit `bit` on, bit 0 being the highest of p[0].
 * Reads only the bytes they lie in. Both are constants in most calls, so what
 * is left of this are a few loads. */
NFLG_FN nfl_u128 nflg_getbits128(const uint8_t *p, unsigned bit, unsigned bits)
{
    unsigned off = bit / 8, have = 8 - bit % 8;
    nfl_u128 v = 0;

    if (have < 8 || bits < 8) {
        v = p[off++] & (0xffu >> (8 - have));
        if (bits <= have)
            return v >> (have - bits);
        bits -= have;
    }
    for (; bits >= 64; bits -= 64, off += 8)
        v = v << 32 << 32 | nflg_get64(p, off);
    if (bits & 32)
        v = v << 32 | nflg_get32(p, off);
    off += (bits & 32) / 8;
    if (bits & 16)
        v = v << 16 | nflg_get16(p, off);
    off += (bits & 16) / 8;
    if (bits & 8)
        v = v << 8 | p[off];
    off += (bits & 8) / 8;
    if (bits & 7)
        v = v << (bits & 7) | p[off] >> (8 - (bits & 7));
    return v;
}

NFLG_FN uint64_t nflg_getbits64(const uint8_t *p, unsigned bit, unsigned bits)
{
    return (uint64_t)nflg_getbits128(p, bit, bits);
}

NFLG_FN uint32_t nflg_getbits32(const uint8_t *p, unsigned bit, unsigned bits)
{
    return (uint32_t)nflg_getbits128(p, bit, bits);
}

/* Sets `bits` bits (1 to 8) of one byte, of which `low` are behind them. */
NFLG_FN void nflg_putbyte(uint8_t *p, unsigned bits, unsigned low, unsigned v)
{
    unsigned mask = (0xffu >> (8 - bits)) << low;

    *p = (uint8_t)((*p & ~mask) | (v << low & mask));
}

/* The reverse of nflg_getbits; other bits of the first and the last byte
 * stay. From the last byte to the first. */
NFLG_FN void nflg_putbits(uint8_t *p, unsigned bit, unsigned bits, nfl_u128 v)
{
    unsigned end = bit + bits, n = end % 8;

    if (n) {
        n = n < bits ? n : bits;
        nflg_putbyte(p + end / 8, n, 8 - end % 8, (unsigned)v & 0xff);
        v >>= n;
        bits -= n;
    }
    end /= 8;
    for (; bits >= 64; bits -= 64, v = v >> 32 >> 32)
        nflg_put64(p, end -= 8, (uint64_t)v);
    if (bits & 32)
        nflg_put32(p, end -= 4, (uint32_t)v);
    v >>= bits & 32;
    if (bits & 16)
        nflg_put16(p, end -= 2, (uint16_t)v);
    v >>= bits & 16;
    if (bits & 8)
        p[--end] = (uint8_t)v;
    v >>= bits & 8;
    if (bits & 7)
        nflg_putbyte(p + end - 1, bits & 7, 0, (unsigned)v & 0xff);
}

/* ---- the headers of a packet ---- */

enum { NFLG_MAX_BYTES = 256, NFLG_MAX_HEADERS = 16 };

/* What a header gives to the tuple. */
enum nflg_role {
    NFLG_SRC,
    NFLG_DST,
    NFLG_PROTO,
    NFLG_SPORT,
    NFLG_DPORT,
    NFLG_ROLES
};

/* What a parse function returns instead of the header that is due next. */
enum { NFLG_DONE = -1, NFLG_MALFORMED = -2 };

struct nflg_place { /* of a field that has a role */
    uint16_t bit;   /* from the start of the frame */
    uint8_t bits;   /* 0: no header gave this role */
    uint8_t header; /* which of the parsed ones gave it */
};

struct nflg_header { /* one that was parsed */
    uint16_t kind;   /* which declaration */
    uint16_t at, to; /* its first byte, and the one after its last */
};

struct nflg_head {
    struct nfl_pkt *pkt;
    uint8_t *data;  /* pkt->data */
    uint32_t at;    /* where the parsed headers end */
    uint32_t end;   /* what comes next must lie before */
    unsigned n;     /* headers parsed */
    bool malformed; /* a header was due and was not there */
    bool no_flow;   /* a header says so */
    bool dirty;     /* written to; saved holds the parsed headers as they
                       arrived */
    uint64_t there[(NFLG_HEADERS + 63) / 64];
    uint16_t off[NFLG_HEADERS]; /* outermost of each kind that is there */
    struct nflg_header parsed[NFLG_MAX_HEADERS];
    struct nflg_place role[NFLG_ROLES];
    struct nfl_tuple tuple; /* as it arrived */
    uint8_t saved[NFLG_MAX_BYTES];
};

NFLG_FN bool nflg_has(const struct nflg_head *h, unsigned kind)
{
    return h->there[kind / 64] >> kind % 64 & 1;
}

NFLG_FN bool nflg_has_flow(const struct nflg_head *h)
{
    return !h->malformed && !h->no_flow && h->role[NFLG_SRC].bits &&
           h->role[NFLG_DST].bits && h->role[NFLG_PROTO].bits;
}

NFLG_FN void nflg_begin(struct nflg_head *h, struct nfl_pkt *pkt)
{
    h->pkt = pkt;
    h->data = pkt->data;
    h->at = 0;
    h->end = pkt->len;
    h->n = 0;
    h->malformed = h->no_flow = h->dirty = false;
    memset(h->there, 0, sizeof(h->there));
    memset(h->role, 0, sizeof(h->role));
    memset(&h->tuple, 0, sizeof(h->tuple));
}

/* The header that is due, if its `fixed` bytes are there to be looked at, else
 * NULL. */
NFLG_FN const uint8_t *nflg_due(const struct nflg_head *h, unsigned fixed)
{
    if (h->n == NFLG_MAX_HEADERS || h->end - h->at < fixed)
        return NULL;
    return h->data + h->at;
}

/* What is left of the parent's bytes: the `end` of a header without one. */
NFLG_FN uint64_t nflg_left(const struct nflg_head *h)
{
    return h->end - h->at;
}

/* Takes the header that is due, or not: LANGUAGE.md, section 2, rules 3 to 5.
 * `end` counts from its first byte. */
NFLG_FN bool nflg_take(struct nflg_head *h, unsigned kind, unsigned fixed,
                       uint64_t size, uint64_t end)
{
    struct nflg_header *p = &h->parsed[h->n];

    if (size < fixed || end < size || end > nflg_left(h) ||
        size > NFLG_MAX_BYTES || h->at + size > NFLG_MAX_BYTES)
        return false;
    p->kind = (uint16_t)kind;
    p->at = (uint16_t)h->at;
    p->to = (uint16_t)(h->at + size);
    if (!nflg_has(h, kind)) {
        h->there[kind / 64] |= (uint64_t)1 << kind % 64;
        h->off[kind] = p->at;
    }
    h->end = h->at + (uint32_t)end;
    h->at = p->to;
    h->n++;
    return true;
}

/* The header just taken gives a role by its field of `bits` bits at `bit`.
 * Addresses of more than 32 bits are IPv6. */
NFLG_FN void nflg_give(struct nflg_head *h, enum nflg_role role, unsigned bit,
                       unsigned bits)
{
    const struct nflg_header *p = &h->parsed[h->n - 1];
    nfl_u128 v = nflg_getbits128(h->data + p->at, bit, bits);

    h->role[role].bit = (uint16_t)(p->at * 8u + bit);
    h->role[role].bits = (uint8_t)bits;
    h->role[role].header = (uint8_t)(h->n - 1);
    if (role == NFLG_SRC) {
        h->tuple.src = v;
        h->tuple.v6 = bits > 32;
    } else if (role == NFLG_DST) {
        h->tuple.dst = v;
    } else if (role == NFLG_PROTO) {
        h->tuple.proto = (uint8_t)v;
    } else if (role == NFLG_SPORT) {
        h->tuple.sport = (uint16_t)v;
    } else {
        h->tuple.dport = (uint16_t)v;
    }
}

/* Before the first write to the packet. */
NFLG_FN void nflg_touch(struct nflg_head *h)
{
    if (h->dirty)
        return;
    memcpy(h->saved, h->data, h->at);
    h->dirty = true;
}

/* ---- fields of the packet at hand; their header is known to be there ---- */

#define NFLG_FIELD(n, type)                                                    \
    NFLG_FN type nflg_u##n(const struct nflg_head *h, unsigned kind,           \
                           unsigned off)                                       \
    {                                                                          \
        return nflg_get##n(h->data + h->off[kind], off);                       \
    }

NFLG_FIELD(8, uint32_t)
NFLG_FIELD(16, uint32_t)
NFLG_FIELD(32, uint32_t)
NFLG_FIELD(64, uint64_t)
NFLG_FIELD(128, nfl_u128)

#define NFLG_BITS(n, type)                                                     \
    NFLG_FN type nflg_bits##n(const struct nflg_head *h, unsigned kind,        \
                              unsigned bit, unsigned bits)                     \
    {                                                                          \
        return nflg_getbits##n(h->data + h->off[kind], bit, bits);             \
    }

NFLG_BITS(32, uint32_t)
NFLG_BITS(64, uint64_t)
NFLG_BITS(128, nfl_u128)

NFLG_FN void nflg_set(struct nflg_head *h, unsigned kind, unsigned bit,
                      unsigned bits, nfl_u128 v)
{
    nflg_touch(h);
    nflg_putbits(h->data + h->off[kind], bit, bits, v);
}

/* ---- a packet in its chain ---- */

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

/* Finds or opens the session of a packet that has a flow. False if it was
 * refused, and the packet dropped. */
NFLG_FN bool nflg_session(struct nfl_ctx *c, const struct nflg_head *h,
                          uint64_t hash)
{
    const struct nflg_place *port = &h->role[NFLG_SPORT];
    struct nfl_l4 l4 = {NULL, 0};

    if (!nflg_has_flow(h))
        return true;
    if (h->role[NFLG_SPORT].bits)
        l4.ports |= NFL_SET_SPORT;
    if (h->role[NFLG_DPORT].bits)
        l4.ports |= NFL_SET_DPORT;
    /* That TCP is protocol 6 is the network layer's knowledge; its header is
     * the one that gave the ports. */
    if (h->tuple.proto == 6 && port->bits) {
        const struct nflg_header *p = &h->parsed[port->header];

        if (p->to - p->at >= 20)
            l4.tcp = h->data + p->at;
    }
    c->session = nfl_session_packet(c->worker, c->chain, &h->tuple, c->side,
                                    hash, &l4, &c->back);
    if (!c->session)
        return nflg_drop(c, h, NFL_DROP_table_full);
    c->shard = c->session->shard;
    return true;
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

/* True once after each change of parameters. */
NFLG_FN bool nflg_reconfigured(const struct nfl_ctx *c)
{
    if (!c->session || c->session->config_age == c->chain->config_age)
        return false;
    c->session->config_age = c->chain->config_age;
    return true;
}

/* The NF at hand takes back that it dropped the flow. */
NFLG_FN void nflg_judge_again(const struct nfl_ctx *c)
{
    c->session->dropped &= ~((uint64_t)1 << c->nf);
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

NFLG_COLD void nflg_trace(const struct nfl_ctx *c, unsigned handler)
{
    const struct nfl_chain_desc *d = c->chain->desc;

    nfl_trace_event(c->worker->trace, c->worker->packets, c->worker->now,
                    d->name, d->nfs[c->nf].name, d->handlers[handler].events,
                    d->handlers[handler].line,
                    c->session ? &c->session->t0 : NULL);
}

/* A handler runs. */
NFLG_FN void nflg_run(const struct nfl_ctx *c, unsigned handler)
{
    c->chain->runs[handler]++;
    if (__builtin_expect(c->worker->trace != NULL, 0))
        nflg_trace(c, handler);
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
         : (__typeof__(*(p)))nfl_order_do(c, p, sizeof(*(p)), NFL_OP_GET, 0))

/* Where tests ask for an order: one after the other. */
#define nflg_atomic_by(c, p, v, op, how)                                       \
    do {                                                                       \
        __typeof__(*(p)) *nflg_p = (p);                                        \
        __typeof__(*(p)) nflg_v = (__typeof__(*(p)))(v);                       \
                                                                               \
        if (__builtin_expect(!(c)->worker->order, 1))                          \
            how;                                                               \
        else                                                                   \
            nfl_order_do(c, nflg_p, sizeof(*nflg_p), op, nflg_v);              \
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

/* Sets a field by its role, if the packet has it. */
NFLG_FN void nflg_translate(struct nflg_head *h, enum nflg_role role,
                            nfl_u128 v)
{
    const struct nflg_place *p = &h->role[role];

    if (!p->bits)
        return;
    nflg_touch(h);
    nflg_putbits(h->data, p->bit, p->bits, v);
}

NFLG_FN const struct nfl_hop *nflg_hop(const struct nfl_ctx *c, unsigned hop)
{
    return (const struct nfl_hop *)(c->session + 1) + hop;
}

/* An initiator's packet leaves the NF at hand. Always true. */
NFLG_FN bool nflg_apply(const struct nfl_ctx *c, struct nflg_head *h,
                        unsigned hop)
{
    const struct nfl_hop *p;

    if (!c->session || c->back)
        return true;
    p = nflg_hop(c, hop);
    if (p->set & NFL_SET_SRC)
        nflg_translate(h, NFLG_SRC, p->after.src);
    if (p->set & NFL_SET_SPORT)
        nflg_translate(h, NFLG_SPORT, p->after.sport);
    if (p->set & NFL_SET_DST)
        nflg_translate(h, NFLG_DST, p->after.dst);
    if (p->set & NFL_SET_DPORT)
        nflg_translate(h, NFLG_DPORT, p->after.dport);
    return true;
}

/* A responder's packet enters the NF at hand. */
NFLG_FN void nflg_undo(const struct nfl_ctx *c, struct nflg_head *h,
                       unsigned hop)
{
    const struct nfl_tuple *t;
    uint8_t set;

    if (!c->session || !c->back)
        return;
    set = nflg_hop(c, hop)->set;
    if (!set)
        return;
    t = nfl_session_tuple(c->chain, c->session, c->nf);
    if (set & NFL_SET_SRC)
        nflg_translate(h, NFLG_DST, t->src);
    if (set & NFL_SET_SPORT)
        nflg_translate(h, NFLG_DPORT, t->sport);
    if (set & NFL_SET_DST)
        nflg_translate(h, NFLG_SRC, t->dst);
    if (set & NFL_SET_DPORT)
        nflg_translate(h, NFLG_SPORT, t->dport);
}

/* ---- checksums: LANGUAGE.md, section 6 ---- */

struct nflg_sum {   /* a checksum of a header */
    uint16_t kind;  /* the header */
    uint16_t off;   /* bytes from the header's start to the checksum */
    uint8_t rest;   /* covers all that follows, too */
    uint8_t pseudo; /* covers the pseudo fields of a header before */
    uint8_t optional;
};

struct nflg_span { /* a field of a pseudo header */
    uint16_t kind;
    uint16_t off, bytes;
};

struct nflg_sums { /* of all headers of the program */
    const struct nflg_sum *sums;
    unsigned n_sums;
    const struct nflg_span *pseudo;
    unsigned n_pseudo;
};

static const struct nflg_sums g_sums; /* generated code defines it */

/* The 16-bit word at off; the byte from `end` on is zero. What lies behind the
 * parsed headers cannot have changed, and a byte that is the same on both sides
 * cancels out. */
NFLG_FN uint32_t nflg_word(const uint8_t *p, unsigned off, unsigned end)
{
    return (uint32_t)p[off] << 8 | (off + 1 < end ? p[off + 1] : 0u);
}

/* True if the eight bytes from off on are as they arrived. */
NFLG_FN bool nflg_same(const struct nflg_head *h, unsigned off)
{
    return memcmp(h->saved + off, h->data + off, 8) == 0;
}

/* Adds ~m + m' of the words that changed to *acc. True if any did. */
NFLG_FN bool nflg_changes(const struct nflg_head *h, unsigned at, unsigned end,
                          unsigned skip, uint32_t *acc)
{
    bool any = false;
    unsigned i;

    for (i = at; i < end; i += 2) {
        uint32_t m, n;

        if (i + 8 <= end && nflg_same(h, i)) {
            i += 6;
            continue;
        }
        m = nflg_word(h->saved, i, end);
        n = nflg_word(h->data, i, end);
        if (m == n || i == skip)
            continue;
        *acc += (~m & 0xffff) + n;
        any = true;
    }
    return any;
}

/* The same of the pseudo fields of the nearest header before the i-th that
 * has some. */
NFLG_FN bool nflg_changes_pseudo(const struct nflg_head *h, unsigned i,
                                 const struct nflg_sums *s, uint32_t *acc)
{
    bool any = false, found = false;
    unsigned k;

    while (i-- > 0 && !found)
        for (k = 0; k < s->n_pseudo; k++) {
            unsigned at = h->parsed[i].at + s->pseudo[k].off;

            if (s->pseudo[k].kind != h->parsed[i].kind)
                continue;
            found = true;
            any |= nflg_changes(h, at, at + s->pseudo[k].bytes, ~0u, acc);
        }
    return any;
}

/* RFC 1624, equation 3, over the words that changed. */
NFLG_FN void nflg_fix(struct nflg_head *h, unsigned i, const struct nflg_sum *k,
                      const struct nflg_sums *s)
{
    unsigned at = h->parsed[i].at, sum = at + k->off;
    uint32_t old = nflg_get16(h->saved, sum), acc = ~old & 0xffff;
    bool any;

    if (k->optional && !old)
        return;
    any = nflg_changes(h, at, k->rest ? h->at : h->parsed[i].to, sum, &acc);
    if (k->pseudo)
        any |= nflg_changes_pseudo(h, i, s, &acc);
    if (!any)
        return;
    while (acc >> 16)
        acc = (acc & 0xffff) + (acc >> 16);
    acc = ~acc & 0xffff;
    if (k->optional && !acc)
        acc = 0xffff;
    nflg_putbits(h->data, sum * 8, 16, acc);
}

/* Innermost first: an outer checksum covers an inner one. */
NFLG_COLD void nflg_fix_all(struct nflg_head *h, const struct nflg_sums *s)
{
    unsigned i, k;

    for (i = h->n; i-- > 0;)
        for (k = 0; k < s->n_sums; k++)
            if (s->sums[k].kind == h->parsed[i].kind)
                nflg_fix(h, i, &s->sums[k], s);
}

/* True if the checksum k of header i was wrong on arrival. */
NFLG_FN bool nflg_is_wrong(const struct nflg_head *h, unsigned i,
                           const struct nflg_sum *k)
{
    const uint8_t *p = h->dirty ? h->saved : h->data;
    unsigned at, end = h->parsed[i].to;
    uint32_t acc = 0;

    if (k->optional && !nflg_get16(p, h->parsed[i].at + k->off))
        return false;
    for (at = h->parsed[i].at; at < end; at += 2)
        acc += nflg_word(p, at, end);
    while (acc >> 16)
        acc = (acc & 0xffff) + (acc >> 16);
    return acc != 0xffff;
}

/* How many headers have a checksum that covers nothing else. */
NFLG_FN unsigned nflg_own_sums(const struct nflg_head *h,
                               const struct nflg_sums *s)
{
    unsigned i, k, n = 0;

    for (i = 0; i < h->n; i++)
        for (k = 0; k < s->n_sums; k++)
            n += s->sums[k].kind == h->parsed[i].kind && !s->sums[k].rest &&
                 !s->sums[k].pseudo;
    return n;
}

/* True if a checksum that covers its header alone was wrong on arrival. */
NFLG_FN bool nflg_bad_checksum(const struct nflg_head *h,
                               const struct nflg_sums *s)
{
    unsigned i, k;

    /* A device looks at one header, and of several it is not said which. */
    if (h->pkt->sum_good && nflg_own_sums(h, s) == 1)
        return false;
    for (i = 0; i < h->n; i++)
        for (k = 0; k < s->n_sums; k++)
            if (s->sums[k].kind == h->parsed[i].kind && !s->sums[k].rest &&
                !s->sums[k].pseudo && nflg_is_wrong(h, i, &s->sums[k]))
                return true;
    return false;
}

/* The packet has passed all NFs. */
NFLG_FN void nflg_leave(const struct nfl_ctx *c, struct nflg_head *h,
                        const struct nflg_sums *s)
{
    if (h->dirty)
        nflg_fix_all(h, s);
    h->pkt->out = c->chain->desc->port[!c->side];
    h->pkt->reason = NFL_DROP_none;
}

/* ---- tables ---- */

#include <nfl/gen_table.h>

/* ---- the C of the prelude's types: packet and flow ---- */

NFLG_FN uint32_t nfs_packet_len(const struct nfl_ctx *c,
                                const struct nflg_head *h)
{
    (void)c;
    return h->pkt->len;
}

NFLG_FN bool nfs_packet_in_flow(const struct nfl_ctx *c,
                                const struct nflg_head *h)
{
    (void)c;
    return nflg_has_flow(h);
}

NFLG_FN bool nfs_packet_malformed(const struct nfl_ctx *c,
                                  const struct nflg_head *h)
{
    (void)c;
    return h->malformed;
}

NFLG_FN bool nfs_packet_bad_checksum(const struct nfl_ctx *c,
                                     const struct nflg_head *h)
{
    (void)c;
    return nflg_bad_checksum(h, &g_sums);
}

NFLG_FN struct nfl_ipaddr nfs_flow_src(const struct nfl_ctx *c,
                                       const struct nfl_session *f)
{
    const struct nfl_tuple *t = nfl_session_tuple(c->chain, f, c->nf);

    return nflg_addr(t->v6, t->src);
}

NFLG_FN struct nfl_ipaddr nfs_flow_dst(const struct nfl_ctx *c,
                                       const struct nfl_session *f)
{
    const struct nfl_tuple *t = nfl_session_tuple(c->chain, f, c->nf);

    return nflg_addr(t->v6, t->dst);
}

NFLG_FN uint32_t nfs_flow_sport(const struct nfl_ctx *c,
                                const struct nfl_session *f)
{
    return nfl_session_tuple(c->chain, f, c->nf)->sport;
}

NFLG_FN uint32_t nfs_flow_dport(const struct nfl_ctx *c,
                                const struct nfl_session *f)
{
    return nfl_session_tuple(c->chain, f, c->nf)->dport;
}

NFLG_FN uint32_t nfs_flow_proto(const struct nfl_ctx *c,
                                const struct nfl_session *f)
{
    return nfl_session_tuple(c->chain, f, c->nf)->proto;
}

NFLG_FN bool nfs_flow_rewrite(const struct nfl_ctx *c, struct nfl_session *f,
                              bool src, struct nfl_ipaddr src_addr,
                              uint64_t src_port, bool dst,
                              struct nfl_ipaddr dst_addr, uint64_t dst_port)
{
    struct nfl_tuple to = f->t0;
    uint8_t set = 0;

    /* The tuple says one family; an address of the other is refused here. */
    if ((src && src_addr.v6 != to.v6) || (dst && dst_addr.v6 != to.v6))
        return false;
    if (src) {
        set |= NFL_SET_SRC | NFL_SET_SPORT;
        to.src = src_addr.a;
        to.sport = (uint16_t)src_port;
    }
    if (dst) {
        set |= NFL_SET_DST | NFL_SET_DPORT;
        to.dst = dst_addr.a;
        to.dport = (uint16_t)dst_port;
    }
    return nfl_session_rewrite(c->worker, c->chain, f, c->nf, set, &to);
}

/* ---- the instruction sets that the compiler was free to use ---- */

#include <nfl/gen_cpu.h>

#endif
