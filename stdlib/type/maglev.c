/* maglev(backends, key): a table for each family, from flows to backends. How
 * it is filled is normative: LANGUAGE.md, section 7. */
#include <nfl/backend_text.h>
#include <nfl/ctx.h>
#include <nfl/options.h>
#include <nfl/trace.h>
#include <stdlib.h>
#include <string.h>

enum {
    SIZE = 65537, /* entries; a prime, so that every skip visits them all */
    FREE = 0xffff /* an entry without a backend yet */
};

/* enum standing and enum steering of maglev.nfl */
enum { NONE, GONE, DRAINED, SERVING };
enum { BY_TUPLE, BY_ADDRESSES };

_Static_assert(NFL_BACKENDS_MAX < 0xffff, "an entry holds every index");

struct nfs_maglev {
    struct nfl_backends *backends; /* by address, then by port */
    uint64_t key;
    uint16_t *table[2]; /* by v6: indices of backends; NULL: there is none */
    uint16_t *named;    /* indices of those with an id, by family and id */
    unsigned n_named;
};

/* A backend that fills the table. */
struct filler {
    uint32_t at, skip; /* its next entry, and how far to the one behind */
    uint32_t credit, weight;
    uint16_t index;
};

void *nfs_maglev_new(struct nfl_chain *c, struct nfl_setup *setup,
                     const char *backends, uint64_t key);
void nfs_maglev_free(void *object);
bool nfs_maglev_pick(struct nfl_ctx *c, void *object, const char *name,
                     struct nfl_session *f, uint64_t by,
                     struct nfl_ipaddr *addr, uint64_t *port);
bool nfs_maglev_pick4(struct nfl_ctx *c, void *object, const char *name,
                      struct nfl_session *f, uint64_t by, uint64_t *addr);
bool nfs_maglev_pick6(struct nfl_ctx *c, void *object, const char *name,
                      struct nfl_session *f, uint64_t by, nfl_u128 *addr);
bool nfs_maglev_near4(struct nfl_ctx *c, void *object, const char *name,
                      struct nfl_ipaddr src, struct nfl_ipaddr dst,
                      uint64_t *addr);
bool nfs_maglev_near6(struct nfl_ctx *c, void *object, const char *name,
                      struct nfl_ipaddr src, struct nfl_ipaddr dst,
                      nfl_u128 *addr);
bool nfs_maglev_named(struct nfl_ctx *c, void *object, const char *name,
                      struct nfl_session *f, uint64_t id,
                      struct nfl_ipaddr *addr, uint64_t *port);
uint64_t nfs_maglev_standing(struct nfl_ctx *c, void *object, const char *name,
                             struct nfl_session *f);
uint64_t nfs_maglev_look(struct nfl_ctx *c, void *object, const char *name,
                         struct nfl_ipaddr addr);
void nfs_maglev_state(const void *object, struct nfl_state *s,
                      const char *prefix);

/* ---- filling the table ---- */

static int order(const void *x, const void *y)
{
    const struct nfl_backend *a = x, *b = y;

    if (a->addr != b->addr)
        return a->addr < b->addr ? -1 : 1;
    return (int)a->port - (int)b->port;
}

/* Does it get new flows? */
static bool serves(const struct nfl_backend *b)
{
    return b->weight && !b->drain && !b->down;
}

static void filler_init(struct filler *f, const struct nfl_backend *b)
{
    uint8_t name[NFL_ENDPOINT_BYTES];
    size_t len = nfl_endpoint_bytes(name, b->addr, b->v6, b->port);

    f->at = (uint32_t)(nfl_hash(1, name, len) % SIZE);
    f->skip = (uint32_t)(nfl_hash(2, name, len) % (SIZE - 1) + 1);
    f->credit = 0;
    f->weight = b->weight;
}

static void take_entry(struct filler *f, uint16_t *table)
{
    while (table[f->at] != FREE) {
        f->at += f->skip;
        f->at -= f->at >= SIZE ? SIZE : 0;
    }
    table[f->at] = f->index;
}

/* Fills the table in turns; f[0..n-1] have weights of at most `most`, and one
 * of them has just that. */
static void fill(uint16_t *table, struct filler *f, unsigned n, uint32_t most)
{
    uint32_t left = SIZE;
    unsigned i = 0;

    memset(table, 0xff, SIZE * sizeof(*table));
    for (; left; i = i + 1 == n ? 0 : i + 1) {
        f[i].credit += f[i].weight;
        if (f[i].credit < most)
            continue;
        f[i].credit -= most;
        take_entry(&f[i], table);
        left--;
    }
}

/* False if there is no memory. */
static bool build(struct nfs_maglev *m, uint8_t v6)
{
    const struct nfl_backends *all = m->backends;
    struct filler *f = calloc(all->n + 1, sizeof(*f));
    uint32_t most = 0;
    unsigned i, n = 0;

    if (!f)
        return false;
    for (i = 0; i < all->n; i++) {
        const struct nfl_backend *b = &all->backends[i];

        if (b->v6 != v6 || !serves(b))
            continue;
        f[n].index = (uint16_t)i;
        filler_init(&f[n++], b);
        most = b->weight > most ? b->weight : most;
    }
    if (n)
        m->table[v6] = malloc(SIZE * sizeof(*m->table[v6]));
    if (m->table[v6])
        fill(m->table[v6], f, n, most);
    free(f);
    return n == 0 || m->table[v6];
}

/* ---- backends by their ids ---- */

static uint64_t full_id(const struct nfl_backend *b)
{
    return (uint64_t)b->v6 << 32 | b->id;
}

static int order_id(const void *x, const void *y, void *all)
{
    const struct nfl_backend *list = all;
    uint64_t a = full_id(&list[*(const uint16_t *)x]);
    uint64_t b = full_id(&list[*(const uint16_t *)y]);

    return a < b ? -1 : a > b;
}

/* False if there is no memory. */
static bool build_named(struct nfs_maglev *m)
{
    const struct nfl_backends *all = m->backends;
    unsigned i;

    m->named = malloc((all->n + 1) * sizeof(*m->named));
    for (i = 0; m->named && i < all->n; i++)
        if (all->backends[i].named)
            m->named[m->n_named++] = (uint16_t)i;
    if (m->n_named)
        qsort_r(m->named, m->n_named, sizeof(*m->named), order_id,
                all->backends);
    return m->named != NULL;
}

/* ---- backends by their names ---- */

/* The first that does not stand before the endpoint. */
static unsigned lower_bound(const struct nfl_backends *all,
                            const struct nfl_backend *key)
{
    unsigned lo = 0, hi = all->n, mid;

    while (lo < hi) {
        mid = lo + (hi - lo) / 2;
        if (order(&all->backends[mid], key) < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

/* The port as in the file: 0 if none was given. NULL: there is none. */
static const struct nfl_backend *find(const struct nfl_backends *all,
                                      nfl_u128 addr, uint8_t v6, uint16_t port)
{
    struct nfl_backend key = {.addr = addr, .port = port};
    unsigned i;

    for (i = lower_bound(all, &key);
         i < all->n && order(&all->backends[i], &key) == 0; i++)
        if (all->backends[i].v6 == v6)
            return &all->backends[i];
    return NULL;
}

static uint64_t standing(const struct nfl_backend *b)
{
    return !b || b->down ? GONE : serves(b) ? SERVING : DRAINED;
}

/* ---- what a new file changes ---- */

static unsigned count_serving(const struct nfs_maglev *m)
{
    unsigned i, n = 0;

    for (i = 0; i < m->backends->n; i++)
        n += serves(&m->backends->backends[i]);
    return n;
}

/* Where each backend of `from` that serves in both stands in `to`, or FREE. */
static uint16_t *map(const struct nfl_backends *from,
                     const struct nfl_backends *to)
{
    uint16_t *at = malloc((from->n + 1) * sizeof(*at));
    unsigned i;

    for (i = 0; at && i < from->n; i++) {
        const struct nfl_backend *b = &from->backends[i];
        const struct nfl_backend *o = find(to, b->addr, b->v6, b->port);

        at[i] = FREE;
        if (o && serves(b) && serves(o))
            at[i] = (uint16_t)(o - to->backends);
    }
    return at;
}

/* Of the entries of backends that stay, how many went to another that does. */
static void tell(const struct nfs_maglev *m, const struct nfs_maglev *before,
                 char *text, size_t size)
{
    uint16_t *there = map(before->backends, m->backends);
    uint16_t *back = map(m->backends, before->backends);
    unsigned was = count_serving(before), is = count_serving(m);
    unsigned stay = 0, moved = 0, differ = was != is, v6, i;

    for (v6 = 0; there && back && v6 < 2; v6++) {
        for (i = 0; before->table[v6] && m->table[v6] && i < SIZE; i++) {
            uint16_t want = there[before->table[v6][i]], got = m->table[v6][i];

            stay += want != FREE;
            moved += want != FREE && got != want && back[got] != FREE;
            differ |= got != want;
        }
    }
    if (there && back && differ)
        snprintf(text, size,
                 "%u -> %u backends for new flows, %.2f %% of the share of "
                 "those that stay moved among them",
                 was, is, stay ? 100.0 * moved / stay : 0);
    free(there);
    free(back);
}

/* ---- the object ---- */

static struct nfl_backends *read_backends(struct nfl_setup *setup,
                                          const char *name)
{
    struct nfl_backends *b;
    char *path = nfl_options_file(setup->options, setup->module->srcdir, name,
                                  setup->err, sizeof(setup->err));

    if (!path)
        return NULL;
    b = nfl_backends_read(path, setup->err, sizeof(setup->err));
    free(path);
    return b;
}

/* In the order in which they are kept. */
static struct nfl_backends *copy(const struct nfl_backends *from)
{
    struct nfl_backends *b = calloc(1, sizeof(*b));
    unsigned i;

    if (b)
        b->backends = malloc((from->n + 1) * sizeof(*b->backends));
    if (!b || !b->backends) {
        free(b);
        return NULL;
    }
    b->n = from->n;
    for (i = 0; i < b->n; i++) {
        b->backends[i] = from->backends[i];
        b->backends[i].down = false;
    }
    return b;
}

static void take_out(struct nfl_backends *all, const struct nfl_backends *down)
{
    unsigned i, k;

    for (i = 0; down && i < down->n; i++)
        for (k = 0; k < all->n; k++)
            if (order(&all->backends[k], &down->backends[i]) == 0 &&
                all->backends[k].v6 == down->backends[i].v6)
                all->backends[k].down = true;
}

static void *no_memory(struct nfl_setup *setup)
{
    snprintf(setup->err, sizeof(setup->err), "no memory for a maglev");
    return NULL;
}

void *nfs_maglev_new(struct nfl_chain *c, struct nfl_setup *setup,
                     const char *backends, uint64_t key)
{
    const struct nfs_maglev *before = setup->before;
    struct nfs_maglev *m = calloc(1, sizeof(*m));

    (void)c;
    if (!m)
        return no_memory(setup);
    m->key = key;
    m->backends =
        setup->again ? copy(before->backends) : read_backends(setup, backends);
    if (!m->backends) {
        nfs_maglev_free(m);
        return setup->err[0] ? NULL : no_memory(setup);
    }
    if (m->backends->n)
        qsort(m->backends->backends, m->backends->n,
              sizeof(*m->backends->backends), order);
    take_out(m->backends, setup->down);
    if (build(m, 0) && build(m, 1) && build_named(m)) {
        if (before)
            tell(m, before, setup->told, sizeof(setup->told));
        return m;
    }
    nfs_maglev_free(m);
    return no_memory(setup);
}

void nfs_maglev_free(void *object)
{
    struct nfs_maglev *m = object;

    if (!m)
        return;
    nfl_backends_free(m->backends);
    free(m->table[0]);
    free(m->table[1]);
    free(m->named);
    free(m);
}

/* ---- picking ---- */

/* The backend of a tuple in the table of a family. NULL: there is none. */
static const struct nfl_backend *entry(const struct nfs_maglev *m,
                                       const struct nfl_tuple *t, uint8_t v6)
{
    const uint16_t *table = m->table[v6];
    uint8_t key[2 * NFL_ENDPOINT_BYTES + 1];
    size_t len;

    if (!table)
        return NULL;
    len = nfl_endpoint_bytes(key, t->src, t->v6, t->sport);
    len += nfl_endpoint_bytes(key + len, t->dst, t->v6, t->dport);
    key[len++] = t->proto;
    return &m->backends->backends[table[nfl_hash(m->key, key, len) % SIZE]];
}

static struct nfl_tuple asked(const struct nfl_ctx *c,
                              const struct nfl_session *f, uint64_t by)
{
    struct nfl_tuple t = nfl_session_tuple(c->chain, f, c->nf);

    if (by == BY_ADDRESSES)
        t.sport = t.dport = t.proto = 0;
    return t;
}

bool nfs_maglev_pick(struct nfl_ctx *c, void *object, const char *name,
                     struct nfl_session *f, uint64_t by,
                     struct nfl_ipaddr *addr, uint64_t *port)
{
    struct nfl_tuple t = asked(c, f, by);
    const struct nfl_backend *b = entry(object, &t, t.v6);

    (void)name;
    if (!b)
        return false;
    addr->a = b->addr;
    addr->v6 = b->v6;
    *port = b->port ? b->port : nfl_session_tuple(c->chain, f, c->nf).dport;
    return true;
}

bool nfs_maglev_named(struct nfl_ctx *c, void *object, const char *name,
                      struct nfl_session *f, uint64_t id,
                      struct nfl_ipaddr *addr, uint64_t *port)
{
    const struct nfs_maglev *m = object;
    uint64_t want = (uint64_t)f->v6 << 32 | id;
    unsigned lo = 0, hi = m->n_named, mid;
    const struct nfl_backend *b;

    (void)name;
    while (lo < hi) {
        mid = lo + (hi - lo) / 2;
        if (full_id(&m->backends->backends[m->named[mid]]) < want)
            lo = mid + 1;
        else
            hi = mid;
    }
    b = lo < m->n_named ? &m->backends->backends[m->named[lo]] : NULL;
    if (!b || full_id(b) != want || b->down)
        return false;
    addr->a = b->addr;
    addr->v6 = b->v6;
    *port = b->port ? b->port : nfl_session_tuple(c->chain, f, c->nf).dport;
    return true;
}

bool nfs_maglev_pick4(struct nfl_ctx *c, void *object, const char *name,
                      struct nfl_session *f, uint64_t by, uint64_t *addr)
{
    struct nfl_tuple t = asked(c, f, by);
    const struct nfl_backend *b = entry(object, &t, 0);

    (void)name;
    *addr = b ? (uint64_t)b->addr : 0;
    return b != NULL;
}

bool nfs_maglev_pick6(struct nfl_ctx *c, void *object, const char *name,
                      struct nfl_session *f, uint64_t by, nfl_u128 *addr)
{
    struct nfl_tuple t = asked(c, f, by);
    const struct nfl_backend *b = entry(object, &t, 1);

    (void)name;
    *addr = b ? b->addr : 0;
    return b != NULL;
}

bool nfs_maglev_near4(struct nfl_ctx *c, void *object, const char *name,
                      struct nfl_ipaddr src, struct nfl_ipaddr dst,
                      uint64_t *addr)
{
    struct nfl_tuple t = {.src = src.a, .dst = dst.a, .v6 = src.v6};
    const struct nfl_backend *b = entry(object, &t, 0);

    (void)c;
    (void)name;
    *addr = b ? (uint64_t)b->addr : 0;
    return b != NULL;
}

bool nfs_maglev_near6(struct nfl_ctx *c, void *object, const char *name,
                      struct nfl_ipaddr src, struct nfl_ipaddr dst,
                      nfl_u128 *addr)
{
    struct nfl_tuple t = {.src = src.a, .dst = dst.a, .v6 = src.v6};
    const struct nfl_backend *b = entry(object, &t, 1);

    (void)c;
    (void)name;
    *addr = b ? b->addr : 0;
    return b != NULL;
}

/* ---- how a backend stands ---- */

/* Whether the NF has given it a backend follows from what it translates. */
uint64_t nfs_maglev_standing(struct nfl_ctx *c, void *object, const char *name,
                             struct nfl_session *f)
{
    const struct nfs_maglev *m = object;
    int hop = c->chain->desc->nfs[c->nf].hop;
    const struct nfl_backend *b;
    struct nfl_tuple t;

    (void)name;
    if (hop < 0 || !(nfl_session_set(f)[hop] & NFL_SET_DST))
        return NONE;
    t = nfl_session_after(c->chain->desc, f, (unsigned)hop);
    b = find(m->backends, t.dst, t.v6, t.dport);
    if (!b && t.dport == nfl_session_tuple(c->chain, f, c->nf).dport)
        b = find(m->backends, t.dst, t.v6, 0);
    return standing(b);
}

uint64_t nfs_maglev_look(struct nfl_ctx *c, void *object, const char *name,
                         struct nfl_ipaddr addr)
{
    const struct nfs_maglev *m = object;
    const struct nfl_backends *all = m->backends;
    const struct nfl_backend key = {.addr = addr.a};
    uint64_t best = GONE, now;
    unsigned i;

    (void)c;
    (void)name;
    for (i = lower_bound(all, &key);
         i < all->n && all->backends[i].addr == addr.a; i++) {
        now = standing(&all->backends[i]);
        if (all->backends[i].v6 == addr.v6 && now > best)
            best = now;
    }
    return best;
}

void nfs_maglev_state(const void *object, struct nfl_state *s,
                      const char *prefix)
{
    (void)object;
    (void)s;
    (void)prefix;
}
