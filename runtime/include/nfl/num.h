/* Numbers and addresses as emitted code and the runtime hand them around. All
 * are in host byte order: an IPv4 address 10.0.0.1 is 0x0a000001. */
#ifndef NFL_NUM_H
#define NFL_NUM_H

#include <stdbool.h>
#include <stdint.h>

__extension__ typedef unsigned __int128 nfl_u128;

/* An address of either family (`ipaddr`). */
struct nfl_ipaddr {
    nfl_u128 a; /* IPv4 in the low 32 bits */
    uint8_t v6; /* 0: IPv4, 1: IPv6 */
};

static inline bool nfl_ipaddr_eq(struct nfl_ipaddr x, struct nfl_ipaddr y)
{
    return x.a == y.a && x.v6 == y.v6;
}

/* What identifies a flow, seen from the sender of a packet. */
struct nfl_tuple {
    nfl_u128 src, dst;     /* IPv4 in the low 32 bits */
    uint16_t sport, dport; /* 0 where the protocol has none */
    uint8_t proto;         /* IP protocol number */
    uint8_t v6;            /* 0: IPv4, 1: IPv6 */
};

static inline struct nfl_tuple nfl_tuple_reverse(const struct nfl_tuple *t)
{
    struct nfl_tuple r = *t;

    r.src = t->dst;
    r.dst = t->src;
    r.sport = t->dport;
    r.dport = t->sport;
    return r;
}

static inline bool nfl_tuple_eq(const struct nfl_tuple *x,
                                const struct nfl_tuple *y)
{
    return x->src == y->src && x->dst == y->dst && x->sport == y->sport &&
           x->dport == y->dport && x->proto == y->proto && x->v6 == y->v6;
}

/* How a number is printed. */
enum nfl_fmt {
    NFL_FMT_INT,
    NFL_FMT_BOOL,
    NFL_FMT_IPV4,
    NFL_FMT_IPV6,
    NFL_FMT_MAC,
    NFL_FMT_IPADDR
};

#endif
