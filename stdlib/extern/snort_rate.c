/* Rates: threshold says which matches are told, detection_filter from which on
 * a rule matches. Counts are kept for a rule and addresses, in sets of four
 * cells, of which the one whose time began first makes room. */
#include "snort_run.h"

#include <string.h>

enum { WAYS = 4 };

#define SECOND 1000000000u

/* Of 64 bytes, as snort_flow.c allocates. */
struct nfs_rate_cell {
    uint32_t rule; /* times two, plus one for its filter, plus two; 0: free */
    uint32_t count;
    uint64_t begin;
    uint8_t addr[32];
};

_Static_assert(sizeof(struct nfs_rate_cell) <= 64, "a cell is too large");

static struct nfs_rate_cell *cell_at(const struct nfs_shard *s, unsigned i)
{
    return (struct nfs_rate_cell *)((uint8_t *)s->rates + (size_t)64 * i);
}

static struct nfs_rate_cell *cell_of(const struct nfs_shard *s, uint32_t rule,
                                     const uint8_t addr[32])
{
    struct nfs_rate_cell *c, *first;
    uint64_t h = 14695981039346656037u + rule;
    unsigned at;

    for (unsigned i = 0; i < 32; i++)
        h = (h ^ addr[i]) * 1099511628211u;
    at = (unsigned)(h ^ h >> 29) & (NFS_RATES - 1) & ~(unsigned)(WAYS - 1);
    first = cell_at(s, at);
    for (unsigned i = 0; i < WAYS; i++) {
        c = cell_at(s, at + i);
        if (c->rule == rule && memcmp(c->addr, addr, 32) == 0)
            return c;
        if (first->rule && (!c->rule || c->begin < first->begin))
            first = c;
    }
    memset(first, 0, sizeof(*first));
    first->rule = rule;
    memcpy(first->addr, addr, 32);
    return first;
}

/* How often so far within the seconds of it, this time included. */
static uint32_t count(struct nfs_shard *s, const struct nfs_rate *r,
                      uint32_t rule, const struct nfs_packet *p)
{
    uint8_t addr[32] = {0};
    struct nfs_rate_cell *c;

    if (r->track != NFS_BY_DST)
        memcpy(addr, p->src, p->addr_len);
    if (r->track != NFS_BY_SRC)
        memcpy(addr + 16, p->dst, p->addr_len);
    c = cell_of(s, rule, addr);
    if (c->count == 0 || p->time - c->begin >= (uint64_t)r->seconds * SECOND) {
        c->begin = p->time;
        c->count = 0;
    }
    if (c->count < UINT32_MAX)
        c->count++;
    return c->count;
}

static bool told(const struct nfs_rate *r, uint32_t n)
{
    switch (r->type) {
    case NFS_LIMIT:
        return n <= r->count;
    case NFS_THRESHOLD:
        return n % r->count == 0;
    case NFS_BOTH:
        return n == r->count;
    case NFS_NO_RATE:
        break;
    }
    return true;
}

unsigned nfs_rate(struct nfs_shard *s, uint32_t rule,
                  const struct nfs_packet *p)
{
    const struct nfs_rule *r = &s->e->rs->rules[rule];

    if (r->filter.type != NFS_NO_RATE &&
        count(s, &r->filter, 2 * rule + 3, p) <= r->filter.count)
        return NFS_NOT_YET;
    if (r->rate.type == NFS_NO_RATE ||
        told(&r->rate, count(s, &r->rate, 2 * rule + 2, p)))
        return NFS_TELL;
    return NFS_MATCHES;
}

void nfs_rates_inherit(struct nfs_shard *s, const struct nfs_shard *before)
{
    const struct nfs_rate_cell *from;
    struct nfs_rate_cell *to;
    uint32_t rule, was;

    for (unsigned i = 0; i < NFS_RATES; i++) {
        from = cell_at(before, i);
        was = from->rule / 2 - 1;
        if (!from->rule ||
            !nfs_rule_like(s->e, &before->e->rs->rules[was], &rule))
            continue;
        to = cell_of(s, 2 * rule + 2 + from->rule % 2, from->addr);
        to->count = from->count;
        to->begin = from->begin;
    }
}
