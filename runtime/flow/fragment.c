/* Which frames are fragments. */
#include "flow/fragment.h"

enum {
    ETH_BYTES = 14,
    VLAN_BYTES = 4,
    VLANS = 4,
    IP_BYTES = 20,
    IP6_BYTES = 40,
    EXTENSIONS = 8,
    IP6_HOP = 0,
    IP6_ROUTE = 43,
    IP6_FRAGMENT = 44,
    IP6_DST = 60
};

static uint32_t load(const uint8_t *p, unsigned n)
{
    uint32_t v = 0;

    while (n-- > 0)
        v = v << 8 | *p++;
    return v;
}

static nfl_u128 address(const uint8_t *p, unsigned n)
{
    nfl_u128 v = 0;

    while (n-- > 0)
        v = v << 8 | *p++;
    return v;
}

/* ip: where p stands in the frame. */
static bool find4(const uint8_t *p, uint32_t ip, uint32_t len,
                  struct nfl_fragment *f)
{
    uint32_t head, total, word;

    if (len < IP_BYTES || p[0] >> 4 != 4)
        return false;
    word = load(p + 6, 2);
    if (!(word & 0x3fff))
        return false;
    head = (p[0] & 15) * 4u;
    total = load(p + 2, 2);
    if (head < IP_BYTES || total < head || total > len)
        return false;
    f->v6 = false;
    f->src = load(p + 12, 4);
    f->dst = load(p + 16, 4);
    f->proto = p[9];
    f->id = load(p + 4, 2);
    f->at = (word & 0x1fff) * 8;
    f->len = total - head;
    f->ip = ip;
    f->data = ip + head;
    f->next = 0;
    f->more = word & 0x2000;
    return true;
}

/* Behind the headers that stand before the fragment's, 0 if there is none;
 * next: where its type stands. */
static uint32_t find_header6(const uint8_t *p, uint32_t end, uint32_t *next)
{
    uint32_t at = IP6_BYTES, size;
    unsigned i, type;

    *next = 6;
    for (i = 0; i < EXTENSIONS; i++) {
        type = p[*next];
        if (type == IP6_FRAGMENT)
            return end - at < 8 ? 0 : at;
        if (type != IP6_HOP && type != IP6_ROUTE && type != IP6_DST)
            return 0;
        if (end - at < 8)
            return 0;
        size = (p[at + 1] + 1u) * 8;
        if (size > end - at)
            return 0;
        *next = at;
        at += size;
    }
    return 0;
}

static bool find6(const uint8_t *p, uint32_t ip, uint32_t len,
                  struct nfl_fragment *f)
{
    uint32_t end, at, word, next;

    if (len < IP6_BYTES || p[0] >> 4 != 6)
        return false;
    end = IP6_BYTES + load(p + 4, 2);
    if (end > len)
        return false;
    at = find_header6(p, end, &next);
    if (!at)
        return false;
    word = load(p + at + 2, 2);
    if (!(word & 0xfff9)) /* an atomic one */
        return false;
    f->v6 = true;
    f->src = address(p + 8, 16);
    f->dst = address(p + 24, 16);
    f->proto = p[at];
    f->id = load(p + at + 4, 4);
    f->at = word & 0xfff8;
    f->len = end - at - 8;
    f->ip = ip;
    f->data = ip + at + 8;
    f->next = ip + next;
    f->more = word & 1;
    return true;
}

uint32_t nfl_fragment_behind_tags(const uint8_t *frame, uint32_t len,
                                  unsigned *type)
{
    uint32_t at = ETH_BYTES;
    unsigned i;

    if (len < ETH_BYTES)
        return 0;
    *type = load(frame + 12, 2);
    for (i = 0; i < VLANS && (*type == 0x8100 || *type == 0x88a8); i++) {
        if (len - at < VLAN_BYTES)
            return 0;
        *type = load(frame + at + 2, 2);
        at += VLAN_BYTES;
    }
    return at;
}

bool nfl_fragment_find(const uint8_t *frame, uint32_t len,
                       struct nfl_fragment *f)
{
    unsigned type;
    uint32_t at = nfl_fragment_behind_tags(frame, len, &type);

    if (!at)
        return false;
    if (type == 0x0800)
        return find4(frame + at, at, len - at, f);
    return type == 0x86dd && find6(frame + at, at, len - at, f);
}
