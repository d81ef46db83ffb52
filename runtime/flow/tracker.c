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
    uint16_t held, last;      /* of those that wait, in the order of arrival */
    uint16_t older, newer;
    uint16_t sport, dport;
    uint8_t proto;
    uint8_t fate; /* enum fate */
    uint8_t n;
    uint16_t cut;        /* bytes of its longest IP packet */
    uint16_t why;        /* of a DEAD one: enum nfl_drop */
    uint32_t total, got; /* bytes; total 0: not known */
    struct part part[NFL_FRAGMENT_PARTS];
};

struct held {
    struct nfl_pkt pkt;
    uint16_t next; /* of its datagram, or of the free ones */
};

struct nfl_tracker {
    const struct nfl_module *module;
    struct nfl_fragment_sink to;
    uint64_t seed, now;
    bool joins;
    uint16_t free, oldest, newest; /* of the free ones by `newer` */
    uint16_t unheld;               /* the first that is free in held */
    uint16_t bucket[BUCKETS];
    struct held held[NFL_FRAGMENT_JOINING];
    struct datagram at[NFL_FRAGMENT_DATAGRAMS];
};

struct nfl_tracker *nfl_tracker_new(const struct nfl_module *m, uint64_t seed,
                                    bool joins,
                                    const struct nfl_fragment_sink *to)
{
    const unsigned held = joins ? NFL_FRAGMENT_JOINING : NFL_FRAGMENT_HELD;
    struct nfl_tracker *t = calloc(1, sizeof(*t));
    unsigned i;

    if (!t)
        return NULL;
    t->module = m;
    t->seed = seed;
    t->to = *to;
    t->joins = joins;
    t->oldest = t->newest = NONE;
    memset(t->bucket, 0xff, sizeof(t->bucket));
    for (i = 0; i < held; i++)
        t->held[i].next = (uint16_t)(i + 1);
    t->held[held - 1].next = NONE;
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

/* Takes the first one of d; NULL: none waits. It is good until another waits.
 */
static struct nfl_pkt *take_held(struct nfl_tracker *t, struct datagram *d)
{
    uint16_t i = d->held;

    if (i == NONE)
        return NULL;
    d->held = t->held[i].next;
    t->held[i].next = t->unheld;
    t->unheld = i;
    return &t->held[i].pkt;
}

static void add_held(struct nfl_tracker *t, struct datagram *d,
                     const struct nfl_pkt *p)
{
    uint16_t i = t->unheld;

    t->unheld = t->held[i].next;
    t->held[i].pkt = *p;
    t->held[i].next = NONE;
    if (d->held == NONE)
        d->held = i;
    else
        t->held[d->last].next = i;
    d->last = i;
}

static void drop_held(struct nfl_tracker *t, struct datagram *d,
                      enum nfl_drop why)
{
    const struct nfl_pkt *p;

    while ((p = take_held(t, d)))
        t->to.drop(t->to.self, p, why);
}

/* Of those whose datagram is forgotten. */
static enum nfl_drop missing(const struct nfl_tracker *t)
{
    return t->joins ? NFL_DROP_fragment_missing : NFL_DROP_fragment_first;
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

    drop_held(t, d, missing(t));
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
    d->held = NONE;
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
static enum nfl_drop clash(const struct nfl_tracker *t,
                           const struct datagram *d,
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
    if (t->joins && to > NFL_FRAGMENT_WHOLE)
        return NFL_DROP_fragment_long;
    return d->n == NFL_FRAGMENT_PARTS ? NFL_DROP_fragment_many : NFL_DROP_none;
}

static void note(struct datagram *d, const struct nfl_fragment *f)
{
    uint32_t bytes = f->data - f->ip + f->len;

    d->part[d->n++] =
        (struct part){(uint16_t)f->at, (uint16_t)(f->at + f->len)};
    d->got += f->len;
    d->cut = bytes > d->cut ? (uint16_t)bytes : d->cut;
    if (!f->more)
        d->total = f->at + f->len;
}

static void enter(struct nfl_tracker *t, const struct datagram *d,
                  const struct nfl_pkt *p)
{
    struct nfl_pkt later = *p;

    if (d->fate == KNOWN) {
        later.later = 1;
        later.proto = d->proto;
        later.sport = d->sport;
        later.dport = d->dport;
    }
    t->to.enter(t->to.self, &later);
}

static void first(struct nfl_tracker *t, struct datagram *d, struct nfl_pkt *p)
{
    const struct nfl_pkt *held;
    struct nfl_tuple tuple;

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
    while ((held = take_held(t, d)))
        enter(t, d, held);
}

/* If all wait, the datagram of which one has waited longest is forgotten;
 * which may be this one. Those that wait began to with their datagram's first.
 */
static void hold(struct nfl_tracker *t, struct datagram *d,
                 const struct nfl_pkt *p)
{
    uint16_t i = t->oldest;

    if (t->unheld == NONE) {
        while (t->at[i].held == NONE)
            i = t->at[i].newer;
        forget(t, &t->at[i]);
        if (&t->at[i] == d) {
            t->to.drop(t->to.self, p, missing(t));
            return;
        }
    }
    add_held(t, d, p);
}

/* With p all of d are there: they enter as one packet, at its time. */
static void join(struct nfl_tracker *t, struct datagram *d,
                 const struct nfl_pkt *p)
{
    struct nfl_pkt whole = *p, rest[NFL_FRAGMENT_PARTS];
    const struct nfl_pkt *held;
    struct nfl_fragment f;
    unsigned i, n = 0;
    uint32_t data;

    while ((held = take_held(t, d))) {
        rest[n] = *held;
        if (nfl_fragment_find(held->data, held->len, &f) && f.at == 0) {
            rest[n] = whole;
            whole = *held;
        }
        n++;
    }
    data = nfl_fragment_open(&whole, d->total, &t->to);
    if (!data) {
        rest[n++] = whole;
        for (i = 0; i < n; i++)
            t->to.drop(t->to.self, &rest[i], NFL_DROP_fragment_long);
        return;
    }
    for (i = 0; i < n; i++) {
        nfl_fragment_join(whole.data + data, &rest[i]);
        t->to.drop(t->to.self, &rest[i], NFL_DROP_fragment_joined);
    }
    whole.time = p->time;
    whole.cut = d->cut;
    whole.joined = 1;
    whole.cut_id = d->key.id;
    t->to.enter(t->to.self, &whole);
}

void nfl_tracker_take(struct nfl_tracker *t, struct nfl_pkt *p,
                      const struct nfl_fragment *f)
{
    uint16_t bucket = bucket_of(t, f);
    enum nfl_drop why = wrong(f);
    struct datagram *d;
    bool whole;

    if (p->time > t->now)
        t->now = p->time;
    expire(t);
    if (why != NFL_DROP_none) {
        t->to.drop(t->to.self, p, why);
        return;
    }
    d = find(t, f, bucket);
    d = d ? d : add(t, f, bucket);
    why = d->fate == DEAD ? (enum nfl_drop)d->why : clash(t, d, f);
    if (why != NFL_DROP_none) {
        if (why != NFL_DROP_fragment_again && d->fate != DEAD)
            kill_all(t, d, why);
        t->to.drop(t->to.self, p, why);
        return;
    }
    note(d, f);
    whole = d->got == d->total;
    if (t->joins && whole)
        join(t, d, p);
    else if (!t->joins && f->at == 0)
        first(t, d, p);
    else if (d->fate == WAITS)
        hold(t, d, p);
    else
        enter(t, d, p);
    if (whole && (t->joins || d->fate != WAITS) && d->fate != DEAD)
        forget(t, d);
}

void nfl_tracker_end(struct nfl_tracker *t)
{
    while (t->oldest != NONE)
        forget(t, &t->at[t->oldest]);
}
