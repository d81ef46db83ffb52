#include "interp/fragment.h"
#include "base/mem.h"
#include "interp/datagram.h"
#include "interp/packet.h"
#include "interp/world.h"
#include <stdlib.h>

enum {
    DATAGRAMS = 1024, /* of a port */
    PARTS = 64,
    HELD = 64,     /* of a port */
    JOINING = 256, /* of a port that joins them */
    WHOLE = 10240,
    IP_PROTO_TCP = 6
};
static const uint64_t lifetime = (uint64_t)30 * 1000000000;

struct piece {
    num_t from, to;
    bool last;
};

struct datagram {
    const struct port *port;
    num_t src, dst, id, proto; /* proto: of IPv4 */
    bool v6;
    uint64_t ends;
    bool first; /* it came */
    bool joins; /* they enter as one packet */
    bool alone; /* it is that of a tunnel: later ones enter as they are */
    struct nfl_tuple tuple;
    enum own_drop dead; /* or OWN_DROP_none */
    struct piece part[PARTS];
    unsigned n;
    LIST(struct arrival) held;
    struct datagram *next;
};

void arrival_free(struct arrival *a)
{
    free(a->bytes);
    free(a);
}

static void drop(struct world *w, struct arrival *a, enum own_drop why)
{
    w->drops[why]++;
    arrival_free(a);
}

/* ---- datagrams ---- */

static void take_out(struct world *w, struct datagram *d)
{
    struct datagram *x, *before = NULL;

    for (x = w->datagrams.first; x != d; x = x->next)
        before = x;
    if (before)
        before->next = d->next;
    else
        w->datagrams.first = d->next;
    if (w->datagrams.last == d)
        w->datagrams.last = before;
    w->datagrams.n--;
}

static void drop_held(struct world *w, struct datagram *d, enum own_drop why)
{
    struct arrival *a, *next;

    for (a = d->held.first; a; a = next) {
        next = a->next;
        drop(w, a, why);
    }
    LIST_CLEAR(&d->held);
}

static void forget(struct world *w, struct datagram *d)
{
    drop_held(w, d,
              d->joins ? OWN_DROP_fragment_missing : OWN_DROP_fragment_first);
    take_out(w, d);
    free(d);
}

/* The first of a port that arrived, if there are so many of it. */
static struct datagram *oldest(struct world *w, const struct port *port,
                               unsigned most)
{
    struct datagram *d, *first = NULL;
    unsigned n = 0;

    LIST_EACH (d, &w->datagrams) {
        if (d->port != port)
            continue;
        first = first ? first : d;
        n++;
    }
    return n >= most ? first : NULL;
}

static void expire(struct world *w, const struct port *port, uint64_t now)
{
    struct datagram *d;

    while ((d = oldest(w, port, 1)) && d->ends <= now)
        forget(w, d);
}

static struct datagram *find(struct world *w, const struct port *port,
                             const struct fragment *f)
{
    struct datagram *d;

    LIST_EACH (d, &w->datagrams)
        if (d->port == port && d->v6 == f->v6 && d->src == f->src &&
            d->dst == f->dst && d->id == f->id &&
            (f->v6 || d->proto == f->proto))
            return d;
    return NULL;
}

static struct datagram *add(struct world *w, const struct port *port,
                            const struct fragment *f, uint64_t now)
{
    struct datagram *d = oldest(w, port, DATAGRAMS);

    if (d)
        forget(w, d);
    d = mem_zeroed(1, sizeof(*d));
    d->port = port;
    d->v6 = f->v6;
    d->src = f->src;
    d->dst = f->dst;
    d->id = f->id;
    d->proto = f->proto;
    d->ends = now + lifetime;
    LIST_ADD(&w->datagrams, d);
    return d;
}

/* ---- a fragment ---- */

static enum own_drop wrong(const struct fragment *f)
{
    if (f->len == 0 || (f->more && f->len % 8) || f->at + f->len > 65535)
        return OWN_DROP_fragment_bad;
    if (f->proto == IP_PROTO_TCP && f->at == 8)
        return OWN_DROP_fragment_tiny;
    return OWN_DROP_none;
}

static enum own_drop clash(const struct datagram *d, const struct fragment *f)
{
    num_t to = f->at + f->len;

    for (unsigned i = 0; i < d->n; i++)
        if (d->part[i].from == f->at && d->part[i].to == to)
            return OWN_DROP_fragment_again;
    for (unsigned i = 0; i < d->n; i++) {
        const struct piece *x = &d->part[i];

        if (f->at < x->to && x->from < to)
            return OWN_DROP_fragment_overlap;
        if ((x->last && (!f->more || to >= x->to)) || (!f->more && x->to >= to))
            return OWN_DROP_fragment_overlap;
    }
    if (d->joins && to > WHOLE)
        return OWN_DROP_fragment_long;
    return d->n == PARTS ? OWN_DROP_fragment_many : OWN_DROP_none;
}

/* How many bytes it has; 0: not all of them were there. */
static num_t whole(const struct datagram *d)
{
    num_t got = 0, total = 0;

    for (unsigned i = 0; i < d->n; i++) {
        got += d->part[i].to - d->part[i].from;
        total = d->part[i].last ? d->part[i].to : total;
    }
    return got == total ? total : 0;
}

static void enter(struct world *w, const struct datagram *d, struct arrival *a)
{
    a->later = d && !d->alone;
    if (a->later)
        a->first = d->tuple;
    a->next = NULL;
    LIST_ADD(&w->entering, a);
}

static void first_came(struct world *w, struct datagram *d, struct arrival *a)
{
    struct packet p = {.bytes = a->bytes, .arrived = a->bytes, .len = a->len};
    struct arrival *held, *next;

    packet_parse(&p, w->tree);
    if (!p.has_flow) {
        d->dead = OWN_DROP_fragment_tiny;
        drop_held(w, d, d->dead);
        drop(w, a, d->dead);
        return;
    }
    d->first = true;
    d->tuple = p.tuple;
    d->alone =
        p.tuple.v6 != d->v6 || p.tuple.src != d->src || p.tuple.dst != d->dst;
    enter(w, NULL, a);
    for (held = d->held.first; held; held = next) {
        next = held->next;
        enter(w, d, held);
    }
    LIST_CLEAR(&d->held);
}

/* The datagram of the port's fragment that has waited longest, if so many
 * wait. */
static struct datagram *waits_longest(struct world *w, const struct port *port,
                                      unsigned most)
{
    struct datagram *d, *found = NULL;
    unsigned n = 0;

    LIST_EACH (d, &w->datagrams) {
        if (d->port != port || !d->held.n)
            continue;
        n += d->held.n;
        if (!found || d->held.first->turn < found->held.first->turn)
            found = d;
    }
    return n >= most ? found : NULL;
}

static void hold(struct world *w, struct datagram *d, struct arrival *a)
{
    struct datagram *old = waits_longest(w, a->port, d->joins ? JOINING : HELD);

    if (old)
        forget(w, old);
    if (old == d) {
        drop(w, a, OWN_DROP_fragment_first);
        return;
    }
    a->turn = w->turns++;
    a->next = NULL;
    LIST_ADD(&d->held, a);
}

/* The last one came. */
static void join(struct world *w, struct datagram *d, struct arrival *last)
{
    struct arrival *a;

    last->next = NULL;
    LIST_ADD(&d->held, last);
    a = datagram_of(d->held.first, whole(d));
    if (a) {
        a->time = last->time;
        LIST_ADD(&w->entering, a);
        w->drops[OWN_DROP_fragment_joined]--; /* of them, one is the packet */
    }
    drop_held(w, d, a ? OWN_DROP_fragment_joined : OWN_DROP_fragment_long);
}

static void track(struct world *w, struct arrival *a, const struct fragment *f,
                  bool joins)
{
    enum own_drop why = wrong(f);
    uint64_t *now = &w->fragments_now[a->port->index];
    struct datagram *d;

    if (a->time > *now)
        *now = a->time;
    expire(w, a->port, *now);
    if (why != OWN_DROP_none) {
        drop(w, a, why);
        return;
    }
    d = find(w, a->port, f);
    if (!d)
        d = add(w, a->port, f, *now);
    d->joins = joins;
    why = d->dead != OWN_DROP_none ? d->dead : clash(d, f);
    if (why != OWN_DROP_none) {
        if (why != OWN_DROP_fragment_again)
            drop_held(w, d, why), d->dead = why;
        drop(w, a, why);
        return;
    }
    d->part[d->n++] = (struct piece){f->at, f->at + f->len, !f->more};
    if (joins ? !whole(d) : !d->first && f->at != 0) {
        hold(w, d, a);
        return;
    }
    if (joins)
        join(w, d, a);
    else if (f->at == 0)
        first_came(w, d, a);
    else
        enter(w, d, a);
    if ((joins || d->first) && whole(d))
        forget(w, d);
}

/* Of the chains with a flow table at the port, which say all the same. */
static enum fragments mode(const struct world *w, const struct port *port)
{
    const struct chain *c;
    unsigned side;

    LIST_EACH (c, &w->tree->chains)
        if (c->tracks && chain_enters(c, port, &side))
            return c->fragments;
    return FRAGMENTS_PASS;
}

void fragments_take(struct world *w, struct arrival *a)
{
    enum fragments how = mode(w, a->port);
    struct fragment f;

    if (how == FRAGMENTS_PASS || !fragment_of(a, &f))
        enter(w, NULL, a);
    else if (how == FRAGMENTS_REFUSE)
        drop(w, a, OWN_DROP_fragment);
    else
        track(w, a, &f, how == FRAGMENTS_REASSEMBLE);
}

void fragments_end(struct world *w)
{
    while (w->datagrams.first)
        forget(w, w->datagrams.first);
}
