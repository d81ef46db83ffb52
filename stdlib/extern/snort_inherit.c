/* Other rules in place of those before: what was known of flows and of rates
 * goes on where it means the same. Nothing here allocates. */
#include "snort_run.h"

#include <stdlib.h>
#include <string.h>

enum { NONE = UINT32_MAX };

/* ---- rules and flowbits that are also among the new ones ---- */

bool nfs_rule_like(const struct nfs_engine *e, const struct nfs_rule *r,
                   uint32_t *rule)
{
    const struct nfs_rule **found =
        bsearch(&r, e->by_sid, e->rs->n, sizeof(*e->by_sid), nfs_by_sid);

    if (found)
        *rule = (uint32_t)(*found - e->rs->rules);
    return found != NULL;
}

/* By the number of a flowbit before its number now. */
static void map_bits(const struct nfs_rules *before,
                     const struct nfs_rules *now, uint16_t map[NFS_BITS_MAX])
{
    for (unsigned i = 0; i < before->n_bits; i++) {
        map[i] = UINT16_MAX;
        for (unsigned k = 0; k < now->n_bits; k++)
            if (strcmp(before->bits[i], now->bits[k]) == 0)
                map[i] = (uint16_t)k;
    }
}

static void take_bits(struct nfs_flow *to, const struct nfs_flow *from,
                      unsigned n, const uint16_t map[NFS_BITS_MAX])
{
    for (unsigned i = 0; i < n; i++)
        if ((from->bits[i / 64] >> i % 64 & 1) && map[i] != UINT16_MAX)
            to->bits[map[i] / 64] |= (uint64_t)1 << map[i] % 64;
}

/* ---- directions ---- */

/* Rules that matched in this message do not match again in it. */
static void take_fired(struct nfs_http *to, const struct nfs_http *from,
                       const struct nfs_shard *s,
                       const struct nfs_shard *before)
{
    to->n_fired = 0;
    for (unsigned i = 0; i < from->n_fired; i++)
        if (nfs_rule_like(s->e, &before->e->rs->rules[from->fired[i]],
                          &to->fired[to->n_fired]))
            to->n_fired++;
}

/* Where in a message of HTTP the stream is. Who was not asked before, or has no
 * room for what is there of it, waits for the next message. */
static void take_http(struct nfs_http *to, const struct nfs_http *from,
                      const struct nfs_shard *s, const struct nfs_shard *before,
                      bool begun)
{
    uint8_t *head = to->head, *body = to->body;

    if (!s->e->http_db || !begun)
        return;
    if (!before->e->http_db || from->body_n > s->window) {
        nfs_http_gap(to, 0);
        return;
    }
    *to = *from;
    to->head = head;
    to->body = body;
    memcpy(head, from->head, from->head_n);
    memcpy(body, from->body, from->body_n);
    take_fired(to, from, s, before);
}

/* What is looked for in the stream begins behind what was there. */
static void take_dir(struct nfs_dir *to, const struct nfs_dir *from,
                     const struct nfs_shard *s, const struct nfs_shard *before)
{
    to->base = to->begin = from->base + from->n;
    to->fin = from->fin;
    take_http(&to->http, &from->http, s, before, to->begin > 0);
}

/* ---- flows ---- */

static void take_flow(struct nfs_shard *s, const struct nfs_shard *before,
                      const struct nfs_flow *from,
                      const uint16_t map[NFS_BITS_MAX])
{
    struct nfs_flow *to = nfs_flow_get(s, from->key, true);

    to->established = from->established;
    to->seen = from->seen;
    to->head_only = from->head_only;
    take_bits(to, from, before->e->rs->n_bits, map);
    for (unsigned i = 0; i < 2; i++)
        take_dir(&to->dir[i], &from->dir[i], s, before);
}

void nfs_shard_inherit(struct nfs_shard *s, const struct nfs_shard *before)
{
    uint16_t map[NFS_BITS_MAX];
    uint32_t i = before->oldest;

    s->n_lost = before->n_lost;
    s->n_evicted = before->n_evicted;
    s->n_missed = before->n_missed;
    nfs_rates_inherit(s, before);
    if (!s->e->flows)
        return;
    map_bits(before->e->rs, s->e->rs, map);
    for (; i != NONE; i = before->flows[i].newer)
        take_flow(s, before, &before->flows[i], map);
}
