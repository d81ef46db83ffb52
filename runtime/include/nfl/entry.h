/* How a session lies in memory, and how its tuples are read. Who needs one
 * calls a function of this header; no other file knows where they are.
 *
 * All of a flow is kept as the left side of its chain sends it: what comes from
 * the right is turned round first. So a session has two keys, what its packets
 * say at the left side of the chain and at its right: one of them is T0, the
 * other Tn. In a chain of one direction, where both ends of a flow stand at the
 * same port, the lesser end comes first, and the keys are the same.
 *
 * Keys lie as they do in packets, in network byte order: source, destination,
 * their ports, the protocol. */
#ifndef NFL_ENTRY_H
#define NFL_ENTRY_H

#include <nfl/bucket.h>
#include <nfl/flow_bytes.h>
#include <nfl/module.h>
#include <string.h>

struct nfl_lease;

enum nfl_phase {              /* chooses the timeout */
                 NFL_OPENING, /* TCP, only SYNs so far */
                 NFL_OPEN,    /* TCP beyond that, and every other protocol */
                 NFL_CLOSING, /* TCP after both FINs or a valid RST */
                 NFL_PHASE_N,
                 NFL_REFUSED = NFL_PHASE_N /* ends with the packet at hand */
};

enum { NFL_SET_SRC = 1, NFL_SET_SPORT = 2, NFL_SET_DST = 4, NFL_SET_DPORT = 8 };

struct nfl_end4 { /* of IPv4 */
    uint32_t src, dst;
    uint16_t sport, dport;
};

struct nfl_end6 { /* of IPv6; whoever needs no protocol leaves it 0 */
    uint64_t src[2], dst[2];
    uint16_t sport, dport;
    uint8_t proto, zero[3];
};

enum { NFL_KEY4_WORDS = 2, NFL_KEY6_WORDS = 5 };

/* What is looked for: as in a session, and 0 for what is not the key's. */
struct nfl_probe {
    uint64_t w[NFL_KEY6_WORDS]; /* of IPv4: the first two */
    uint8_t v6;
    uint8_t turned; /* 1: the packet itself goes the other way */
};

/* The first line of 64 bytes is all that an IPv4 packet needs of a session but
 * its flow variables. Behind it: what the chain adds, and the tail. */
struct nfl_session {
    struct nfl_end4 left; /* IPv4: the key at the left side */
    uint8_t proto;
    uint8_t phase : 2;  /* enum nfl_phase */
    uint8_t side : 1;   /* of the initiator: 0 left, 1 right */
    uint8_t turned : 1; /* T0 is the key at the right side */
    uint8_t ports : 4;  /* NFL_SET_SPORT, NFL_SET_DPORT: which ports exist */
    uint16_t shard;

    struct nfl_end4 right; /* IPv4: the key at the right side */
    uint8_t proto_too;
    uint8_t tcp_seen : 6; /* 3 bits for the initiator, 3 for its peer */
    uint8_t v6 : 1;
    uint8_t live : 1;
    uint8_t shape[2]; /* those of the initiator's packets and of the answers
                         that may go the fast way; 0: they may not */

    uint64_t due;         /* expiry tick * 2^19 + high bits of the arming */
    uint32_t due_low;     /* low 32 bits of the arming */
    uint32_t config_age;  /* of the chain, when FLOW/CONFIG was raised last */
    uint32_t tcp_mark[2]; /* of each side: its last ACK, else its SYN's end */
    uint64_t dropped;     /* NFs (bit = position) that dropped the flow */

    uint64_t seen;            /* NFs that had FLOW/NEW */
    struct nfl_lease *leases; /* the last one; its next is the first */
    /* then: uint8_t set[n_hops], uint16_t reasons of drops, exits, variables:
     * desc->flows->entry_bytes in all; then the tail, and the next hops */
} __attribute__((aligned(16)));

_Static_assert(sizeof(struct nfl_session) == NFL_SESSION_BYTES &&
                   NFL_SESSION_BYTES % NFL_SESSION_ALIGN == 0 &&
                   sizeof(struct nfl_end4) == NFL_HOP4_BYTES &&
                   sizeof(struct nfl_end6) == NFL_HOP6_BYTES &&
                   offsetof(struct nfl_session, right) == 16 &&
                   offsetof(struct nfl_session, seen) == 64,
               "the layout is another");

/* ---- byte order ---- */

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define NFL_BE(bits, v) __builtin_bswap##bits(v)
#define NFL_KEY4_LAST   0xffffffffffull /* ports and protocol of the 2nd word */
#else
#define NFL_BE(bits, v) (v)
#define NFL_KEY4_LAST   0xffffffffff000000ull
#endif

static inline void nfl_end4_put(struct nfl_end4 *e, const struct nfl_tuple *t)
{
    e->src = NFL_BE(32, (uint32_t)t->src);
    e->dst = NFL_BE(32, (uint32_t)t->dst);
    e->sport = NFL_BE(16, t->sport);
    e->dport = NFL_BE(16, t->dport);
}

static inline void nfl_end6_put(struct nfl_end6 *e, const struct nfl_tuple *t)
{
    e->src[0] = NFL_BE(64, (uint64_t)(t->src >> 64));
    e->src[1] = NFL_BE(64, (uint64_t)t->src);
    e->dst[0] = NFL_BE(64, (uint64_t)(t->dst >> 64));
    e->dst[1] = NFL_BE(64, (uint64_t)t->dst);
    e->sport = NFL_BE(16, t->sport);
    e->dport = NFL_BE(16, t->dport);
    e->proto = t->proto;
    memset(e->zero, 0, sizeof(e->zero));
}

static inline struct nfl_tuple nfl_end4_get(const struct nfl_end4 *e)
{
    return (struct nfl_tuple){.src = NFL_BE(32, e->src),
                              .dst = NFL_BE(32, e->dst),
                              .sport = NFL_BE(16, e->sport),
                              .dport = NFL_BE(16, e->dport)};
}

static inline struct nfl_tuple nfl_end6_get(const struct nfl_end6 *e)
{
    return (struct nfl_tuple){
        .src = (nfl_u128)NFL_BE(64, e->src[0]) << 64 | NFL_BE(64, e->src[1]),
        .dst = (nfl_u128)NFL_BE(64, e->dst[0]) << 64 | NFL_BE(64, e->dst[1]),
        .sport = NFL_BE(16, e->sport),
        .dport = NFL_BE(16, e->dport)};
}

/* ---- keys ---- */

/* True if the packets of tuple t from `side` go the other way than the key. */
static inline bool nfl_tuple_turned(const struct nfl_tuple *t, bool two_way,
                                    unsigned side)
{
    if (two_way)
        return side;
    return t->src != t->dst ? t->src > t->dst : t->sport > t->dport;
}

/* Written by one store: what reads it soon after waits for no other. */
typedef uint64_t nfl_key4 __attribute__((vector_size(16)));

/* The words of a key of IPv4. */
static inline void nfl_key4_put(uint64_t *w, const struct nfl_end4 *e,
                                uint8_t proto)
{
    nfl_key4 k;

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    k[0] = e->src | (uint64_t)e->dst << 32;
    k[1] = e->sport | (uint32_t)e->dport << 16 | (uint64_t)proto << 32;
#else
    k[0] = (uint64_t)e->src << 32 | e->dst;
    k[1] = (uint64_t)e->sport << 48 | (uint64_t)e->dport << 32 |
           (uint32_t)proto << 24;
#endif
    memcpy(w, &k, sizeof(k));
}

static inline void nfl_probe_put(struct nfl_probe *k, const struct nfl_tuple *t,
                                 bool turned)
{
    struct nfl_tuple l = turned ? nfl_tuple_reverse(t) : *t;
    struct nfl_end6 e6;
    struct nfl_end4 e4;

    k->turned = turned;
    k->v6 = t->v6;
    if (t->v6) {
        nfl_end6_put(&e6, &l);
        memcpy(k->w, &e6, sizeof(e6));
    } else {
        nfl_end4_put(&e4, &l);
        nfl_key4_put(k->w, &e4, l.proto);
    }
}

/* Of packets with tuple t that arrive at `side`. */
static inline void nfl_probe_make(struct nfl_probe *k,
                                  const struct nfl_tuple *t, bool two_way,
                                  unsigned side)
{
    nfl_probe_put(k, t, nfl_tuple_turned(t, two_way, side));
}

/* ---- tuples of a session ---- */

/* IPv4: struct nfl_end4 hops[]; IPv6: struct nfl_end6 keys[2], hops[]. A hop is
 * what leaves one of the NFs that translate, in the initiator's order, but the
 * last of them: that is Tn. */
static inline uint8_t *nfl_session_tail(const struct nfl_chain_desc *d,
                                        const struct nfl_session *s)
{
    return (uint8_t *)(uintptr_t)s +
           nfl_entry_tail(d->flows->entry_bytes, s->v6);
}

/* The key at the left (0) or the right side (1): struct nfl_end4 or 6. */
static inline void *nfl_session_at(const struct nfl_chain_desc *d,
                                   const struct nfl_session *s, unsigned side)
{
    if (s->v6)
        return nfl_session_tail(d, s) + side * sizeof(struct nfl_end6);
    return (uint8_t *)(uintptr_t)s + side * offsetof(struct nfl_session, right);
}

/* What leaves the turn-th NF that translates, for turn < n_hops - 1. */
static inline void *nfl_session_hop(const struct nfl_chain_desc *d,
                                    const struct nfl_session *s, unsigned turn)
{
    if (s->v6)
        return nfl_session_tail(d, s) + (2 + turn) * sizeof(struct nfl_end6);
    return nfl_session_tail(d, s) + turn * sizeof(struct nfl_end4);
}

/* For the packets that leave at the left (0) and the right side (1): the number
 * of their next hop among those that the network layer knows; 0: none. There is
 * no such layer so far, so all are zero, as entries are when sessions open; by
 * which port packets leave is a constant of the side that they come from. They
 * lie in what rounding leaves free at the end of an entry; NULL: nothing is. In
 * the byte order of the host. */
static inline uint16_t *nfl_session_next(const struct nfl_chain_desc *d,
                                         const struct nfl_session *s)
{
    uint64_t at = nfl_entry_next(d->flows->entry_bytes, d->n_hops, s->v6);

    return at ? (uint16_t *)(void *)((uint8_t *)(uintptr_t)s + at) : NULL;
}

/* From where one of the two says, as the initiator's packets have it. */
static inline struct nfl_tuple nfl_session_get(const struct nfl_session *s,
                                               const void *from)
{
    struct nfl_tuple t = s->v6 ? nfl_end6_get((const struct nfl_end6 *)from)
                               : nfl_end4_get((const struct nfl_end4 *)from);

    t.proto = s->proto;
    t.v6 = s->v6;
    return s->turned ? nfl_tuple_reverse(&t) : t;
}

static inline void nfl_session_put(const struct nfl_session *s, void *to,
                                   const struct nfl_tuple *t)
{
    struct nfl_tuple l = s->turned ? nfl_tuple_reverse(t) : *t;

    if (s->v6)
        nfl_end6_put((struct nfl_end6 *)to, &l);
    else
        nfl_end4_put((struct nfl_end4 *)to, &l);
}

/* What the initiator's packets say on arrival, and when they have left. */
static inline struct nfl_tuple nfl_session_t0(const struct nfl_chain_desc *d,
                                              const struct nfl_session *s)
{
    return nfl_session_get(s, nfl_session_at(d, s, s->turned));
}

static inline struct nfl_tuple nfl_session_tn(const struct nfl_chain_desc *d,
                                              const struct nfl_session *s)
{
    return nfl_session_get(s, nfl_session_at(d, s, !s->turned));
}

/* NFL_SET_*: what each NF that translates has set, by its hop. */
static inline uint8_t *nfl_session_set(const struct nfl_session *s)
{
    return (uint8_t *)(uintptr_t)(s + 1);
}

/* The reasons for which NFs dropped the flow, by their slots. */
static inline uint16_t *nfl_session_drops(const struct nfl_chain_desc *d,
                                          const struct nfl_session *s)
{
    return (uint16_t *)(void *)(nfl_session_set(s) + (d->n_hops + 1) / 2 * 2);
}

/* What the TCP monitor knows; of a chain that asks it. */
static inline struct nfl_tcp *nfl_session_tcp(const struct nfl_chain_desc *d,
                                              const struct nfl_session *s)
{
    return (struct nfl_tcp *)(void *)((uint8_t *)(uintptr_t)s +
                                      d->flows->tcp->at);
}

/* In a chain that remembers bytes that are not acknowledged. */
static inline struct nfl_unacked *nfl_session_unacked(
    const struct nfl_chain_desc *d, const struct nfl_session *s)
{
    return (struct nfl_unacked *)(void *)((uint8_t *)(uintptr_t)s +
                                          d->flows->tcp->unacked);
}

/* In an inline chain. */
static inline struct nfl_inline *nfl_session_inline(
    const struct nfl_chain_desc *d, const struct nfl_session *s)
{
    return (struct nfl_inline *)(void *)((uint8_t *)(uintptr_t)s +
                                         d->flows->tcp->in_line);
}

/* ---- when it expires ---- */

/* (due, due_low) is one number of 96 bits: the tick, and for those of one tick
 * the order in which they were armed. A packet that is turned around arms a
 * second session: there are so many bits for those of one packet. */
enum { NFL_ARMED_HIGH = 19, NFL_ARMED_OF_PACKET = 2 };

#define NFL_ARMED_MASK (((uint64_t)1 << NFL_ARMED_HIGH) - 1)
#define NFL_TICK_MAX   (UINT64_MAX >> NFL_ARMED_HIGH)

static inline uint64_t nfl_session_expires(const struct nfl_session *s)
{
    return s->due >> NFL_ARMED_HIGH;
}

static inline uint64_t nfl_session_armed(const struct nfl_session *s)
{
    return (s->due & NFL_ARMED_MASK) << 32 | s->due_low;
}

/* True if it is due earlier than before. */
static inline bool nfl_session_arm(struct nfl_session *s, uint64_t tick,
                                   uint64_t armed)
{
    uint64_t was = nfl_session_expires(s);

    tick = tick < NFL_TICK_MAX ? tick : NFL_TICK_MAX;
    s->due = tick << NFL_ARMED_HIGH | (armed >> 32 & NFL_ARMED_MASK);
    s->due_low = (uint32_t)armed;
    return tick < was;
}

#endif
