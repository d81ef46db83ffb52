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

_Static_assert(NFL_BACKENDS_MAX < 0xffff, "an entry holds every index");

struct nfs_maglev {
    struct nfl_backends *backends; /* by address, then by port */
    uint64_t key;
    uint16_t *table[2]; /* by v6: indices of backends; NULL: there is none */
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
                     struct nfl_session *f, struct nfl_ipaddr *addr,
                     uint64_t *port);
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

        if (b->v6 != v6 || b->weight == 0)
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

static void *no_memory(struct nfl_setup *setup)
{
    snprintf(setup->err, sizeof(setup->err), "no memory for a maglev");
    return NULL;
}

void *nfs_maglev_new(struct nfl_chain *c, struct nfl_setup *setup,
                     const char *backends, uint64_t key)
{
    struct nfs_maglev *m = calloc(1, sizeof(*m));

    (void)c;
    if (!m)
        return no_memory(setup);
    m->key = key;
    m->backends = read_backends(setup, backends);
    if (!m->backends) {
        nfs_maglev_free(m);
        return NULL;
    }
    if (m->backends->n)
        qsort(m->backends->backends, m->backends->n,
              sizeof(*m->backends->backends), order);
    if (build(m, 0) && build(m, 1))
        return m;
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
    free(m);
}

bool nfs_maglev_pick(struct nfl_ctx *c, void *object, const char *name,
                     struct nfl_session *f, struct nfl_ipaddr *addr,
                     uint64_t *port)
{
    const struct nfs_maglev *m = object;
    struct nfl_tuple t = nfl_session_tuple(c->chain, f, c->nf);
    const uint16_t *table = m->table[t.v6];
    uint8_t key[2 * NFL_ENDPOINT_BYTES + 1];
    const struct nfl_backend *b;
    size_t len;

    (void)name;
    if (!table)
        return false;
    len = nfl_endpoint_bytes(key, t.src, t.v6, t.sport);
    len += nfl_endpoint_bytes(key + len, t.dst, t.v6, t.dport);
    key[len++] = t.proto;
    b = &m->backends->backends[table[nfl_hash(m->key, key, len) % SIZE]];
    addr->a = b->addr;
    addr->v6 = b->v6;
    *port = b->port ? b->port : t.dport;
    return true;
}

void nfs_maglev_state(const void *object, struct nfl_state *s,
                      const char *prefix)
{
    (void)object;
    (void)s;
    (void)prefix;
}
