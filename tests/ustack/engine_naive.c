/* The interpreter's monitor. */
#include "engine.h"
#include "interp/tcp.h"
#include <stdlib.h>

struct shard {
    struct tcp_rules rules;
    struct tcp_pool pool;
};

static void *shard(const struct rules *r)
{
    struct shard *s = calloc(1, sizeof(*s));

    s->rules = (struct tcp_rules){
        .ahead = r->ahead,
        .keep = r->keep,
        .overlap = (enum tcp_overlap)r->overlap,
        .ignore = r->ignore,
        .trust_sums = r->trust_sums,
    };
    s->pool.left = r->pieces;
    return s;
}

static uint64_t pieces(const void *of)
{
    return ((const struct shard *)of)->pool.left;
}

static void *open(void *of)
{
    struct shard *s = of;

    return tcp_new(&s->rules, &s->pool, SLOTS);
}

static void end(void *c)
{
    tcp_free(c);
}

static void segment(void *c, const struct wire *w, unsigned from,
                    unsigned watch, struct said *said)
{
    struct tcp_segment s = {
        .tcp = w->tcp,
        .tcp_len = w->tcp_len,
        .payload = w->payload,
        .addr = w->addr,
        .addr_len = w->addr_len,
        .cut = w->cut,
        .reuses = w->reuses,
    };
    struct tcp_view v;

    tcp_segment(c, &s, from, watch, &v);
    *said = (struct said){
        .signs = v.signs,
        .watched = v.watched,
        .fresh = v.fresh,
        .fresh_len = v.fresh_len,
        .fresh_offset = v.fresh_offset,
        .gap = v.gap,
        .was = v.was,
        .now = v.now,
        .conflict_len = v.conflict_len,
    };
}

static void nap(void *c)
{
    tcp_sleep(c);
}

static struct kept bytes(void *c, unsigned slot)
{
    struct tcp_bytes b = tcp_bytes(c, slot);

    return (struct kept){b.p, b.len, b.fresh, b.offset};
}

static bool keep(void *c, unsigned slot, uint32_t at)
{
    return tcp_keep(c, slot, at);
}

static void release(void *c, unsigned slot)
{
    tcp_release(c, slot);
}

const struct engine engine_naive = {
    "naive", shard, free, pieces, open, end, segment, nap, bytes, keep, release,
};
