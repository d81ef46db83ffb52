/* The chain of examples/edge by hand: Nat -> Maglev -> Monitor -> Firewall in
 * C that is for this chain only, as fast as we know how to write it, and does
 * all that the law (compiler/LANGUAGE.md, Part II) demands of it. The emitted
 * code is measured against it; tests/chain/handwritten compares it with the
 * interpreter.
 *
 * Numbers of a packet stay in network order, as they lie in its header. */
#ifndef BENCH_EDGE_H
#define BENCH_EDGE_H

#include <nfl/acl_text.h>
#include <nfl/backend_text.h>
#include <nfl/session.h>
#include <string.h>

/* -D makes it another chain of the same kinds of NFs: EDGE_ORDER has them from
 * the left, EDGE_WALLS is the number of firewalls. */
#ifndef EDGE_ORDER
#define EDGE_NAME  "edge"
#define EDGE_ORDER NAT, MAGLEV, MONITOR, WALL
#define EDGE_WALLS 1
#define EDGE_FLOWS 1000000
#define EDGE_ADDRS 1          /* that Nat has; 0: there is no Nat, no Maglev */
#define EDGE_RULES "edge.acl" /* of all firewalls but the last */
#define EDGE_LAST  "edge.acl" /* of the last one */
#define EDGE_DROPS false      /* the last one denies most */
#endif

/* The bare limit, by which machines are compared: a CRC in the place of the
 * keyed hash, and nothing is checked of a packet or its flow. It may only get
 * packets of TCP and UDP in IPv4 without options, SYN, FIN and RST, once their
 * flows are open. */
#ifndef EDGE_BARE
#define EDGE_BARE false
#endif

enum { SHARDS = 64, FLOWS = EDGE_FLOWS, HEADS = 1 << 22 };
enum { PORT_LO = 1024, PORT_N = 65536 - PORT_LO };
enum { OPENING = 30000, IDLE = 300000, CLOSING = 10000 }; /* ms */
enum { TCP = 6, UDP = 17, ICMP = 1, ICMP6 = 58 };
enum { FIN = 1, SYN = 2, RST = 4, ACK = 16 };

/* flow.kind, and whose packet it would be if it opened a flow */
enum { OUTSIDE = 1, V6 = 2 };

/* flow.tcp_seen: what a side was seen to send; of the responder, shifted by
 * SEEN_BITS */
enum { SEEN_ACK = 1, SEEN_SYN = 2, SEEN_FIN = 4, SEEN_BITS = 4 };

enum {
    DROP_PROTO = NFL_DROP_N,
    DROP_NO_PORT,
    DROP_REWRITE,
    DROP_OUTSIDE,
    DROP_FRAGMENT,
    DROP_MALFORMED,
    DROP_NO_BACKEND,
    DROP_BACKEND_REWRITE,
    DROP_VIP_FRAGMENT,
    DROP_FULL,
    DROP_DENIED /* by the first firewall; then the others */
};

/* `stamp` counts packets of flows inside a tick: who was refreshed when. */
enum { STAMP_BITS = 22 };

enum { NAT, MAGLEV, MONITOR, SIGNATURES, WALL, NF_N = WALL + EDGE_WALLS };

/* flow.verdict: what the next packet finds */
enum { PASSES, DROPPED /* by the last firewall */, UNDECIDED /* go slowly */ };

/* What every packet needs of its flow: one line of the cache. */
struct flow {
    uint64_t ends;             /* source, destination; of IPv6 folded */
    uint64_t out_ends;         /* as they leave */
    uint32_t ports, out_ports; /* source, destination */
    uint16_t ip_delta;         /* of checksums, as the initiator sends */
    uint16_t l4_delta;
    uint8_t proto;
    uint8_t kind : 2;
    uint8_t phase : 3; /* enum nfl_phase */
    uint8_t verdict : 3;
    uint8_t tcp_seen;
    uint8_t age;    /* of the parameters it was judged by */
    uint64_t stamp; /* tick << STAMP_BITS, and the order in it */
    uint32_t tcp_ack[2];
    uint64_t packets, bytes;
} __attribute__((aligned(64)));

_Static_assert(sizeof(struct flow) == 64, "a line of the cache");

/* The rest. A reference is the flow's index * 2 + (1: by its answers). */
struct cold {
    uint32_t next[2]; /* of the same hash */
    uint32_t place;   /* in the heap */
    uint32_t tcp_syn_end[2];
    uint16_t verdict[NF_N]; /* why they drop the flow; 0: they do not */
    bool seen[NF_N];        /* FLOW/NEW was there */
    uint8_t shard, have; /* have: enum nfl_set_*, ports of the first packet */
    bool leased;
    uint16_t lease;
    uint8_t lease_of; /* which of Nat's addresses */
    uint8_t addr[32]; /* IPv6: source, destination */
};

/* Not after the flow's expiry; a refresh does not move it. */
struct due {
    uint64_t expires, stamp;
    uint32_t flow;
};

struct queue {
    uint32_t at, size, head, n; /* free ports, in edge.ports */
};

struct shard {
    uint32_t used, most;                            /* flows */
    struct queue free[EDGE_ADDRS ? EDGE_ADDRS : 1]; /* of each address */
};

struct edge {
    struct flow *flows;
    struct cold *cold;
    uint32_t *heads; /* references */
    uint64_t key[4];
    uint64_t next_tick; /* ns when the clock moves on */
    uint64_t stamp;
    uint64_t timeout[NFL_PHASE_N];
    struct due *heap;
    uint32_t n_heap;
    uint32_t *free; /* indices of flows */
    uint32_t n_free, unused;
    uint32_t xaddr; /* the first of Nat, in host order */
    uint8_t age;    /* how often parameters changed: FLOW/CONFIG */
    uint32_t vip;   /* of Maglev, with its port */
    uint16_t vip_port;
    struct nfl_backends *backends;
    uint16_t *pick; /* Maglev's table: indices of backends; NULL: none */
    uint64_t seed;
    uint16_t *ports;
    struct nfl_acl_rules *rules, *last;
    uint64_t matches; /* payloads with a signature */
    struct shard shard[SHARDS];
};

/* What was found in a packet. */
struct seen {
    uint64_t ends;
    uint32_t ports;
    uint8_t proto, kind;
    uint8_t have; /* NFL_SET_SPORT, NFL_SET_DPORT: which it carries */
    bool has_ip, fragment, has_flow;
    uint8_t *ip;         /* IPv4 */
    const uint8_t *addr; /* IPv6: source, destination */
    uint8_t *l4;
    const uint8_t *tcp;
    uint64_t hash;
};

/* ---- numbers ---- */

static inline uint16_t load16(const uint8_t *p)
{
    uint16_t v;

    memcpy(&v, p, 2);
    return v;
}

static inline uint32_t load32(const uint8_t *p)
{
    uint32_t v;

    memcpy(&v, p, 4);
    return v;
}

static inline uint64_t load64(const uint8_t *p)
{
    uint64_t v;

    memcpy(&v, p, 8);
    return v;
}

static inline void store16(uint8_t *p, uint16_t v)
{
    memcpy(p, &v, 2);
}

static inline void store32(uint8_t *p, uint32_t v)
{
    memcpy(p, &v, 4);
}

static inline void store64(uint8_t *p, uint64_t v)
{
    memcpy(p, &v, 8);
}

static inline uint16_t be16(const uint8_t *p)
{
    return __builtin_bswap16(load16(p));
}

static inline uint32_t fold(uint32_t sum)
{
    sum = (sum & 0xffff) + (sum >> 16);
    return (sum & 0xffff) + (sum >> 16);
}

/* Source and destination change places. */
static inline uint64_t turn_ends(uint64_t ends)
{
    return ends >> 32 | ends << 32;
}

static inline uint32_t turn_ports(uint32_t ports)
{
    return ports >> 16 | ports << 16;
}

/* The sum of ~m + m' of all words the other way round: never zero where the
 * one given is not, since no word becomes zero here. */
static inline uint16_t turn_delta(uint16_t delta)
{
    return delta == 0 || delta == 0xffff ? delta : (uint16_t)~delta;
}

/* ---- the table ---- */

static inline uint64_t mix(uint64_t a, uint64_t b)
{
    nfl_u128 m = (nfl_u128)a * b;

    return (uint64_t)m ^ (uint64_t)(m >> 64);
}

static inline uint64_t hash_of(const struct edge *e, uint64_t ends,
                               uint32_t ports, uint8_t proto, uint8_t kind)
{
    uint64_t rest = ports | (uint64_t)proto << 32 | (uint64_t)kind << 40;

#ifdef __SSE4_2__
    if (EDGE_BARE)
        return __builtin_ia32_crc32di(__builtin_ia32_crc32di(0, ends), rest);
#endif
    return mix(mix(ends ^ e->key[0], rest ^ e->key[1]) ^ e->key[2], e->key[3]);
}

static inline bool flow_is(const struct edge *e, uint32_t ref,
                           const struct seen *p)
{
    const struct flow *f = &e->flows[ref >> 1];
    uint64_t ends = f->ends;
    uint32_t ports = f->ports;
    uint8_t back = ref & 1;

    if (back) {
        ends = turn_ends(f->out_ends);
        ports = turn_ports(f->out_ports);
    }
    if (ends != p->ends || ports != p->ports || f->proto != p->proto ||
        (f->kind ^ back) != p->kind)
        return false;
    return !(p->kind & V6) ||
           (memcmp(e->cold[ref >> 1].addr, p->addr + 16 * back, 16) == 0 &&
            memcmp(e->cold[ref >> 1].addr + 16, p->addr + 16 - 16 * back, 16) ==
                0);
}

/* The flow of a packet as a reference; 0: none. Who is found by T0 comes first
 * in each list, then the others in the order in which they had it. */
static inline uint32_t find(const struct edge *e, const struct seen *p)
{
    uint32_t ref = e->heads[p->hash & (HEADS - 1)];

    while (ref && !flow_is(e, ref, p))
        ref = e->cold[ref >> 1].next[ref & 1];
    return ref;
}

/* ---- parse.c ---- */

/* Any frame. */
void edge_parse(const struct edge *e, struct seen *p,
                const struct nfl_pkt *pkt);

/* ---- flow.c ---- */

bool edge_init(struct edge *e, uint32_t xaddr, uint64_t seed);
void edge_fini(struct edge *e);
/* 0: the table is full. */
uint32_t edge_open(struct edge *e, const struct seen *p);
void edge_end(struct edge *e, uint32_t flow);
/* Ends what is due at this tick or before. */
void edge_expire(struct edge *e, uint64_t tick);
/* A port of the flow's shard, in network order; 0: there is none. Of several
 * addresses the flow's source port chooses: *addr, in network order. */
uint16_t edge_take(struct edge *e, uint32_t flow, uint32_t *addr);
/* What leaves gets another tuple, so answers are looked for elsewhere. */
void edge_answers(struct edge *e, uint32_t flow, uint64_t ends, uint32_t ports);
/* The shard of a packet that opens a flow. */
unsigned edge_shard(const struct edge *e, const struct seen *p);
/* A TCP packet with SYN, FIN or RST, or the first one. */
void edge_tcp(struct edge *e, uint32_t flow, const uint8_t *tcp, unsigned from,
              bool first);

/* ---- maglev.c ---- */

/* False if there is no memory. */
bool edge_fill(struct edge *e);
/* The backend of an IPv4 flow; NULL: there is none. */
const struct nfl_backend *edge_pick(const struct edge *e, uint64_t ends,
                                    uint32_t ports, uint8_t proto);

/* ---- visit.c ---- */

/* ../consolidation/scan.c */
uint32_t nfx_scan(const uint8_t *payload, uint32_t payload_len);

/* SignatureMatch: reads all payload of an IPv4 packet of TCP or UDP. */
static inline void edge_signatures(struct edge *e, const struct seen *p)
{
    const uint8_t *to = p->ip + be16(p->ip + 2);
    const uint8_t *from = p->l4 + (p->proto == TCP ? (p->l4[12] >> 4) * 4 : 8);

    if (p->proto == UDP)
        to = p->l4 + be16(p->l4 + 4) < to ? p->l4 + be16(p->l4 + 4) : to;
    e->matches += nfx_scan(from, (uint32_t)(to - from)) == 0;
}

/* A packet of any kind, all the way. */
void edge_any(struct nfl_worker *w, struct edge *e, struct nfl_pkt *pkt);

#endif
