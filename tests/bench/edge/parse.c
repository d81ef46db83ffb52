/* Any frame: VLAN tags, IPv4 with options, IPv6 with extension headers. */
#include "edge.h"

enum { MAX_BYTES = 256, MAX_HEADERS = 16 };
enum { HOP = 0, ROUTE = 43, FRAG = 44, DST = 60 };

struct cursor {
    uint8_t *data;
    uint32_t at, end; /* end: what comes next must lie before */
    unsigned headers;
};

/* The bytes of the header that is due, if so many are there, else NULL. */
static uint8_t *due(struct cursor *c, uint32_t bytes)
{
    if (c->headers == MAX_HEADERS || c->end - c->at < bytes)
        return NULL;
    return c->data + c->at;
}

static bool take(struct cursor *c, uint32_t size)
{
    if (size > c->end - c->at || c->at + size > MAX_BYTES)
        return false;
    c->at += size;
    c->headers++;
    return true;
}

/* Headers behind that of IP. False if the packet is malformed. */
static bool parse_l4(struct cursor *c, struct seen *p, uint8_t proto)
{
    bool v6 = p->kind & V6, icmp = proto == (v6 ? ICMP6 : ICMP);
    uint8_t *h;

    if (proto != TCP && proto != UDP && !icmp)
        return true;
    h = due(c, proto == TCP ? 20 : 8);
    if (!h || (proto == TCP && h[12] >> 4 < 5) ||
        (proto == UDP && be16(h + 4) < 8) ||
        !take(c, proto == TCP ? (h[12] >> 4) * 4u : 8))
        return false;
    p->l4 = h;
    if (!icmp) {
        p->have = NFL_SET_SPORT | NFL_SET_DPORT;
        p->ports = load32(h);
    } else if (h[0] == (v6 ? 128 : 8)) {
        p->have = NFL_SET_SPORT;
        p->ports = load16(h + 4);
    } else if (h[0] == (v6 ? 129 : 0)) {
        p->have = NFL_SET_DPORT;
        p->ports = (uint32_t)load16(h + 4) << 16;
    } else if (v6 && h[0] >= 133 && h[0] <= 137) {
        p->has_flow = false;
    }
    if (proto == TCP)
        p->tcp = h;
    return true;
}

static bool parse_ip(struct cursor *c, struct seen *p)
{
    uint8_t *h = due(c, 20);
    uint32_t size, len;

    if (!h || h[0] >> 4 != 4)
        return false;
    size = (h[0] & 15) * 4u;
    len = be16(h + 2);
    if (size < 20 || len < size || len > c->end - c->at)
        return false;
    c->end = c->at + len;
    if (!take(c, size)) {
        return false;
    }
    p->has_ip = p->has_flow = true;
    p->ip = h;
    p->ends = load64(h + 12);
    p->proto = h[9];
    if (be16(h + 6) & 0x1fff) {
        p->fragment = true;
        p->has_flow = false;
        return true;
    }
    return parse_l4(c, p, h[9]);
}

static uint32_t folded(const uint8_t *addr)
{
    return load32(addr) ^ load32(addr + 4) ^ load32(addr + 8) ^
           load32(addr + 12);
}

static bool parse_ip6(struct cursor *c, struct seen *p)
{
    uint8_t *h = due(c, 40), next;
    uint32_t len;

    if (!h || h[0] >> 4 != 6)
        return false;
    len = be16(h + 4) + 40u;
    if (len > c->end - c->at)
        return false;
    c->end = c->at + len;
    if (!take(c, 40))
        return false;
    p->kind |= V6;
    p->has_flow = true;
    p->addr = h + 8;
    p->ends = folded(h + 8) | (uint64_t)folded(h + 24) << 32;
    next = h[6];
    while (next == HOP || next == ROUTE || next == FRAG || next == DST) {
        bool frag = next == FRAG;

        h = due(c, 8);
        if (!h || !take(c, frag ? 8 : (h[1] + 1u) * 8))
            return false;
        next = h[0];
        if (frag && be16(h + 2) & 0xfff8) {
            p->has_flow = false;
            p->proto = next;
            return true;
        }
    }
    p->proto = next;
    return parse_l4(c, p, next);
}

static bool parse_eth(struct cursor *c, struct seen *p)
{
    uint8_t *h = due(c, 14);
    uint16_t type;

    if (!h || !take(c, 14))
        return false;
    type = be16(h + 12);
    while (type == 0x8100 || type == 0x88a8) {
        h = due(c, 4);
        if (!h || !take(c, 4))
            return false;
        type = be16(h + 2);
    }
    if (type == 0x0800)
        return parse_ip(c, p);
    return type != 0x86dd || parse_ip6(c, p);
}

void edge_parse(const struct edge *e, struct seen *p, const struct nfl_pkt *pkt)
{
    struct cursor c = {.data = pkt->data, .end = pkt->len};

    memset(p, 0, sizeof(*p));
    p->kind = pkt->port ? OUTSIDE : 0;
    if (!parse_eth(&c, p))
        p->has_flow = false;
    if (p->has_flow)
        p->hash = hash_of(e, p->ends, p->ports, p->proto, p->kind);
}
