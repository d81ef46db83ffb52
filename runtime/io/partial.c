#include "io/partial.h"
#include <netinet/in.h>
#include <stddef.h>

enum {
    ETH_LEN = 14,
    TYPE_IPV4 = 0x0800,
    TYPE_IPV6 = 0x86dd,
    TYPE_VLAN = 0x8100,
    TYPE_QINQ = 0x88a8
};

/* A TCP or UDP header and what follows it in the packet. */
struct l4 {
    const uint8_t *at;
    uint32_t len;
    uint32_t pseudo; /* sum of the pseudo-header, not folded */
    unsigned sum_at; /* offset of the checksum */
};

static unsigned word(const uint8_t *p)
{
    return (unsigned)p[0] << 8 | p[1];
}

static uint64_t sum(const uint8_t *p, uint32_t len)
{
    uint64_t s = 0;
    uint32_t i;

    for (i = 0; i + 1 < len; i += 2)
        s += word(p + i);
    return len & 1 ? s + ((uint64_t)p[len - 1] << 8) : s;
}

static unsigned fold(uint64_t s)
{
    while (s >> 16)
        s = (s & 0xffff) + (s >> 16);
    return (unsigned)s;
}

static bool find_l4(struct l4 *l, const uint8_t *p, uint32_t len,
                    unsigned proto)
{
    unsigned least = proto == IPPROTO_TCP ? 20 : 8;

    if ((proto != IPPROTO_TCP && proto != IPPROTO_UDP) || len < least)
        return false;
    l->at = p;
    l->len = len;
    l->sum_at = proto == IPPROTO_TCP ? 16 : 6;
    l->pseudo += proto + len;
    return true;
}

static bool find_v4(struct l4 *l, const uint8_t *p, uint32_t len)
{
    unsigned header, total;

    if (len < 20 || p[0] >> 4 != 4)
        return false;
    header = (p[0] & 15u) * 4;
    total = word(p + 2);
    if (header < 20 || total < header || total > len ||
        (word(p + 6) & 0x3fff) != 0) /* a fragment */
        return false;
    l->pseudo = (uint32_t)sum(p + 12, 8);
    return find_l4(l, p + header, total - header, p[9]);
}

/* Extension headers are rare, and one sign is enough. */
static bool find_v6(struct l4 *l, const uint8_t *p, uint32_t len)
{
    if (len < 40 || p[0] >> 4 != 6 || word(p + 4) > len - 40)
        return false;
    l->pseudo = (uint32_t)sum(p + 8, 32);
    return find_l4(l, p + 40, word(p + 4), p[6]);
}

static bool find(struct l4 *l, const uint8_t *frame, uint32_t len)
{
    uint32_t at = ETH_LEN;
    unsigned type;

    if (len < ETH_LEN)
        return false;
    type = word(frame + 12);
    while ((type == TYPE_VLAN || type == TYPE_QINQ) && at + 4 <= len) {
        type = word(frame + at + 2);
        at += 4;
    }
    if (type == TYPE_IPV4)
        return find_v4(l, frame + at, len - at);
    return type == TYPE_IPV6 && find_v6(l, frame + at, len - at);
}

bool nfl_l4_whole(const uint8_t *frame, uint32_t len)
{
    struct l4 l = {0};

    return find(&l, frame, len);
}

/* By chance the field equals the pseudo-header's sum in one of 65,536 packets
 * that are right; so it must be wrong as well. */
bool nfl_checksum_partial(const uint8_t *frame, uint32_t len)
{
    struct l4 l = {0};

    if (!find(&l, frame, len) || word(l.at + l.sum_at) != fold(l.pseudo))
        return false;
    return fold(l.pseudo + sum(l.at, l.len)) != 0xffff;
}
