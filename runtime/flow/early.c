#include "flow/early.h"
#include "core/fail.h"
#include "flow/away.h"
#include "flow/table.h"
#include <nfl/entry.h>
#include <stdlib.h>

struct slot {
    uint32_t next; /* of the same side, by seq; or free; 0: the last */
    struct nfl_early_segment segment;
    struct nfl_away away;
};

struct nfl_early { /* of a shard; slots are numbered from 1 */
    uint32_t size, used;
    uint32_t free;
    struct slot *slot;
    uint8_t *bytes;
};

/* ---- set-up ---- */

static const struct nfl_tcp_desc *inline_of(const struct nfl_chain *c)
{
    const struct nfl_tcp_desc *d = c->desc->flows ? c->desc->flows->tcp : NULL;

    return d && d->in_line ? d : NULL;
}

static void early_free(struct nfl_early *e)
{
    if (!e)
        return;
    free(e->slot);
    free(e->bytes);
    free(e);
}

static struct nfl_early *early_new(uint32_t size)
{
    struct nfl_early *e = calloc(1, sizeof(*e));
    uint32_t i;

    if (!e)
        return NULL;
    e->size = size;
    e->slot = calloc((size_t)size + 1, sizeof(*e->slot));
    e->bytes = calloc((size_t)size + 1, NFL_MADE_FRAME);
    if (!e->slot || !e->bytes) {
        early_free(e);
        return NULL;
    }
    for (i = size; i > 0; i--) {
        e->slot[i - 1].next = e->free;
        e->free = i;
    }
    return e;
}

bool nfl_early_init(struct nfl_chain *c, const struct nfl_part *part, char *err,
                    size_t errlen)
{
    const struct nfl_tcp_desc *d = inline_of(c);
    uint32_t s, n = c->desc->shards;

    if (!d)
        return true;
    c->early = calloc(n, sizeof(*c->early));
    if (!c->early)
        return nfl_fail(err, errlen, "no memory");
    for (s = 0; s < n; s++) {
        if (nfl_owner_of(n, part->of, s) != part->index)
            continue;
        c->early[s] = early_new((uint32_t)nfl_share(d->held, n, s));
        if (!c->early[s])
            return nfl_fail(err, errlen,
                            "chain %s: no memory for %u packets that wait",
                            c->desc->name, d->held);
    }
    return true;
}

void nfl_early_fini(struct nfl_chain *c)
{
    uint32_t s;

    for (s = 0; c->early && s < c->desc->shards; s++)
        early_free(c->early[s]);
    free(c->early);
    c->early = NULL;
}

size_t nfl_early_most(const struct nfl_chain *c)
{
    const size_t burst = (size_t)NFL_BURST * 2 * NFL_TCP_HELD;
    size_t all = NFL_BURST;
    uint32_t s;

    if (!c->early)
        return 0;
    for (s = 0; s < c->desc->shards; s++)
        all += c->early[s] ? c->early[s]->size : 0;
    return all < burst ? all : burst;
}

/* ---- holding ---- */

static struct slot *slot_at(const struct nfl_early *e, uint32_t i)
{
    return &e->slot[i - 1];
}

static uint8_t *bytes_at(const struct nfl_early *e, uint32_t i)
{
    return e->bytes + (size_t)(i - 1) * NFL_MADE_FRAME;
}

static void give(struct nfl_early *e, uint32_t i)
{
    slot_at(e, i)->next = e->free;
    e->free = i;
    e->used--;
}

/* Behind those of the same sequence number. */
static void put(const struct nfl_early *e, uint32_t *link, uint32_t i)
{
    struct slot *x = slot_at(e, i);

    while (*link &&
           (int32_t)(x->segment.seq - slot_at(e, *link)->segment.seq) >= 0)
        link = &slot_at(e, *link)->next;
    x->next = *link;
    *link = i;
}

static bool has_room(const struct nfl_ctx *c, const struct nfl_early *e,
                     const struct nfl_pkt *p, uint32_t end)
{
    const struct nfl_chain_desc *d = c->chain->desc;
    const struct nfl_tcp_side *x =
        &nfl_session_tcp(d, c->session)->side[c->back];
    const struct nfl_inline *l = nfl_session_inline(d, c->session);

    return p->len <= NFL_MADE_FRAME && e->free &&
           l->n_held[c->back] < NFL_TCP_HELD &&
           end - x->front <= d->flows->tcp->rules.ahead;
}

void nfl_early_hold(const struct nfl_ctx *c, struct nfl_pkt *p,
                    const struct nfl_tuple *t,
                    const struct nfl_early_segment *s)
{
    struct nfl_inline *l = nfl_session_inline(c->chain->desc, c->session);
    struct nfl_tcp_side *x =
        &nfl_session_tcp(c->chain->desc, c->session)->side[c->back];
    struct nfl_early *e = c->chain->early[c->shard];
    uint32_t i = e->free, end = s->seq + s->payload + s->fin;

    p->out = NFL_OUT_DROP;
    if (!has_room(c, e, p, end)) {
        p->reason = NFL_DROP_too_early;
        c->worker->drops[NFL_DROP_too_early]++;
        return;
    }
    p->reason = NFL_DROP_none;
    if ((int32_t)(end - x->next) > 0)
        x->next = end;
    e->free = slot_at(e, i)->next;
    e->used++;
    slot_at(e, i)->segment = *s;
    nfl_away_put(&slot_at(e, i)->away, bytes_at(e, i), c, p, t);
    put(e, &l->held[c->back], i);
    l->n_held[c->back]++;
    c->chain->held++;
}

/* ---- entering ---- */

/* The first of the side has gone from its list. */
static struct nfl_made *enters(struct nfl_worker *w, struct nfl_early *e,
                               const struct nfl_tcp *t, unsigned side,
                               uint32_t first)
{
    const struct slot *x = slot_at(e, first);
    struct nfl_made *m = nfl_away_back(w, &x->away, bytes_at(e, first));

    nfl_tcp_renew(t, side, m->pkt.data + x->segment.tcp, x->segment.header);
    give(e, first);
    return m;
}

struct nfl_made *nfl_early_next(struct nfl_worker *w, struct nfl_chain *c,
                                const struct nfl_session *s, unsigned from,
                                unsigned watch, const struct nfl_pkt *behind)
{
    const struct nfl_tcp *t = nfl_session_tcp(c->desc, s);
    struct nfl_inline *l = nfl_session_inline(c->desc, s);
    struct nfl_early *e = c->early[s->shard];
    unsigned i, side;
    uint32_t first;

    for (i = 0; i < 2; i++) {
        const struct nfl_early_segment *x;

        side = i ^ from;
        first = l->held[side];
        if (!first)
            continue;
        x = &slot_at(e, first)->segment;
        if (nfl_tcp_is_early(t, c->pieces[s->shard], side, watch, x->seq,
                             x->payload))
            continue;
        l->held[side] = slot_at(e, first)->next;
        l->n_held[side]--;
        w->behind = behind;
        return enters(w, e, t, side, first);
    }
    w->behind = NULL;
    return NULL;
}

/* ---- who waits in vain ---- */

void nfl_early_forget(struct nfl_worker *w, const struct nfl_chain *c,
                      const struct nfl_session *s)
{
    struct nfl_early *e = c->early[s->shard];
    struct nfl_inline *l = nfl_session_inline(c->desc, s);
    unsigned side;
    uint32_t i;

    for (side = 0; side < 2; side++) {
        while ((i = l->held[side]) != 0) {
            l->held[side] = slot_at(e, i)->next;
            give(e, i);
            w->drops[NFL_DROP_waits_flow]++;
        }
        l->n_held[side] = 0;
    }
}

void nfl_early_end(struct nfl_worker *w, const struct nfl_chain *c)
{
    uint32_t s;

    for (s = 0; c->early && s < c->desc->shards; s++)
        if (c->early[s])
            w->drops[NFL_DROP_waits_end] += c->early[s]->used;
}
