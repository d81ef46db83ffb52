/* The runtime's monitor: as packets meet it (`fast`), and without its common
 * path (`plain`). */
#include "engine.h"
#include <nfl/tcp_fast.h>
#include <stdlib.h>

struct shard {
    struct nfl_tcp_rules rules;
    struct nfl_tcp_pool *pool;
    uint8_t *scratch;
    bool plain;
};

struct connection {
    struct shard *shard;
    struct nfl_tcp *t; /* of exactly its size, so that sanitizers see */
    uint64_t at[SLOTS * 2];
    struct nfl_tcp_view v;
    uint8_t *fresh, *now; /* copies: the segment is the caller's */
};

static void *new_shard(const struct rules *r, bool plain)
{
    struct shard *s = calloc(1, sizeof(*s));

    s->rules = (struct nfl_tcp_rules){
        .ahead = r->ahead,
        .keep = r->keep,
        .overlap = (uint8_t)r->overlap,
        .midstream = r->ignore,
        .trust_sums = r->trust_sums,
    };
    s->plain = plain;
    s->pool = nfl_tcp_pool_new((uint32_t)r->pieces);
    s->scratch = malloc(nfl_tcp_scratch(&s->rules));
    return s;
}

static void *shard_fast(const struct rules *r)
{
    return new_shard(r, false);
}

static void *shard_plain(const struct rules *r)
{
    return new_shard(r, true);
}

static void shard_free(void *of)
{
    struct shard *s = of;

    nfl_tcp_pool_free(s->pool);
    free(s->scratch);
    free(s);
}

static uint64_t pieces(const void *of)
{
    return nfl_tcp_pool_left(((const struct shard *)of)->pool);
}

static void *open(void *of)
{
    struct connection *c = calloc(1, sizeof(*c));

    c->shard = of;
    c->t = calloc(1, sizeof(*c->t));
    return c;
}

static void end(void *of)
{
    struct connection *c = of;

    nfl_tcp_end(c->t, c->shard->pool);
    free(c->t);
    free(c->fresh);
    free(c->now);
    free(c);
}

static const uint8_t *copied(uint8_t **to, const uint8_t *p, uint32_t n)
{
    free(*to);
    *to = NULL;
    if (!n)
        return NULL;
    *to = malloc(n);
    return memcpy(*to, p, n);
}

static void segment(void *of, const struct wire *w, unsigned from,
                    unsigned watch, struct said *said)
{
    struct connection *c = of;
    struct shard *s = c->shard;
    struct nfl_tcp_view *v = &c->v;
    struct nfl_segment seg = {
        .tcp = w->tcp,
        .tcp_len = w->tcp_len,
        .payload = w->payload,
        .addr = w->addr,
        .addr_len = (uint8_t)w->addr_len,
        .cut = w->cut,
        .reuses = w->reuses,
    };

    (s->plain ? nfl_tcp_segment : nfl_tcp_packet)(
        c->t, s->pool, &s->rules, &seg, from, watch, v, s->scratch);
    if (!(v->signs & NFL_TCP_SIGN(conflict)) || !v->watched)
        v->conflict_len = 0;
    if (!v->watched)
        v->fresh_len = 0;
    *said = (struct said){
        .signs = v->signs,
        .watched = v->watched,
        .fresh = copied(&c->fresh, v->fresh, v->fresh_len),
        .fresh_len = v->fresh_len,
        .fresh_offset = v->fresh_offset,
        .gap = v->gap,
        .was = v->was,
        .now = copied(&c->now, v->now, v->conflict_len),
        .conflict_len = v->conflict_len,
    };
    v->fresh = said->fresh;
}

static void nap(void *of)
{
    struct connection *c = of;

    nfl_tcp_sleep(c->t, c->shard->pool);
}

static struct nfl_tcp_kept kept(struct connection *c)
{
    return (struct nfl_tcp_kept){c->at, SLOTS};
}

static struct kept bytes(void *of, unsigned slot)
{
    struct connection *c = of;
    struct nfl_tcp_bytes b = nfl_tcp_bytes(
        c->t, c->shard->pool, &c->shard->rules, &c->v, kept(c), slot);

    return (struct kept){b.p, b.len, b.fresh, b.offset};
}

static bool keep(void *of, unsigned slot, uint32_t at)
{
    struct connection *c = of;

    return nfl_tcp_keep(c->t, c->shard->pool, &c->shard->rules, &c->v, kept(c),
                        slot, at);
}

static void release(void *of, unsigned slot)
{
    struct connection *c = of;

    nfl_tcp_release(c->t, c->shard->pool, &c->shard->rules, &c->v, kept(c),
                    slot);
}

const struct nfl_tcp *engine_fast_tcp(const void *of)
{
    return ((const struct connection *)of)->t;
}

const struct nfl_tcp_view *engine_fast_view(const void *of)
{
    return &((const struct connection *)of)->v;
}

const struct engine engine_fast = {"fast", shard_fast, shard_free, pieces,
                                   open,   end,        segment,    nap,
                                   bytes,  keep,       release};
const struct engine engine_plain = {"plain", shard_plain, shard_free, pieces,
                                    open,    end,         segment,    nap,
                                    bytes,   keep,        release};
