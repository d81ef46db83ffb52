/* pool(address, ports): free ports in a queue for each shard. */
#include <nfl/ctx.h>
#include <nfl/trace.h>
#include <stdlib.h>
#include <string.h>

struct nfs_pool;

/* Each port has its lease from the beginning: taking allocates nothing. In a
 * line of its own: flows come and go, and with each one is touched. */
struct port {
    struct nfl_lease lease; /* first: a lease is its port */
    struct nfs_pool *pool;
    uint16_t shard;
    bool kept; /* taken by keep() */
} __attribute__((aligned(64)));

/* Of a shard: in a line of the cache that no other worker touches. */
struct slice {
    uint32_t at, size; /* its ports: indices from at on */
    uint32_t head, n;  /* of the queue, in free[at .. at + size - 1] */
    bool used;         /* something was ever taken */
} __attribute__((aligned(64)));

struct nfs_pool {
    uint32_t addr;
    uint32_t lo, n; /* first port, number of ports */
    uint32_t shards;
    struct slice *slices;
    struct port *ports;
    uint16_t *free; /* the queues, as indices of ports */
    /* Who was asked for owners before this one. */
    int (*owner)(const void *object, nfl_u128 addr, uint8_t v6, uint16_t port);
    const void *owner_object;
};

void *nfs_pool_new(struct nfl_chain *c, struct nfl_setup *setup,
                   uint64_t address, uint64_t lo, uint64_t hi);
void nfs_pool_free(void *object);
bool nfs_pool_take(struct nfl_ctx *c, void *object, const char *name,
                   struct nfl_session *f, uint64_t *result);
bool nfs_pool_keep(struct nfl_ctx *c, void *object, const char *name,
                   struct nfl_session *f, uint64_t *result);
void nfs_pool_give(struct nfl_ctx *c, void *object, const char *name,
                   struct nfl_session *f, uint64_t which);
void nfs_pool_state(const void *object, struct nfl_state *s,
                    const char *prefix);

/* The shard that has the port of index i: the first n % shards have one more
 * than the others. */
static uint32_t shard_of(const struct nfs_pool *p, uint32_t i)
{
    uint32_t each = p->n / p->shards, more = p->n % p->shards;
    uint32_t edge = more * (each + 1);

    return i < edge ? i / (each + 1) : more + (i - edge) / each;
}

static int pool_owner(const void *object, nfl_u128 addr, uint8_t v6,
                      uint16_t port)
{
    const struct nfs_pool *p = object;
    int shard = -1;

    if (p->owner)
        shard = p->owner(p->owner_object, addr, v6, port);
    if (shard >= 0 || v6 || addr != p->addr || port < p->lo ||
        port - p->lo >= p->n)
        return shard;
    return (int)shard_of(p, port - p->lo);
}

/* In network byte order. */
static bool pool_next(const void *object, unsigned shard, uint32_t *addr,
                      uint16_t *port)
{
    const struct nfs_pool *p = object;
    const struct slice *s = &p->slices[shard];

    if (s->n == 0)
        return false;
    *addr = NFL_BE(32, p->addr);
    *port = NFL_BE(16, (uint16_t)(p->lo + p->free[s->at + s->head]));
    return true;
}

static void fill(struct nfs_pool *p)
{
    uint32_t i, s, at = 0;

    for (s = 0; s < p->shards; s++) {
        p->slices[s].at = at;
        p->slices[s].size = (uint32_t)nfl_share(p->n, p->shards, s);
        p->slices[s].n = p->slices[s].size;
        at += p->slices[s].size;
    }
    for (i = 0; i < p->n; i++) {
        p->free[i] = (uint16_t)i;
        p->ports[i].pool = p;
        p->ports[i].shard = (uint16_t)shard_of(p, i);
    }
}

/* n of so many bytes, each in lines of the cache of its own. */
static void *lines_new(uint32_t n, size_t bytes)
{
    void *p = aligned_alloc(64, n * bytes);

    if (p)
        memset(p, 0, n * bytes);
    return p;
}

void *nfs_pool_new(struct nfl_chain *c, struct nfl_setup *setup,
                   uint64_t address, uint64_t lo, uint64_t hi)
{
    struct nfs_pool *p = calloc(1, sizeof(*p));
    uint32_t n = lo <= hi ? (uint32_t)(hi - lo + 1) : 0;

    if (p) {
        p->slices = lines_new(setup->shards, sizeof(*p->slices));
        p->ports = lines_new(n + 1, sizeof(*p->ports));
        p->free = calloc(n + 1, sizeof(*p->free));
    }
    if (!p || !p->slices || !p->ports || !p->free) {
        snprintf(setup->err, sizeof(setup->err),
                 "chain %s: no memory for a pool of %u ports", c->desc->name,
                 n);
        nfs_pool_free(p);
        return NULL;
    }
    p->addr = (uint32_t)address;
    p->lo = (uint32_t)lo;
    p->n = n;
    p->shards = setup->shards;
    fill(p);
    p->owner = c->owner;
    p->owner_object = c->owner_object;
    c->owner = pool_owner;
    c->owner_object = p;
    c->next = pool_next;
    c->next_object = p;
    return p;
}

void nfs_pool_free(void *object)
{
    struct nfs_pool *p = object;

    if (!p)
        return;
    free(p->slices);
    free(p->ports);
    free(p->free);
    free(p);
}

/* To the end of the queue. */
static void put(struct nfs_pool *p, const struct port *port)
{
    struct slice *s = &p->slices[port->shard];
    uint32_t at;

    at = s->head + s->n;
    at -= at < s->size ? 0 : s->size;
    p->free[s->at + at] = (uint16_t)(port - p->ports);
    s->n++;
}

static void give_back(struct nfl_lease *l)
{
    const struct port *port = (const struct port *)l;

    put(port->pool, port);
}

/* The first of the queue, NULL if it is empty. */
static struct port *get(struct nfs_pool *p, uint32_t shard)
{
    struct slice *s = &p->slices[shard];
    struct port *port;

    if (s->n == 0)
        return NULL;
    port = &p->ports[p->free[s->at + s->head]];
    s->head = s->head + 1 == s->size ? 0 : s->head + 1;
    s->n--;
    /* Whom the next flow of the shard takes, if there is one. */
    __builtin_prefetch(&p->ports[p->free[s->at + s->head]], 1);
    s->used = true;
    return port;
}

static uint64_t number(const struct nfs_pool *p, const struct port *port)
{
    return p->lo + (uint64_t)(port - p->ports);
}

bool nfs_pool_take(struct nfl_ctx *c, void *object, const char *name,
                   struct nfl_session *f, uint64_t *result)
{
    struct nfs_pool *p = object;
    struct port *port = get(p, f->shard);

    if (!port)
        return false;
    port->lease.release = give_back;
    port->lease.nf = (uint16_t)c->nf;
    port->lease.name = name;
    port->lease.value = number(p, port);
    nfl_session_lease(f, &port->lease);
    *result = port->lease.value;
    return true;
}

bool nfs_pool_keep(struct nfl_ctx *c, void *object, const char *name,
                   struct nfl_session *f, uint64_t *result)
{
    struct nfs_pool *p = object;
    struct port *port = get(p, f->shard);

    (void)c;
    (void)name;
    if (!port)
        return false;
    port->kept = true;
    *result = number(p, port);
    return true;
}

void nfs_pool_give(struct nfl_ctx *c, void *object, const char *name,
                   struct nfl_session *f, uint64_t which)
{
    struct nfs_pool *p = object;
    struct port *port;

    (void)c;
    (void)name;
    if (which < p->lo || which - p->lo >= p->n)
        return;
    port = &p->ports[which - p->lo];
    if (!port->kept || port->shard != f->shard)
        return;
    port->kept = false;
    put(p, port);
}

void nfs_pool_state(const void *object, struct nfl_state *st,
                    const char *prefix)
{
    const struct nfs_pool *p = object;
    uint32_t i;

    for (i = 0; i < p->shards; i++) {
        const struct slice *s = &p->slices[i];

        if (s->used)
            nfl_state_add(st, "object %s shard %u free %u next %u", prefix, i,
                          s->n, s->n ? p->lo + p->free[s->at + s->head] : 0);
    }
}
