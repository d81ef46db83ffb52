#include "flow/cut.h"
#include "flow/fragment.h"
#include <string.h>

enum {
    IP_BYTES = 20,
    IP_MOST = 60,
    IP6_BYTES = 40,
    IP6_HOP = 0,
    IP6_ROUTE = 43,
    IP6_FRAGMENT = 44,
    IP6_DST = 60,
    EXTENSIONS = 8,
    FRAGMENT_BYTES = 8,
    SUM_AT = 10,
    OPTION_END = 0,
    OPTION_NONE = 1
};

static uint32_t load16(const uint8_t *p)
{
    return (uint32_t)p[0] << 8 | p[1];
}

static void store16(uint8_t *p, uint32_t v)
{
    p[0] = (uint8_t)(v >> 8);
    p[1] = (uint8_t)v;
}

void nfl_cut_sum(uint8_t *ip, const uint8_t *old, uint32_t head)
{
    uint32_t sum = ~load16(ip + SUM_AT) & 0xffff, i;
    bool changed = false;

    for (i = 0; i < head; i += 2) {
        if (i == SUM_AT || load16(ip + i) == load16(old + i))
            continue;
        sum += (~load16(old + i) & 0xffff) + load16(ip + i);
        changed = true;
    }
    if (!changed)
        return;
    sum = (sum & 0xffff) + (sum >> 16);
    sum = (sum & 0xffff) + (sum >> 16);
    store16(ip + SUM_AT, ~sum);
}

static bool begin4(struct nfl_cut *c, const uint8_t *p, uint32_t len)
{
    uint32_t total, word;

    if (len < IP_BYTES || p[0] >> 4 != 4)
        return false;
    c->head = (p[0] & 15) * 4u;
    total = load16(p + 2);
    if (c->head < IP_BYTES || total < c->head || total > len)
        return false;
    word = load16(p + 6);
    c->v6 = false;
    c->base = (word & 0x1fff) * 8;
    c->more = word & 0x2000;
    c->at = c->ip + c->head;
    c->end = c->ip + total;
    return true;
}

/* Behind a hop-by-hop header, and all up to a routing header: that stands in
 * each fragment. False: it is one. */
static bool head6(struct nfl_cut *c, const uint8_t *p, uint32_t end)
{
    uint32_t at = IP6_BYTES, next = 6;
    unsigned i, type;

    c->head = at;
    c->next = next;
    for (i = 0; i < EXTENSIONS; i++) {
        type = p[next];
        if (type == IP6_FRAGMENT)
            return false;
        if ((type != IP6_HOP && type != IP6_ROUTE && type != IP6_DST) ||
            end - at < 8 || (p[at + 1] + 1u) * 8 > end - at)
            return true;
        next = at;
        at += (p[at + 1] + 1u) * 8;
        if (type == IP6_DST)
            continue;
        c->head = at;
        c->next = next;
    }
    return true;
}

static bool begin6(struct nfl_cut *c, const uint8_t *p, uint32_t len)
{
    uint32_t end;

    if (len < IP6_BYTES || p[0] >> 4 != 6)
        return false;
    end = IP6_BYTES + load16(p + 4);
    if (end > len || !head6(c, p, end))
        return false;
    c->v6 = true;
    c->more = false;
    c->base = 0;
    c->at = c->ip + c->head;
    c->end = c->ip + end;
    c->next += c->ip;
    return true;
}

bool nfl_cut_begin(struct nfl_cut *c, const struct nfl_pkt *p)
{
    uint32_t at, own;
    unsigned type;

    if (p->cut == 0)
        return false;
    at = nfl_fragment_behind_tags(p->data, p->len, &type);
    if (!at)
        return false;
    c->frame = p->data;
    c->id = p->cut_id;
    c->ip = at;
    if (!(type == 0x0800 && begin4(c, p->data + at, p->len - at)) &&
        !(type == 0x86dd && p->joined && begin6(c, p->data + at, p->len - at)))
        return false;
    own = c->head + (c->v6 ? FRAGMENT_BYTES : 0);
    if (c->end - c->ip <= p->cut || p->cut < own + 8)
        return false;
    c->each = (p->cut - own) / 8 * 8;
    return true;
}

uint32_t nfl_cut_longest(const struct nfl_cut *c)
{
    return c->ip + c->head + (c->v6 ? FRAGMENT_BYTES : 0) + c->each;
}

/* Options that are not for each fragment become ones that mean nothing. */
static void keep_options(uint8_t *ip, uint32_t head)
{
    uint32_t at = IP_BYTES, size;

    while (at < head && ip[at] != OPTION_END) {
        size = ip[at] == OPTION_NONE || at + 1 == head ? 1 : ip[at + 1];
        if (size == 0 || size > head - at)
            return;
        if (!(ip[at] & 0x80))
            memset(ip + at, OPTION_NONE, size);
        at += size;
    }
}

static void head4(const struct nfl_cut *c, uint8_t *ip, uint32_t at,
                  uint32_t len, bool more)
{
    uint8_t old[IP_MOST];

    memcpy(old, ip, c->head);
    store16(ip + 2, c->head + len);
    store16(ip + 6, (load16(ip + 6) & 0xc000) | (more ? 0x2000u : 0) | at / 8);
    if (at > 0)
        keep_options(ip, c->head);
    nfl_cut_sum(ip, old, c->head);
}

static void write6(const struct nfl_cut *c, uint8_t *to, uint32_t at,
                   uint32_t len, bool more)
{
    uint8_t *f = to + c->ip + c->head;

    f[0] = to[c->next];
    f[1] = 0;
    store16(f + 2, at | more);
    store16(f + 4, c->id >> 16);
    store16(f + 6, c->id);
    to[c->next] = IP6_FRAGMENT;
    store16(to + c->ip + 4, c->head - IP6_BYTES + FRAGMENT_BYTES + len);
}

uint32_t nfl_cut_next(struct nfl_cut *c, uint8_t *to)
{
    uint32_t left = c->end - c->at, len = left < c->each ? left : c->each;
    uint32_t head = c->ip + c->head + (c->v6 ? FRAGMENT_BYTES : 0);
    uint32_t at = c->base + c->at - c->ip - c->head;
    bool more = len < left || c->more;

    if (left == 0)
        return 0;
    memcpy(to, c->frame, c->ip + c->head);
    if (c->v6)
        write6(c, to, at, len, more);
    else
        head4(c, to + c->ip, at, len, more);
    memcpy(to + head, c->frame + c->at, len);
    c->at += len;
    return head + len;
}
