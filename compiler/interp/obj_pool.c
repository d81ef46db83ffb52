/* pool(address, ports) of stdlib/type/pool.nfl: for each shard a list of the
 * free ports. take() takes the first, the end of a flow appends. */
#include "interp/object.h"
#include "interp/world.h"
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
    num_t address;
    unsigned shards;
    struct slice *slices;
};

static bool slice_init(struct slice *s, unsigned lo, uint64_t n)
{
    s->lo = lo;
    s->n = s->n_free = n;
    s->free = calloc(n + 1, sizeof(*s->free));
    s->kept = calloc(n + 1, sizeof(*s->kept));
    if (!s->free || !s->kept)
        return false;
    for (uint64_t i = 0; i < n; i++)
        s->free[i] = (uint16_t)(lo + i);
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
    p->address = args[0]->u;
    p->shards = shards;
    for (unsigned i = 0; i < shards; i++) {
        uint64_t n = shard_share(lo <= hi ? hi - lo + 1 : 0, shards, i);

        if (!slice_init(
                &p->slices[i],
                i ? p->slices[i - 1].lo + (unsigned)p->slices[i - 1].n : lo, n))
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

int pool_owner(const void *self, num_t addr, bool v6, unsigned port)
{
    const struct pool *p = self;

    if (v6 || addr != p->address)
        return -1;
    for (unsigned i = 0; i < p->shards; i++) {
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

static bool first_free(struct slice *s, struct ival *result)
{
    if (s->n_free == 0)
        return false;
    result->u = s->free[0];
    s->n_free--;
    memmove(s->free, s->free + 1, s->n_free * sizeof(*s->free));
    s->touched = true;
    return true;
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

    if (!first_free(&p->slices[m->session->shard], result))
        return false;
    lease.value = (uint64_t)result->u;
    session_lease(m->session, &lease);
    return true;
}

bool pool_keep(const struct call *c, struct ival *result)
{
    struct pool *p = c->self;
    struct slice *s = &p->slices[c->moment->session->shard];

    if (!first_free(s, result))
        return false;
    s->kept[(unsigned)result->u - s->lo] = true;
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
