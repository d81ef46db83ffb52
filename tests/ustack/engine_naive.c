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
        .unacked = r->unacked,
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

struct connection {
    struct tcp *t;
    struct tcp_view v;
};

static void *open(void *of)
{
    struct shard *s = of;
    struct connection *c = calloc(1, sizeof(*c));

    c->t = tcp_new(&s->rules, &s->pool, SLOTS);
    return c;
}

static void end(void *of)
{
    struct connection *c = of;

    tcp_free(c->t);
    free(c);
}

static struct tcp_segment segment_of(const struct wire *w)
{
    return (struct tcp_segment){
        .tcp = w->tcp,
        .tcp_len = w->tcp_len,
        .payload = w->payload,
        .addr = w->addr,
        .addr_len = w->addr_len,
        .cut = w->cut,
        .reuses = w->reuses,
    };
}

static void segment(void *of, const struct wire *w, unsigned from,
                    unsigned watch, struct said *said)
{
    struct connection *c = of;
    struct tcp_segment s = segment_of(w);
    struct tcp_view v;

    tcp_segment(c->t, &s, from, watch, &v);
    c->v = v;
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
        .first = v.mended,
        .first_at = v.mended_at,
        .first_len = v.mended_len,
    };
}

static void nap(void *of)
{
    tcp_sleep(((struct connection *)of)->t);
}

static struct kept bytes(void *of, unsigned slot)
{
    struct tcp_bytes b = tcp_bytes(((struct connection *)of)->t, slot);

    return (struct kept){b.p, b.len, b.fresh, b.offset};
}

static bool keep(void *of, unsigned slot, uint32_t at)
{
    return tcp_keep(((struct connection *)of)->t, slot, at);
}

static void release(void *of, unsigned slot)
{
    tcp_release(((struct connection *)of)->t, slot);
}

static bool early(void *of, const struct wire *w, unsigned from, unsigned watch)
{
    struct tcp_segment s = segment_of(w);

    return tcp_early(((struct connection *)of)->t, &s, from, watch);
}

static struct kept changed(void *of, unsigned slot)
{
    struct connection *c = of;
    struct tcp_bytes b = tcp_bytes(c->t, slot);
    uint8_t *to = tcp_shown(c->t, b.offset);
    const struct tcp_change *x;

    LIST_EACH (x, tcp_changed(c->t, c->v.from))
        if (x->by <= slot)
            tcp_lay(x, to, b.offset, b.len);
    return (struct kept){to, b.len, b.fresh, b.offset};
}

static bool change(void *of, unsigned slot, uint32_t at, const uint8_t *p,
                   uint32_t n)
{
    struct connection *c = of;
    struct tcp_bytes b = tcp_bytes(c->t, slot);

    return tcp_write(c->t, &c->v, slot, b.offset + at, p, n);
}

static void again(void *of, unsigned slot, uint8_t *payload)
{
    struct connection *c = of;
    const struct tcp_change *x;
    int64_t front = (int64_t)c->v.front;

    for (uint32_t i = 0; c->v.again && i < c->v.payload; i++)
        LIST_EACH (x, tcp_changed(c->t, c->v.from))
            if (x->by == slot && c->v.place + i >= 0 && c->v.place + i < front)
                tcp_lay(x, payload + i, (uint64_t)(c->v.place + i), 1);
}

const struct tcp *engine_naive_tcp(const void *of)
{
    return ((const struct connection *)of)->t;
}

const struct engine engine_naive = {
    "naive", shard, free,    pieces, open,    end,    segment, nap,
    bytes,   keep,  release, early,  changed, change, again,
};
