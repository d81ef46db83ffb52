/* What a shard keeps: flows in slots that are all made at the begin, found by
 * their tuple; the oldest makes room. */
#include "snort_run.h"

#include <stdlib.h>
#include <string.h>

enum { NONE = UINT32_MAX };

/* ---- memory ---- */

/* Bytes of one direction: the window, and head and body of a message. */
static size_t dir_size(const struct nfs_shard *s)
{
    return (size_t)s->room + (s->e->http_db ? NFS_HEAD_MAX + s->window : 0);
}

static bool dir_init(struct nfs_shard *s, struct nfs_dir *d, uint8_t *memory)
{
    d->window = memory;
    if (s->e->http_db) {
        d->http.head = memory + s->room;
        d->http.body = d->http.head + NFS_HEAD_MAX;
    }
    return !s->e->stream_db ||
           hs_open_stream(s->e->stream_db, 0, &d->stream) == HS_SUCCESS;
}

static void dir_reset(struct nfs_dir *d)
{
    uint8_t *head = d->http.head, *body = d->http.body;

    if (d->stream)
        hs_reset_stream(d->stream, 0, NULL, NULL, NULL);
    d->n = 0;
    d->base = d->begin = 0;
    d->n_found = 0;
    d->fin = false;
    memset(&d->http, 0, sizeof(d->http));
    d->http.head = head;
    d->http.body = body;
}

static bool flows_init(struct nfs_shard *s)
{
    bool streams = s->e->stream_db || s->e->http_db;
    size_t size = streams ? dir_size(s) : 0;

    s->flows = calloc(s->n_flows, sizeof(*s->flows));
    s->heads = calloc(s->n_heads, sizeof(*s->heads));
    s->memory = calloc(size ? 2 * (size_t)s->n_flows : 1, size ? size : 1);
    if (!s->flows || !s->heads || !s->memory)
        return false;
    memset(s->heads, 0xff, s->n_heads * sizeof(*s->heads));
    for (uint32_t i = 0; i < s->n_flows; i++)
        s->flows[i].newer = i + 1 < s->n_flows ? i + 1 : NONE;
    for (uint32_t i = 0; streams && i < 2 * s->n_flows; i++)
        if (!dir_init(s, &s->flows[i / 2].dir[i % 2], s->memory + i * size))
            return false;
    return true;
}

struct nfs_shard *nfs_shard_new(const struct nfs_engine *e, uint32_t flows,
                                uint32_t window)
{
    struct nfs_shard *s = calloc(1, sizeof(*s));

    if (!s)
        return NULL;
    s->e = e;
    s->n_flows = e->flows ? flows : 1;
    s->window = window;
    s->room = window + window / 4;
    for (s->n_heads = 16; s->n_heads < s->n_flows;)
        s->n_heads *= 2;
    s->oldest = s->newest = NONE;
    s->rates = calloc(NFS_RATES, 64);
    if (s->rates && flows_init(s))
        return s;
    nfs_shard_free(s);
    return NULL;
}

void nfs_shard_free(struct nfs_shard *s)
{
    for (uint32_t i = 0; s->flows && i < 2 * s->n_flows; i++)
        if (s->flows[i / 2].dir[i % 2].stream)
            hs_close_stream(s->flows[i / 2].dir[i % 2].stream, NULL, NULL,
                            NULL);
    free(s->flows);
    free(s->heads);
    free(s->memory);
    free(s->rates);
    free(s);
}

/* ---- tuples ---- */

void nfs_tuple(uint8_t key[NFS_TUPLE], const uint8_t *src, const uint8_t *dst,
               unsigned addr_len, uint16_t sport, uint16_t dport, uint8_t proto)
{
    memset(key, 0, NFS_TUPLE);
    memcpy(key, src, addr_len);
    memcpy(key + 16, dst, addr_len);
    key[32] = (uint8_t)(sport >> 8);
    key[33] = (uint8_t)sport;
    key[34] = (uint8_t)(dport >> 8);
    key[35] = (uint8_t)dport;
    key[36] = proto;
}

/* The order of flows does not depend on it, so it needs no seed; chains that
 * somebody makes long are bounded by the number of flows. */
static uint32_t *head_of(const struct nfs_shard *s,
                         const uint8_t key[NFS_TUPLE])
{
    uint64_t h = 14695981039346656037u;

    for (unsigned i = 0; i < NFS_TUPLE; i++)
        h = (h ^ key[i]) * 1099511628211u;
    return &s->heads[(h ^ h >> 32) & (s->n_heads - 1)];
}

static void unlink_age(struct nfs_shard *s, struct nfs_flow *f)
{
    *(f->older == NONE ? &s->oldest : &s->flows[f->older].newer) = f->newer;
    *(f->newer == NONE ? &s->newest : &s->flows[f->newer].older) = f->older;
}

static void let_go(struct nfs_shard *s, struct nfs_flow *f)
{
    uint32_t *at = head_of(s, f->key), me = (uint32_t)(f - s->flows);

    while (*at != me)
        at = &s->flows[*at].chain;
    *at = f->chain;
    unlink_age(s, f);
    f->used = false;
    f->newer = s->free;
    s->free = me;
}

static struct nfs_flow *take(struct nfs_shard *s, const uint8_t key[NFS_TUPLE])
{
    uint32_t *head = head_of(s, key), me;
    struct nfs_flow *f;

    if (s->free == NONE) {
        let_go(s, &s->flows[s->oldest]);
        s->n_evicted++;
    }
    me = s->free;
    f = &s->flows[me];
    s->free = f->newer;
    memcpy(f->key, key, NFS_TUPLE);
    f->used = true;
    f->passed = f->established = f->head_only = false;
    f->seen = 0;
    memset(f->bits, 0, sizeof(f->bits));
    dir_reset(&f->dir[0]);
    dir_reset(&f->dir[1]);
    f->chain = *head;
    *head = me;
    f->newer = NONE;
    f->older = s->newest;
    *(s->newest == NONE ? &s->oldest : &s->flows[s->newest].newer) = me;
    s->newest = me;
    return f;
}

struct nfs_flow *nfs_flow_get(struct nfs_shard *s, const uint8_t key[NFS_TUPLE],
                              bool make)
{
    uint32_t i = *head_of(s, key);

    for (; i != NONE; i = s->flows[i].chain)
        if (memcmp(s->flows[i].key, key, NFS_TUPLE) == 0)
            return &s->flows[i];
    return make ? take(s, key) : NULL;
}

void nfs_flow_forget(struct nfs_shard *s, const uint8_t key[NFS_TUPLE])
{
    struct nfs_flow *f = nfs_flow_get(s, key, false);

    if (f)
        let_go(s, f);
}
