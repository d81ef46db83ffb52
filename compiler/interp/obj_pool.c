/* pool(address, ports, forwards, addresses, count) of stdlib/type/pool.nfl: for
 * each shard a list of the free ports. take() takes the first, the end of a
 * flow appends. What stands for an endpoint of the inside is looked for row by
 * row.
 */
#include "interp/object.h"
#include "interp/packet.h"
#include "interp/world.h"
#include <nfl/rows_text.h>
#include <stdlib.h>
#include <string.h>

struct slice {
    unsigned lo; /* first port */
    uint64_t n;  /* ports */
    uint64_t n_free;
    uint16_t *free; /* in order of handing out */
    bool *kept;     /* of each port: taken by keep() */
    bool touched;   /* something was ever taken */
};

struct pool {
    const struct world *world;
    num_t address; /* the first of `count` */
    unsigned count;
    unsigned shards;
    struct slice *slices;
    const struct nfl_rows *forwards;  /* protocol, port, address, port */
    const struct nfl_rows *addresses; /* outside, inside */
};

struct end {
    num_t addr;
    unsigned port;
};

/* ---- what stands for whom ---- */

enum { PROTO, OUT_PORT, IN_ADDR, IN_PORT }; /* columns of forwards */

/* For which endpoint of the inside that of the outside stands. */
static bool inside_of(const struct pool *p, struct end out, unsigned proto,
                      struct end *in)
{
    for (unsigned i = 0; p->forwards && i < p->forwards->n; i++) {
        const struct nfl_cell *c = nfl_row(p->forwards, i);

        if (out.addr != p->address || c[PROTO].lo != proto ||
            c[OUT_PORT].lo != out.port)
            continue;
        *in = (struct end){c[IN_ADDR].lo, (unsigned)c[IN_PORT].lo};
        return true;
    }
    for (unsigned i = 0; p->addresses && i < p->addresses->n; i++) {
        const struct nfl_cell *c = nfl_row(p->addresses, i);

        if (c[0].lo != out.addr)
            continue;
        *in = (struct end){c[1].lo, out.port};
        return true;
    }
    return false;
}

static bool outside_of(const struct pool *p, struct end in, unsigned proto,
                       struct end *out)
{
    for (unsigned i = 0; p->forwards && i < p->forwards->n; i++) {
        const struct nfl_cell *c = nfl_row(p->forwards, i);

        if (c[PROTO].lo != proto || c[IN_ADDR].lo != in.addr ||
            c[IN_PORT].lo != in.port)
            continue;
        *out = (struct end){p->address, (unsigned)c[OUT_PORT].lo};
        return true;
    }
    for (unsigned i = 0; p->addresses && i < p->addresses->n; i++) {
        const struct nfl_cell *c = nfl_row(p->addresses, i);

        if (c[1].lo != in.addr)
            continue;
        *out = (struct end){c[0].lo, in.port};
        return true;
    }
    return false;
}

static bool is_forwarded(const struct pool *p, unsigned port)
{
    for (unsigned i = 0; p->forwards && i < p->forwards->n; i++)
        if (nfl_row(p->forwards, i)[OUT_PORT].lo == port)
            return true;
    return false;
}

static void give_result(const struct call *c, struct ival *result,
                        struct end end)
{
    result_parts(c, result, 2);
    result->parts[0].u = end.addr;
    result->parts[0].alt = 0;
    result->parts[1].u = end.port;
}

bool pool_inside(const struct call *c, struct ival *result)
{
    struct nfl_tuple t = moment_tuple(c->moment);
    struct end to;

    if (t.v6 || !inside_of(c->self, (struct end){t.dst, t.dport}, t.proto, &to))
        return false;
    give_result(c, result, to);
    return true;
}

bool pool_outside(const struct call *c, struct ival *result)
{
    struct nfl_tuple t = moment_tuple(c->moment);
    struct end to;

    if (t.v6 ||
        !outside_of(c->self, (struct end){t.src, t.sport}, t.proto, &to))
        return false;
    give_result(c, result, to);
    return true;
}

/* ---- what is handed out ---- */

static bool slice_init(const struct pool *p, struct slice *s, unsigned lo,
                       uint64_t n)
{
    bool first = (s - p->slices) % p->count == 0; /* of the first address */

    s->lo = lo;
    s->n = n;
    s->free = calloc(n + 1, sizeof(*s->free));
    s->kept = calloc(n + 1, sizeof(*s->kept));
    if (!s->free || !s->kept)
        return false;
    for (uint64_t i = 0; i < n; i++)
        if (!first || !is_forwarded(p, (unsigned)(lo + i)))
            s->free[s->n_free++] = (uint16_t)(lo + i);
    return true;
}

void *pool_make(struct world *w, unsigned shards,
                const struct ival *const *args)
{
    unsigned lo = (unsigned)args[1]->u, hi = (unsigned)args[1]->hi;
    struct pool *p = calloc(1, sizeof(*p));

    if (p)
        p->slices = calloc(shards, sizeof(*p->slices));
    if (!p || !p->slices)
        goto no_memory;
    p->world = w;
    p->address = args[0]->u;
    p->shards = shards;
    p->count = (unsigned)args[4]->u;
    if (p->count < 1 || p->count > shards ||
        p->address + p->count > (num_t)1 << 32) {
        snprintf(w->err, sizeof(w->err),
                 "a pool of %u addresses; there is one at least, and one for "
                 "each of the %u shards at most",
                 p->count, shards);
        pool_free(p);
        return NULL;
    }
    p->forwards = args[2] ? args[2]->object : NULL;
    p->addresses = args[3] ? args[3]->object : NULL;
    for (unsigned i = 0; i < shards; i++) {
        uint64_t n = shard_share(lo <= hi ? hi - lo + 1 : 0,
                                 shard_share(shards, p->count, i % p->count),
                                 i / p->count);
        const struct slice *before =
            i < p->count ? NULL : &p->slices[i - p->count];

        if (!slice_init(p, &p->slices[i],
                        before ? before->lo + (unsigned)before->n : lo, n))
            goto no_memory;
    }
    return p;
no_memory:
    if (p)
        pool_free(p);
    snprintf(w->err, sizeof(w->err), "no memory for a pool");
    return NULL;
}

void pool_free(void *self)
{
    struct pool *p = self;

    for (unsigned i = 0; p->slices && i < p->shards; i++) {
        free(p->slices[i].free);
        free(p->slices[i].kept);
    }
    free(p->slices);
    free(p);
}

int pool_owner(const void *self, num_t addr, bool v6, unsigned port,
               unsigned proto)
{
    const struct pool *p = self;
    struct end in;

    if (v6)
        return -1;
    if (inside_of(p, (struct end){addr, port}, proto, &in))
        return (int)shard_of_address(p->world, p->shards, in.addr, false);
    if (addr < p->address || addr >= p->address + p->count)
        return -1;
    for (unsigned i = (unsigned)(addr - p->address); i < p->shards;
         i += p->count) {
        const struct slice *s = &p->slices[i];

        if (port >= s->lo && port < s->lo + s->n)
            return (int)i;
    }
    return -1;
}

static void give_back(void *object, struct session *s, uint64_t value)
{
    struct pool *p = object;
    struct slice *sl = &p->slices[s->shard];

    sl->free[sl->n_free++] = (uint16_t)value;
}

static bool take_free(struct slice *s, unsigned which, struct ival *result)
{
    if (s->n_free == 0)
        return false;
    result->u = s->free[which];
    s->n_free--;
    memmove(s->free + which, s->free + which + 1,
            (s->n_free - which) * sizeof(*s->free));
    s->touched = true;
    return true;
}

/* The first of the first 64 that is even as the other one is, or odd; else the
 * first. */
static unsigned like(const struct slice *s, unsigned other)
{
    for (unsigned i = 0; i < s->n_free && i < 64; i++)
        if (s->free[i] % 2 == other % 2)
            return i;
    return 0;
}

bool pool_take(const struct call *c, struct ival *result)
{
    struct moment *m = c->moment;
    struct pool *p = c->self;
    struct lease lease = {
        .object = p,
        .release = give_back,
        .at = m->station->at,
        .name = c->name,
    };

    if (!take_free(&p->slices[m->session->shard], 0, result))
        return false;
    lease.value = (uint64_t)result->u;
    session_lease(m->session, &lease);
    return true;
}

bool pool_keep(const struct call *c, struct ival *result)
{
    struct pool *p = c->self;
    struct slice *s = &p->slices[c->moment->session->shard];

    unsigned which = c->args[2]->u ? like(s, (unsigned)c->args[1]->u) : 0;

    if (!take_free(s, which, result))
        return false;
    s->kept[(unsigned)result->u - s->lo] = true;
    return true;
}

bool pool_address(const struct call *c, struct ival *result)
{
    const struct pool *p = c->self;

    result->u = p->address + c->moment->session->shard % p->count;
    return true;
}

bool pool_give(const struct call *c, struct ival *result)
{
    struct pool *p = c->self;
    struct slice *s = &p->slices[c->moment->session->shard];
    unsigned port = (unsigned)c->args[1]->u;

    (void)result;
    if (port >= s->lo && port < s->lo + s->n && s->kept[port - s->lo]) {
        s->kept[port - s->lo] = false;
        s->free[s->n_free++] = (uint16_t)port;
    }
    return true;
}

void pool_state(const void *self, struct nfl_state *to, const char *prefix)
{
    const struct pool *p = self;

    for (unsigned i = 0; i < p->shards; i++) {
        const struct slice *s = &p->slices[i];

        if (s->touched)
            nfl_state_add(to, "object %s shard %u free %llu next %u", prefix, i,
                          (unsigned long long)s->n_free,
                          s->n_free ? s->free[0] : 0U);
    }
}
