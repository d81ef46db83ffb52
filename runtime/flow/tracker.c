/* The datagrams of which fragments arrived, in order of the first one that
 * did. Who finds no room takes that of the oldest: a flood of fragments costs
 * memory nobody, and others no more than the time it takes to come. */
#include "flow/fragment.h"
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

enum { BUCKETS = 2048, NONE = 0xffff, TCP_SECOND = 8 };

enum fate {
    WAITS, /* for its first fragment */
    KNOWN, /* the first one gave its flow */
    ALONE, /* that of the first is another packet's, in a tunnel: later ones
              enter as they are */
    DEAD
};

struct part {
    uint16_t from, to;
};

struct datagram {
    struct nfl_fragment key; /* proto 0 for IPv6; at, len, more unused */
    uint64_t ends;
    uint16_t bucket, chained; /* the next one of its bucket */
    uint16_t older, newer;
    uint16_t sport, dport;
    uint8_t proto;
    uint8_t fate; /* enum fate */
    uint8_t n;
    uint16_t why;        /* of a DEAD one: enum nfl_drop */
    uint32_t total, got; /* bytes; total 0: not known */
    struct part part[NFL_FRAGMENT_PARTS];
};

struct held {
    struct nfl_pkt pkt;
    uint64_t turn;
    uint16_t of; /* its datagram, or NONE: it is free */
};

struct nfl_tracker {
    const struct nfl_module *module;
    struct nfl_fragment_sink to;
    uint64_t seed, now, turns;
    uint16_t free, oldest, newest; /* of the free ones by `newer` */
    uint16_t bucket[BUCKETS];
    struct held held[NFL_FRAGMENT_HELD];
    struct datagram at[NFL_FRAGMENT_DATAGRAMS];
};

struct nfl_tracker *nfl_tracker_new(const struct nfl_module *m, uint64_t seed,
                                    const struct nfl_fragment_sink *to)
{
    struct nfl_tracker *t = calloc(1, sizeof(*t));
    unsigned i;

    if (!t)
        return NULL;
    t->module = m;
    t->seed = seed;
    t->to = *to;
    t->oldest = t->newest = NONE;
    memset(t->bucket, 0xff, sizeof(t->bucket));
    for (i = 0; i < NFL_FRAGMENT_HELD; i++)
        t->held[i].of = NONE;
    for (i = 0; i < NFL_FRAGMENT_DATAGRAMS; i++)
        t->at[i].newer = (uint16_t)(i + 1);
    t->at[NFL_FRAGMENT_DATAGRAMS - 1].newer = NONE;
    return t;
}

void nfl_tracker_free(struct nfl_tracker *t)
{
    free(t);
}

static uint16_t index_of(const struct nfl_tracker *t, const struct datagram *d)
{
    return (uint16_t)(d - t->at);
}

/* ---- those that wait ---- */

/* The one of d that came first; d NULL: of all. */
static struct held *first_held(struct nfl_tracker *t, const struct datagram *d)
{
    struct held *h, *first = NULL;

    for (h = t->held; h < t->held + NFL_FRAGMENT_HELD; h++)
        if (h->of != NONE && (!d || h->of == index_of(t, d)) &&
            (!first || h->turn < first->turn))
            first = h;
    return first;
}

static void drop_held(struct nfl_tracker *t, const struct datagram *d,
                      enum nfl_drop why)
{
    struct held *h;

    while (d->fate == WAITS && (h = first_held(t, d))) {
        h->of = NONE;
        t->to.drop(t->to.self, &h->pkt, why);
    }
}

/* ---- datagrams ---- */

static uint16_t bucket_of(const struct nfl_tracker *t,
                          const struct nfl_fragment *f)
{
    const struct {
        nfl_u128 src, dst;
        uint64_t rest;
    } key = {f->src, f->dst,
             (uint64_t)f->id << 16 | (f->v6 ? 1u << 8 : f->proto)};

    return (uint16_t)(nfl_hash(t->seed, &key, 2 * sizeof(nfl_u128) + 8) %
                      BUCKETS);
}

static bool is_of(const struct datagram *d, const struct nfl_fragment *f)
{
    return d->key.id == f->id && d->key.src == f->src && d->key.dst == f->dst &&
           d->key.v6 == f->v6 && (f->v6 || d->key.proto == f->proto);
}

static struct datagram *find(struct nfl_tracker *t,
                             const struct nfl_fragment *f, uint16_t bucket)
{
    uint16_t i;

    for (i = t->bucket[bucket]; i != NONE; i = t->at[i].chained)
        if (is_of(&t->at[i], f))
            return &t->at[i];
    return NULL;
}

static void forget(struct nfl_tracker *t, struct datagram *d)
{
    uint16_t own = index_of(t, d), *at = &t->bucket[d->bucket];

    drop_held(t, d, NFL_DROP_fragment_first);
    while (*at != own)
        at = &t->at[*at].chained;
    *at = d->chained;
    if (d->older == NONE)
        t->oldest = d->newer;
    else
        t->at[d->older].newer = d->newer;
    if (d->newer == NONE)
        t->newest = d->older;
    else
        t->at[d->newer].older = d->older;
    d->newer = t->free;
    t->free = own;
}

static struct datagram *add(struct nfl_tracker *t, const struct nfl_fragment *f,
                            uint16_t bucket)
{
    struct datagram *d;
    uint16_t own;

    if (t->free == NONE)
        forget(t, &t->at[t->oldest]);
    own = t->free;
    d = &t->at[own];
    t->free = d->newer;
    memset(d, 0, offsetof(struct datagram, part));
    d->key = *f;
    d->ends = t->now + NFL_FRAGMENT_TIME;
    d->bucket = bucket;
    d->chained = t->bucket[bucket];
    t->bucket[bucket] = own;
    d->newer = NONE;
    d->older = t->newest;
    if (t->newest == NONE)
        t->oldest = own;
    else
        t->at[t->newest].newer = own;
    t->newest = own;
    return d;
}

static void expire(struct nfl_tracker *t)
{
    while (t->oldest != NONE && t->at[t->oldest].ends <= t->now)
        forget(t, &t->at[t->oldest]);
}

static void kill_all(struct nfl_tracker *t, struct datagram *d,
                     enum nfl_drop why)
{
    drop_held(t, d, why);
    d->fate = DEAD;
    d->why = (uint16_t)why;
}

/* ---- fragments ---- */

/* Of the fragment alone. */
static enum nfl_drop wrong(const struct nfl_fragment *f)
{
    if (f->len == 0 || (f->more && f->len % 8 != 0) ||
        f->at + f->len > UINT16_MAX)
        return NFL_DROP_fragment_bad;
    if (f->at == TCP_SECOND && f->proto == NFL_TCP)
        return NFL_DROP_fragment_tiny;
    return NFL_DROP_none;
}

/* Whether it fits in with those before it. */
static enum nfl_drop clash(const struct datagram *d,
                           const struct nfl_fragment *f)
{
    uint32_t to = f->at + f->len;
    unsigned i;

    for (i = 0; i < d->n; i++)
        if (d->part[i].from == f->at && d->part[i].to == to)
            return NFL_DROP_fragment_again;
    for (i = 0; i < d->n; i++)
        if ((f->at < d->part[i].to && d->part[i].from < to) ||
            (!f->more && d->part[i].to > to))
            return NFL_DROP_fragment_overlap;
    if (d->total && (!f->more || to >= d->total))
        return NFL_DROP_fragment_overlap;
    return d->n == NFL_FRAGMENT_PARTS ? NFL_DROP_fragment_many : NFL_DROP_none;
}

static void note(struct datagram *d, const struct nfl_fragment *f)
{
    d->part[d->n++] =
        (struct part){(uint16_t)f->at, (uint16_t)(f->at + f->len)};
    d->got += f->len;
    if (!f->more)
        d->total = f->at + f->len;
}

static void enter(struct nfl_tracker *t, const struct datagram *d,
                  struct nfl_pkt *p)
{
    if (d->fate == KNOWN) {
        p->later = 1;
        p->proto = d->proto;
        p->sport = d->sport;
        p->dport = d->dport;
    }
    t->to.enter(t->to.self, p);
}

static void first(struct nfl_tracker *t, struct datagram *d, struct nfl_pkt *p)
{
    struct nfl_tuple tuple;
    struct held *h;

    if (!t->module->tuple(p, &tuple)) {
        kill_all(t, d, NFL_DROP_fragment_tiny);
        t->to.drop(t->to.self, p, NFL_DROP_fragment_tiny);
        return;
    }
    t->to.enter(t->to.self, p);
    d->fate = tuple.src == d->key.src && tuple.dst == d->key.dst &&
                      !tuple.v6 == !d->key.v6
                  ? KNOWN
                  : ALONE;
    d->proto = tuple.proto;
    d->sport = tuple.sport;
    d->dport = tuple.dport;
    while ((h = first_held(t, d))) {
        h->of = NONE;
        enter(t, d, &h->pkt);
    }
}

static struct held *free_held(struct nfl_tracker *t)
{
    struct held *h;

    for (h = t->held; h < t->held + NFL_FRAGMENT_HELD; h++)
        if (h->of == NONE)
            return h;
    return NULL;
}

/* If all wait, the datagram of which one has waited longest is forgotten;
 * which may be this one. */
static void hold(struct nfl_tracker *t, const struct datagram *d,
                 const struct nfl_pkt *p)
{
    struct held *h = free_held(t);

    if (!h) {
        struct datagram *old = &t->at[first_held(t, NULL)->of];

        forget(t, old);
        if (old == d) {
            t->to.drop(t->to.self, p, NFL_DROP_fragment_first);
            return;
        }
        h = free_held(t);
    }
    h->of = index_of(t, d);
    h->turn = t->turns++;
    h->pkt = *p;
}

void nfl_tracker_take(struct nfl_tracker *t, struct nfl_pkt *p,
                      const struct nfl_fragment *f)
{
    uint16_t bucket = bucket_of(t, f);
    enum nfl_drop why = wrong(f);
    struct datagram *d;

    if (p->time > t->now)
        t->now = p->time;
    expire(t);
    if (why != NFL_DROP_none) {
        t->to.drop(t->to.self, p, why);
        return;
    }
    d = find(t, f, bucket);
    d = d ? d : add(t, f, bucket);
    why = d->fate == DEAD ? (enum nfl_drop)d->why : clash(d, f);
    if (why != NFL_DROP_none) {
        if (why != NFL_DROP_fragment_again && d->fate != DEAD)
            kill_all(t, d, why);
        t->to.drop(t->to.self, p, why);
        return;
    }
    note(d, f);
    if (f->at == 0)
        first(t, d, p);
    else if (d->fate == WAITS)
        hold(t, d, p);
    else
        enter(t, d, p);
    if (d->got == d->total && (d->fate == KNOWN || d->fate == ALONE))
        forget(t, d);
}

void nfl_tracker_end(struct nfl_tracker *t)
{
    while (t->oldest != NONE)
        forget(t, &t->at[t->oldest]);
}
