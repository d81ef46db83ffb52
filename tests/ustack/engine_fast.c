/* The runtime's monitor: as packets meet it (`fast`), and without its common
 * path (`plain`). */
#include "engine.h"
#include "wire.h"
#include <nfl/tcp_fast.h>
#include <nfl/tcp_inline.h>
#include <nfl/tcp_unacked.h>
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
    struct nfl_inline changes;
    struct nfl_unacked unacked;
    struct nfl_tcp_view v;
    uint8_t *fresh, *now; /* copies: the segment is the caller's */
};

static void *new_shard(const struct rules *r, bool plain)
{
    struct shard *s = calloc(1, sizeof(*s));

    s->rules = (struct nfl_tcp_rules){
        .ahead = r->ahead,
        .keep = r->keep,
        .unacked = r->unacked,
        .overlap = (uint8_t)r->overlap,
        .midstream = r->ignore,
        .trust_sums = r->trust_sums,
    };
    s->plain = plain;
    s->pool = nfl_tcp_pool_new((uint32_t)r->pieces);
    s->scratch =
        malloc(nfl_tcp_scratch(&s->rules) + nfl_tcp_scratch_more(&s->rules) +
               nfl_tcp_unacked_room());
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

    nfl_tcp_changes_end(&c->changes, c->shard->pool);
    nfl_tcp_unacked_end(&c->unacked, c->shard->pool);
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

static struct nfl_segment segment_of(const struct wire *w)
{
    return (struct nfl_segment){
        .tcp = w->tcp,
        .tcp_len = w->tcp_len,
        .payload = w->payload,
        .addr = w->addr,
        .addr_len = (uint8_t)w->addr_len,
        .cut = w->cut,
        .reuses = w->reuses,
    };
}

static uint32_t seq_of(const struct wire *w)
{
    return nfl_tcp_get32(w->tcp + 4);
}

/* As gen_inline.h does. */
static void look_at_changes(struct connection *c, const struct wire *w,
                            unsigned from, uint64_t front)
{
    struct nfl_tcp_view *v = &c->v;
    int64_t old;

    v->changed_for = 0;
    v->payload_at = nfl_tcp_place(c->t, from, seq_of(w));
    v->payload_len = w->payload;
    if (v->signs & NFL_TCP_SIGN(syn))
        nfl_tcp_changes_end(&c->changes, c->shard->pool);
    nfl_tcp_changes_settle(&c->changes, c->t, c->shard->pool);
    old = (int64_t)front - v->payload_at;
    v->old_len = old <= 0                    ? 0
                 : old < (int64_t)w->payload ? (uint32_t)old
                                             : w->payload;
    if (w->tcp[13] & SYN)
        v->old_len = 0;
}

static void segment(void *of, const struct wire *w, unsigned from,
                    unsigned watch, struct said *said)
{
    struct connection *c = of;
    struct shard *s = c->shard;
    struct nfl_tcp_view *v = &c->v;
    struct nfl_segment seg = segment_of(w);
    struct nfl_tcp_before before = {c->t->side[from].offset,
                                    c->t->side[from].way & NFL_TCP_WATCH};
    struct nfl_tcp_first first = {0};

    (s->plain ? nfl_tcp_segment : nfl_tcp_packet)(
        c->t, s->pool, &s->rules, &seg, from, watch, v, s->scratch);
    if (s->rules.unacked)
        first = nfl_tcp_unacked(&c->unacked, c->t, s->pool, &s->rules, &seg,
                                before, v,
                                s->scratch + nfl_tcp_scratch(&s->rules) +
                                    nfl_tcp_scratch_more(&s->rules));
    look_at_changes(c, w, from, before.offset);
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
        .first = first.bytes,
        .first_at = first.at,
        .first_len = first.len,
    };
    v->fresh = said->fresh;
}

static void nap(void *of)
{
    struct connection *c = of;

    nfl_tcp_sleep(c->t, c->shard->pool);
    nfl_tcp_unacked_end(&c->unacked, c->shard->pool);
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

static bool early(void *of, const struct wire *w, unsigned from, unsigned watch)
{
    const struct connection *c = of;

    if (w->cut || w->tcp[13] & (SYN | RST) || !(w->payload || w->tcp[13] & FIN))
        return false;
    return nfl_tcp_is_early(c->t, c->shard->pool, from, watch, seq_of(w),
                            w->payload);
}

static struct nfl_tcp_bytes seen(struct connection *c, unsigned slot)
{
    struct shard *s = c->shard;
    struct nfl_tcp_bytes b =
        nfl_tcp_bytes(c->t, s->pool, &s->rules, &c->v, kept(c), slot);

    return nfl_tcp_bytes_changed(&c->changes, s->pool, &s->rules, &c->v, b,
                                 ((uint64_t)2 << slot) - 1, slot);
}

static struct kept changed(void *of, unsigned slot)
{
    struct nfl_tcp_bytes b = seen(of, slot);

    return (struct kept){b.p, b.len, b.fresh, b.offset};
}

static bool change(void *of, unsigned slot, uint32_t at, const uint8_t *p,
                   uint32_t n)
{
    struct connection *c = of;
    struct nfl_tcp_bytes b = seen(c, slot);
    int64_t in = (int64_t)(b.offset + at) - c->v.payload_at;

    if (!n || n > NFL_TCP_CHANGE_MAX || at < b.fresh || at > b.len ||
        n > b.len - at || in < 0 || in + (int64_t)n > c->v.payload_len ||
        !nfl_tcp_change(&c->changes, c->shard->pool, c->v.from, slot,
                        b.offset + at, p, n))
        return false;
    memcpy((uint8_t *)(uintptr_t)b.p + at, p, n);
    return true;
}

static void again(void *of, unsigned slot, uint8_t *payload)
{
    struct connection *c = of;

    nfl_tcp_changed(&c->changes, c->shard->pool, c->v.from, (uint64_t)1 << slot,
                    c->v.payload_at, payload, c->v.old_len);
}

const struct nfl_tcp *engine_fast_tcp(const void *of)
{
    return ((const struct connection *)of)->t;
}

const struct nfl_tcp_view *engine_fast_view(const void *of)
{
    return &((const struct connection *)of)->v;
}

#define REST                                                                   \
    shard_free, pieces, open, end, segment, nap, bytes, keep, release, early,  \
        changed, change, again

const struct engine engine_fast = {"fast", shard_fast, REST};
const struct engine engine_plain = {"plain", shard_plain, REST};
