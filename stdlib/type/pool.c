/* pool(address, ports, forwards, addresses, count): free ports in a queue for
 * each shard, and what stands for endpoints of the inside for good. */
#include <nfl/ctx.h>
#include <nfl/rows.h>
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
    bool kept;  /* taken by keep() */
    bool fixed; /* it stands for somebody for good */
} __attribute__((aligned(64)));

/* Of a shard: in a line of the cache that no other worker touches. */
struct slice {
    uint32_t at, size; /* its ports: indices from at on */
    uint32_t head, n;  /* of the queue, in free[at .. at + size - 1] */
    bool used;         /* something was ever taken */
} __attribute__((aligned(64)));

/* An endpoint of one side, by which it is looked for, and that of the other.
 * Of an address proto and port are 0, and stay what they are. */
struct pair {
    uint32_t addr, to_addr;
    uint16_t port, to_port;
    uint8_t proto;
    uint32_t row; /* of the table: the first one counts */
};

/* Both ways of a table, in order of what is looked for. */
struct pairs {
    struct pair *inward, *outward;
    uint32_t n_in, n_out;
};

struct nfs_pool {
    uint32_t addr, count; /* the first address, number of addresses */
    uint32_t lo, n;       /* first port, number of ports of an address */
    uint32_t shards;
    struct slice *slices;
    struct port *ports;
    uint32_t *free; /* the queues, as indices of ports */
    struct pairs forwards, addresses;
    uint64_t seed;
    /* Who was asked for owners before this one. */
    int (*owner)(const void *object, nfl_u128 addr, uint8_t v6, uint16_t port,
                 uint8_t proto);
    const void *owner_object;
};

void *nfs_pool_new(struct nfl_chain *c, struct nfl_setup *setup,
                   uint64_t address, uint64_t lo, uint64_t hi,
                   bool has_forwards, const void *forwards, bool has_addresses,
                   const void *addresses, uint64_t count);
void nfs_pool_free(void *object);
bool nfs_pool_take(struct nfl_ctx *c, void *object, const char *name,
                   struct nfl_session *f, uint64_t *result);
bool nfs_pool_keep(struct nfl_ctx *c, void *object, const char *name,
                   struct nfl_session *f, uint64_t like, bool parity,
                   uint64_t *result);
uint64_t nfs_pool_address(struct nfl_ctx *c, void *object, const char *name,
                          struct nfl_session *f);
void nfs_pool_give(struct nfl_ctx *c, void *object, const char *name,
                   struct nfl_session *f, uint64_t which);
bool nfs_pool_inside(struct nfl_ctx *c, void *object, const char *name,
                     struct nfl_session *f, struct nfl_ipaddr *addr,
                     uint64_t *port);
bool nfs_pool_outside(struct nfl_ctx *c, void *object, const char *name,
                      struct nfl_session *f, struct nfl_ipaddr *addr,
                      uint64_t *port);
void nfs_pool_state(const void *object, struct nfl_state *s,
                    const char *prefix);

/* ---- what stands for whom ---- */

static int order(const void *x, const void *y)
{
    const struct pair *a = x, *b = y;

    if (a->addr != b->addr)
        return a->addr < b->addr ? -1 : 1;
    if (a->port != b->port)
        return a->port < b->port ? -1 : 1;
    return (int)a->proto - (int)b->proto;
}

static int order_rows(const void *x, const void *y)
{
    const struct pair *a = x, *b = y;
    int which = order(x, y);

    return which ? which : a->row < b->row ? -1 : 1;
}

/* Of those that are looked for by the same only the first row stays. */
static uint32_t sort(struct pair *all, uint32_t n)
{
    uint32_t i, kept = 0;

    if (n)
        qsort(all, n, sizeof(*all), order_rows);
    for (i = 0; i < n; i++)
        if (i == 0 || order(&all[i], &all[kept - 1]) != 0)
            all[kept++] = all[i];
    return kept;
}

static bool pairs_new(struct pairs *p, uint32_t n)
{
    p->inward = calloc(n + 1, sizeof(*p->inward));
    p->outward = calloc(n + 1, sizeof(*p->outward));
    return p->inward && p->outward;
}

static void pairs_add(struct pairs *p, struct pair in)
{
    p->outward[in.row] = (struct pair){.addr = in.to_addr,
                                       .to_addr = in.addr,
                                       .port = in.to_port,
                                       .to_port = in.port,
                                       .proto = in.proto,
                                       .row = in.row};
    p->inward[in.row] = in;
}

static void pairs_sort(struct pairs *p, uint32_t n)
{
    p->n_in = sort(p->inward, n);
    p->n_out = sort(p->outward, n);
}

/* Rows of protocol, port, address and port of the inside. */
static bool read_forwards(struct nfs_pool *p, const struct nfl_rows *rows)
{
    uint32_t i;

    if (!rows)
        return true;
    if (!pairs_new(&p->forwards, rows->n))
        return false;
    for (i = 0; i < rows->n; i++) {
        const struct nfl_cell *c = nfl_row(rows, i);

        pairs_add(&p->forwards, (struct pair){.addr = p->addr,
                                              .to_addr = (uint32_t)c[2].lo,
                                              .port = (uint16_t)c[1].lo,
                                              .to_port = (uint16_t)c[3].lo,
                                              .proto = (uint8_t)c[0].lo,
                                              .row = i});
    }
    pairs_sort(&p->forwards, rows->n);
    return true;
}

/* Rows of an address of the outside and one of the inside. */
static bool read_addresses(struct nfs_pool *p, const struct nfl_rows *rows)
{
    uint32_t i;

    if (!rows)
        return true;
    if (!pairs_new(&p->addresses, rows->n))
        return false;
    for (i = 0; i < rows->n; i++) {
        const struct nfl_cell *c = nfl_row(rows, i);

        pairs_add(&p->addresses, (struct pair){.addr = (uint32_t)c[0].lo,
                                               .to_addr = (uint32_t)c[1].lo,
                                               .row = i});
    }
    pairs_sort(&p->addresses, rows->n);
    return true;
}

static const struct pair *find(const struct pair *all, uint32_t n,
                               uint32_t addr, uint16_t port, uint8_t proto)
{
    struct pair key = {.addr = addr, .port = port, .proto = proto};
    uint32_t lo = 0, hi = n, middle;
    int which;

    while (lo < hi) {
        middle = lo + (hi - lo) / 2;
        which = order(&key, &all[middle]);
        if (which == 0)
            return &all[middle];
        if (which < 0)
            hi = middle;
        else
            lo = middle + 1;
    }
    return NULL;
}

static const struct pair *inside_of(const struct nfs_pool *p, uint32_t addr,
                                    uint16_t port, uint8_t proto)
{
    const struct pair *to =
        find(p->forwards.inward, p->forwards.n_in, addr, port, proto);

    return to ? to : find(p->addresses.inward, p->addresses.n_in, addr, 0, 0);
}

static const struct pair *outside_of(const struct nfs_pool *p, uint32_t addr,
                                     uint16_t port, uint8_t proto)
{
    const struct pair *to =
        find(p->forwards.outward, p->forwards.n_out, addr, port, proto);

    return to ? to : find(p->addresses.outward, p->addresses.n_out, addr, 0, 0);
}

static bool give_end(const struct pair *to, uint16_t port,
                     struct nfl_ipaddr *addr, uint64_t *result)
{
    if (!to)
        return false;
    addr->a = to->to_addr;
    addr->v6 = 0;
    *result = to->proto ? to->to_port : port;
    return true;
}

bool nfs_pool_inside(struct nfl_ctx *c, void *object, const char *name,
                     struct nfl_session *f, struct nfl_ipaddr *addr,
                     uint64_t *port)
{
    struct nfl_tuple t = nfl_session_tuple(c->chain, f, c->nf);

    (void)name;
    return !t.v6 &&
           give_end(inside_of(object, (uint32_t)t.dst, t.dport, t.proto),
                    t.dport, addr, port);
}

bool nfs_pool_outside(struct nfl_ctx *c, void *object, const char *name,
                      struct nfl_session *f, struct nfl_ipaddr *addr,
                      uint64_t *port)
{
    struct nfl_tuple t = nfl_session_tuple(c->chain, f, c->nf);

    (void)name;
    return !t.v6 &&
           give_end(outside_of(object, (uint32_t)t.src, t.sport, t.proto),
                    t.sport, addr, port);
}

/* ---- shards ---- */

/* Shards of the k-th address: k, k + count, ... */
static uint32_t shards_of(const struct nfs_pool *p, uint32_t k)
{
    return (uint32_t)nfl_share(p->shards, p->count, k);
}

/* The shard that has the i-th port of the k-th address: of its shards, the
 * first n % shards have one more than the others. */
static uint32_t shard_of(const struct nfs_pool *p, uint32_t k, uint32_t i)
{
    uint32_t shards = shards_of(p, k);
    uint32_t each = p->n / shards, more = p->n % shards;
    uint32_t edge = more * (each + 1);

    return k +
           p->count * (i < edge ? i / (each + 1) : more + (i - edge) / each);
}

static int pool_owner(const void *object, nfl_u128 addr, uint8_t v6,
                      uint16_t port, uint8_t proto)
{
    const struct nfs_pool *p = object;
    const struct pair *in;
    int shard = -1;

    if (p->owner)
        shard = p->owner(p->owner_object, addr, v6, port, proto);
    if (shard >= 0 || v6)
        return shard;
    in = inside_of(p, (uint32_t)addr, port, proto);
    if (in)
        return (int)nfl_shard_of_addr(p->seed, p->shards, in->to_addr, 0);
    if (addr < p->addr || addr - p->addr >= p->count || port < p->lo ||
        port - p->lo >= p->n)
        return -1;
    return (int)shard_of(p, (uint32_t)addr - p->addr, port - p->lo);
}

static uint32_t address_of(const struct nfs_pool *p, uint32_t shard)
{
    return p->addr + shard % p->count;
}

/* As a number, of index i. */
static uint32_t port_at(const struct nfs_pool *p, uint32_t i)
{
    return p->lo + (p->count == 1 ? i : i % p->n);
}

/* In network byte order. */
static bool pool_next(const void *object, unsigned shard, uint32_t *addr,
                      uint16_t *port)
{
    const struct nfs_pool *p = object;
    const struct slice *s = &p->slices[shard];

    if (s->n == 0)
        return false;
    *addr = NFL_BE(32, address_of(p, shard));
    *port = NFL_BE(16, (uint16_t)port_at(p, p->free[s->at + s->head]));
    return true;
}

/* Ports that stand for somebody for good are never free. */
static void fill(struct nfs_pool *p)
{
    uint32_t i, s, at = 0;

    for (s = 0; s < p->shards; s++) {
        p->slices[s].at = at;
        p->slices[s].size =
            (uint32_t)nfl_share(p->n, shards_of(p, s % p->count), s / p->count);
        at += p->slices[s].size;
    }
    for (i = 0; i < p->forwards.n_in; i++) {
        uint32_t port = p->forwards.inward[i].port;

        if (port >= p->lo && port - p->lo < p->n)
            p->ports[port - p->lo].fixed = true;
    }
    for (i = 0; i < p->count * p->n; i++) {
        struct slice *of = &p->slices[shard_of(p, i / p->n, i % p->n)];

        p->ports[i].pool = p;
        p->ports[i].shard = (uint16_t)(of - p->slices);
        if (!p->ports[i].fixed)
            p->free[of->at + of->n++] = i;
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

/* The tables stay as they are as long as the pool does. */
static bool read_tables(struct nfs_pool *p, const void *forwards,
                        const void *addresses)
{
    return read_forwards(p, forwards ? nfs_rows_all(forwards) : NULL) &&
           read_addresses(p, addresses ? nfs_rows_all(addresses) : NULL);
}

void *nfs_pool_new(struct nfl_chain *c, struct nfl_setup *setup,
                   uint64_t address, uint64_t lo, uint64_t hi,
                   bool has_forwards, const void *forwards, bool has_addresses,
                   const void *addresses, uint64_t count)
{
    struct nfs_pool *p;
    uint32_t n = lo <= hi ? (uint32_t)(hi - lo + 1) : 0;

    (void)has_forwards;
    (void)has_addresses;
    if (count < 1 || count > setup->shards || address + count > 1ULL << 32) {
        snprintf(setup->err, sizeof(setup->err),
                 "chain %s: a pool of %llu addresses; there is one at least, "
                 "and one for each of the %u shards at most",
                 c->desc->name, (unsigned long long)count, setup->shards);
        return NULL;
    }
    p = calloc(1, sizeof(*p));
    if (p) {
        p->addr = (uint32_t)address;
        p->slices = lines_new(setup->shards, sizeof(*p->slices));
        p->ports = lines_new((uint32_t)count * n + 1, sizeof(*p->ports));
        p->free = calloc(count * n + 1, sizeof(*p->free));
    }
    if (!p || !p->slices || !p->ports || !p->free ||
        !read_tables(p, forwards, addresses)) {
        snprintf(setup->err, sizeof(setup->err),
                 "chain %s: no memory for a pool of %u ports", c->desc->name,
                 n);
        nfs_pool_free(p);
        return NULL;
    }
    p->seed = setup->seed;
    p->lo = (uint32_t)lo;
    p->n = n;
    p->count = (uint32_t)count;
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
    free(p->forwards.inward);
    free(p->forwards.outward);
    free(p->addresses.inward);
    free(p->addresses.outward);
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
    p->free[s->at + at] = (uint32_t)(port - p->ports);
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
    return port_at(p, (uint32_t)(port - p->ports));
}

/* So far one is looked for whose parity is asked for. */
enum { LOOK = 64 };

/* Makes the first of the queue that is even, or odd, the first of all. Those
 * before it stay in their order. */
static void prefer(struct nfs_pool *p, uint32_t shard, uint64_t like)
{
    struct slice *s = &p->slices[shard];
    uint32_t *all = &p->free[s->at], found, i, k;

    for (i = 0; i < s->n && i < LOOK; i++) {
        k = (s->head + i) % s->size;
        if (((port_at(p, all[k]) ^ like) & 1) == 0)
            break;
    }
    if (i == 0 || i == s->n || i == LOOK)
        return;
    found = all[(s->head + i) % s->size];
    for (; i > 0; i--)
        all[(s->head + i) % s->size] = all[(s->head + i - 1) % s->size];
    all[s->head] = found;
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
                   struct nfl_session *f, uint64_t like, bool parity,
                   uint64_t *result)
{
    struct nfs_pool *p = object;
    struct port *port;

    (void)c;
    (void)name;
    if (parity)
        prefer(p, f->shard, like);
    port = get(p, f->shard);
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
    port = &p->ports[f->shard % p->count * p->n + (uint32_t)which - p->lo];
    if (!port->kept || port->shard != f->shard)
        return;
    port->kept = false;
    put(p, port);
}

uint64_t nfs_pool_address(struct nfl_ctx *c, void *object, const char *name,
                          struct nfl_session *f)
{
    (void)c;
    (void)name;
    return address_of(object, f->shard);
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
                          s->n,
                          s->n ? port_at(p, p->free[s->at + s->head]) : 0);
    }
}
