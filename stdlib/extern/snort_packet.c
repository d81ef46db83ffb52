/* Packets, as rules see them, and what rules say of headers. */
#include "snort_run.h"

#include <string.h>

static uint16_t be16(const uint8_t *at)
{
    return (uint16_t)(at[0] << 8 | at[1]);
}

static uint32_t be32(const uint8_t *at)
{
    return (uint32_t)be16(at) << 16 | be16(at + 2);
}

/* ---- headers ---- */

static bool read_tcp(const uint8_t *at, uint32_t len, struct nfs_packet *p)
{
    uint32_t size;

    if (len < 20)
        return false;
    size = (at[12] >> 4) * 4u;
    if (size < 20 || size > len)
        return false;
    p->seq = be32(at + 4);
    p->ack = be32(at + 8);
    p->flags = at[13];
    p->window = be16(at + 14);
    p->payload = at + size;
    p->payload_len = len - size;
    return true;
}

static bool read_udp(const uint8_t *at, uint32_t len, struct nfs_packet *p)
{
    if (len < 8)
        return false;
    p->payload = at + 8;
    p->payload_len = len - 8;
    if (be16(at + 4) >= 8 && be16(at + 4) - 8u < p->payload_len)
        p->payload_len = be16(at + 4) - 8u;
    return true;
}

static bool read_icmp(const uint8_t *at, uint32_t len, struct nfs_packet *p)
{
    if (len < 8)
        return false;
    p->itype = at[0];
    p->icode = at[1];
    p->payload = at + 8;
    p->payload_len = len - 8;
    return true;
}

/* What is behind the IP header. */
static bool read_next(const uint8_t *at, uint32_t len, struct nfs_packet *p)
{
    p->payload = at;
    p->payload_len = len;
    if (p->fragment)
        return true;
    if ((p->proto == 6 || p->proto == 17) && len >= 4) {
        p->sport = be16(at);
        p->dport = be16(at + 2);
    }
    switch (p->proto) {
    case 6:
        return read_tcp(at, len, p);
    case 17:
        return read_udp(at, len, p);
    case 1:
    case 58:
        return read_icmp(at, len, p);
    }
    return true;
}

static bool read_ip4(const uint8_t *ip, uint32_t len, struct nfs_packet *p)
{
    uint32_t size, total;

    if (len < 20)
        return false;
    size = (ip[0] & 15) * 4u;
    total = be16(ip + 2);
    if (size < 20 || total < size || total > len)
        return false;
    p->src = ip + 12;
    p->dst = ip + 16;
    p->addr_len = 4;
    p->id = be16(ip + 4);
    p->ttl = ip[8];
    p->proto = ip[9];
    p->fragment = (be16(ip + 6) & 0x1fff) != 0;
    return read_next(ip + size, total - size, p);
}

/* Over extension headers; at most as many as the packet has room for. */
static bool read_ip6(const uint8_t *ip, uint32_t len, struct nfs_packet *p)
{
    uint32_t at = 40, end, size;

    if (len < 40 || be16(ip + 4) + 40u > len)
        return false;
    end = be16(ip + 4) + 40u;
    p->src = ip + 8;
    p->dst = ip + 24;
    p->addr_len = 16;
    p->ttl = ip[7];
    p->proto = ip[6];
    while (p->proto == 0 || p->proto == 43 || p->proto == 60 ||
           p->proto == 44) {
        if (at + 8 > end)
            return false;
        size = p->proto == 44 ? 8 : (ip[at + 1] + 1u) * 8;
        if (p->proto == 44)
            p->fragment = (be16(ip + at + 2) & 0xfff8) != 0;
        p->proto = ip[at];
        at += size;
        if (p->fragment)
            break;
    }
    return at <= end && read_next(ip + at, end - at, p);
}

bool nfs_packet_read(const uint8_t *ip, uint32_t len, struct nfs_packet *p)
{
    uint64_t time = p->time;

    memset(p, 0, sizeof(*p));
    p->time = time;
    if (len < 1)
        return false;
    return ip[0] >> 4 == 4   ? read_ip4(ip, len, p)
           : ip[0] >> 4 == 6 ? read_ip6(ip, len, p)
                             : false;
}

/* ---- what rules ask ---- */

static bool has(const struct nfs_set *s, const uint8_t *at, unsigned len)
{
    uint8_t key[NFS_KEY];

    nfs_key(key, at, len);
    return nfs_set_has(s, key);
}

static bool has_port(const struct nfs_set *s, uint16_t port)
{
    const uint8_t at[2] = {(uint8_t)(port >> 8), (uint8_t)port};

    return has(s, at, 2);
}

static bool goes(const struct nfs_rule *r, const struct nfs_packet *p,
                 bool turned)
{
    const struct nfs_set *src = turned ? &r->dst : &r->src;
    const struct nfs_set *dst = turned ? &r->src : &r->dst;

    if (r->proto == 6 || r->proto == 17)
        if (!has_port(turned ? &r->dport : &r->sport, p->sport) ||
            !has_port(turned ? &r->sport : &r->dport, p->dport))
            return false;
    return has(src, p->src, p->addr_len) && has(dst, p->dst, p->addr_len);
}

bool nfs_ends_fit(const struct nfs_rule *rule, const struct nfs_packet *p)
{
    if (rule->proto && rule->proto != p->proto &&
        !(rule->proto == 1 && p->proto == 58))
        return false;
    if (p->fragment && rule->proto)
        return false;
    return goes(rule, p, false) || (rule->both && goes(rule, p, true));
}

static uint32_t value_of(const struct nfs_packet *p, enum nfs_field field)
{
    switch (field) {
    case NFS_DSIZE:
        return p->payload_len;
    case NFS_ITYPE:
        return p->itype;
    case NFS_ICODE:
        return p->icode;
    case NFS_TTL:
        return p->ttl;
    case NFS_ID:
        return p->id;
    case NFS_IP_PROTO:
        return p->proto;
    case NFS_SEQ:
        return p->seq;
    case NFS_ACK:
        return p->ack;
    case NFS_WINDOW:
        return p->window;
    case NFS_FLAGS:
    case NFS_FIELDS:
        break;
    }
    return p->flags;
}

static bool flags_fit(const struct nfs_cond *c, uint32_t flags)
{
    flags &= c->hi;
    switch (c->mode) {
    case '+':
        return (flags & c->lo) == c->lo;
    case '*':
        return (flags & c->lo) != 0;
    case '!':
        return (flags & c->lo) == 0;
    }
    return flags == c->lo;
}

/* Fields of a protocol that it is not have no value. */
static bool has_field(const struct nfs_packet *p, enum nfs_field field)
{
    if (field >= NFS_SEQ)
        return p->proto == 6 && !p->fragment;
    if (field == NFS_ITYPE || field == NFS_ICODE)
        return (p->proto == 1 || p->proto == 58) && !p->fragment;
    return field != NFS_ID || p->addr_len == 4;
}

bool nfs_conds_fit(const struct nfs_rule *rule, const struct nfs_packet *p)
{
    for (unsigned i = 0; i < rule->n_conds; i++) {
        const struct nfs_cond *c = &rule->conds[i];
        uint32_t v = value_of(p, c->field);

        if (!has_field(p, c->field))
            return false;
        if (c->field == NFS_FLAGS ? !flags_fit(c, v)
                                  : (v >= c->lo && v <= c->hi) == c->not)
            return false;
    }
    return true;
}
