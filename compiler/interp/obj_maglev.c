/* maglev(backends, key) of stdlib/type/maglev.nfl, word by word as LANGUAGE.md,
 * section 7, has it. Only the reader of backend files is the runtime's. */
#include "base/mem.h"
#include "interp/hash.h"
#include "interp/object.h"
#include "interp/packet.h"
#include "interp/world.h"
#include <nfl/backend_text.h>
#include <stdlib.h>

enum { M = 65537 };

struct maglev {
    struct nfl_backends *file;
    const struct nfl_backend *table[2][M]; /* by v6; NULL: there is none */
    uint64_t key;
};

/* One that takes turns. */
struct turn {
    const struct nfl_backend *backend;
    uint64_t offset, skip, j; /* its next choice is offset + j * skip */
    uint64_t credit;
};

static size_t put(uint8_t *to, size_t at, num_t v, unsigned n)
{
    bits_set(to + at, 0, n * 8, v);
    return at + n;
}

static size_t put_endpoint(uint8_t *to, size_t at, num_t addr, bool v6,
                           unsigned port)
{
    return put(to, put(to, at, addr, v6 ? 16 : 4), port, 2);
}

static bool before(const struct nfl_backend *a, const struct nfl_backend *b)
{
    return a->addr == b->addr ? a->port < b->port : a->addr < b->addr;
}

/* The backends of a family that get flows, in the order of their turns. */
static unsigned sort(const struct nfl_backends *all, bool v6, struct turn *t)
{
    unsigned n = 0;

    for (unsigned i = 0; i < all->n; i++) {
        const struct nfl_backend *b = &all->backends[i];
        unsigned at = n;

        if (b->v6 != v6 || b->weight == 0 || b->drain)
            continue;
        for (; at > 0 && before(b, t[at - 1].backend); at--)
            t[at] = t[at - 1];
        t[at] = (struct turn){.backend = b};
        n++;
    }
    return n;
}

static void permute(struct turn *t)
{
    const struct nfl_backend *b = t->backend;
    uint8_t name[18];
    size_t n = put_endpoint(name, 0, b->addr, b->v6, b->port);

    t->offset = siphash13(1, ~(uint64_t)1, name, n) % M;
    t->skip = siphash13(2, ~(uint64_t)2, name, n) % (M - 1) + 1;
}

static void fill(const struct nfl_backend **table, struct turn *t, unsigned n)
{
    unsigned filled = 0, most = 0;

    for (unsigned i = 0; i < n; i++) {
        permute(&t[i]);
        if (t[i].backend->weight > most)
            most = t[i].backend->weight;
    }
    for (unsigned turn = 0; filled < M && n > 0; turn++) {
        struct turn *now = &t[turn % n];

        now->credit += now->backend->weight;
        if (now->credit < most)
            continue;
        now->credit -= most;
        while (table[(now->offset + now->j * now->skip) % M])
            now->j++;
        table[(now->offset + now->j * now->skip) % M] = now->backend;
        filled++;
    }
}

void *maglev_make(struct world *w, unsigned shards,
                  const struct ival *const *args)
{
    struct turn *turns = mem_zeroed(NFL_BACKENDS_MAX, sizeof(*turns));
    struct maglev *m = mem_zeroed(1, sizeof(*m));
    char *path = nfl_options_file(w->options, w->srcdir, args[0]->str, w->err,
                                  sizeof(w->err));

    (void)shards;
    m->key = (uint64_t)args[1]->u;
    if (path)
        m->file = nfl_backends_read(path, w->err, sizeof(w->err));
    free(path);
    for (int v6 = 0; v6 < 2 && m->file; v6++)
        fill(m->table[v6], turns, sort(m->file, v6, turns));
    free(turns);
    if (m->file)
        return m;
    free(m);
    return NULL;
}

void maglev_free(void *self)
{
    struct maglev *m = self;

    nfl_backends_free(m->file);
    free(m);
}

static const struct nfl_backend *entry(const struct maglev *m,
                                       const struct nfl_tuple *t, bool v6)
{
    uint8_t key[37];
    size_t n = put_endpoint(key, 0, t->src, t->v6, t->sport);

    n = put_endpoint(key, n, t->dst, t->v6, t->dport);
    n = put(key, n, t->proto, 1);
    return m->table[v6][siphash13(m->key, ~m->key, key, n) % M];
}

enum { ADDRESSES = 1 }; /* of enum steering */

/* The tuple of (f, by). */
static struct nfl_tuple asked(const struct call *c)
{
    struct nfl_tuple t = moment_tuple(c->moment);

    if (c->args[1]->u == ADDRESSES)
        t.sport = t.dport = t.proto = 0;
    return t;
}

/* pick(f, by) -> (address, port) */
bool maglev_pick(const struct call *c, struct ival *result)
{
    struct nfl_tuple t = asked(c);
    const struct nfl_backend *b = entry(c->self, &t, t.v6);

    if (!b)
        return false;
    result_parts(c, result, 2);
    result->parts[0].u = b->addr;
    result->parts[0].alt = b->v6;
    result->parts[1].u = b->port ? b->port : moment_tuple(c->moment).dport;
    return true;
}

/* named(f, id) -> (address, port) */
bool maglev_named(const struct call *c, struct ival *result)
{
    const struct nfl_backends *all = ((const struct maglev *)c->self)->file;
    struct nfl_tuple t = moment_tuple(c->moment);

    for (unsigned i = 0; i < all->n; i++) {
        const struct nfl_backend *b = &all->backends[i];

        if (!b->named || b->v6 != t.v6 || b->id != c->args[1]->u)
            continue;
        result_parts(c, result, 2);
        result->parts[0].u = b->addr;
        result->parts[0].alt = b->v6;
        result->parts[1].u = b->port ? b->port : t.dport;
        return true;
    }
    return false;
}

static bool address_of(const struct nfl_backend *b, struct ival *result)
{
    if (b)
        result->u = b->addr;
    return b != NULL;
}

bool maglev_pick4(const struct call *c, struct ival *result)
{
    struct nfl_tuple t = asked(c);

    return address_of(entry(c->self, &t, false), result);
}

bool maglev_pick6(const struct call *c, struct ival *result)
{
    struct nfl_tuple t = asked(c);

    return address_of(entry(c->self, &t, true), result);
}

/* near4(src, dst), near6(src, dst) */
static bool near(const struct call *c, bool v6, struct ival *result)
{
    struct nfl_tuple t = {
        .src = c->args[0]->u, .dst = c->args[1]->u, .v6 = c->args[0]->alt == 1};

    return address_of(entry(c->self, &t, v6), result);
}

bool maglev_near4(const struct call *c, struct ival *result)
{
    return near(c, false, result);
}

bool maglev_near6(const struct call *c, struct ival *result)
{
    return near(c, true, result);
}

enum { NONE, GONE, DRAINED, SERVING }; /* enum standing */

static unsigned standing_of(const struct nfl_backend *b)
{
    return b->drain || b->weight == 0 ? DRAINED : SERVING;
}

/* standing(f): of where this NF translates the flow to */
bool maglev_standing(const struct call *c, struct ival *result)
{
    const struct moment *now = c->moment;
    const struct nfl_backends *all = ((const struct maglev *)c->self)->file;
    const struct translation *tr =
        &now->session->translation[now->station->at->index];
    struct nfl_tuple t = moment_tuple(now);
    unsigned port = tr->set[ROLE_DPORT] ? tr->to.dport : t.dport;
    bool exact = false;

    result->u = tr->set[ROLE_DST] ? GONE : NONE;
    for (unsigned i = 0; i < all->n && tr->set[ROLE_DST] && !exact; i++) {
        const struct nfl_backend *b = &all->backends[i];

        if (b->addr != tr->to.dst || b->v6 != t.v6)
            continue;
        exact = b->port == port;
        if (exact || (b->port == 0 && port == t.dport))
            result->u = standing_of(b);
    }
    return true;
}

/* look(addr) */
bool maglev_look(const struct call *c, struct ival *result)
{
    const struct nfl_backends *all = ((const struct maglev *)c->self)->file;

    result->u = GONE;
    for (unsigned i = 0; i < all->n; i++) {
        const struct nfl_backend *b = &all->backends[i];

        if (b->addr == c->args[0]->u && b->v6 == c->args[0]->alt &&
            standing_of(b) > result->u)
            result->u = standing_of(b);
    }
    return true;
}

/* ---- for people ---- */

enum { TOLD = 16 }; /* of how many it is tried what their end would do */

struct share {           /* entries of a table */
    unsigned own, moved; /* of one backend; of others, if that were gone */
};

static struct share share_of(const struct nfl_backend **table,
                             struct nfl_backends *all, bool v6,
                             struct nfl_backend *gone)
{
    struct turn *turns = mem_zeroed(NFL_BACKENDS_MAX, sizeof(*turns));
    const struct nfl_backend **rest = mem_zeroed(M, sizeof(*rest));
    struct share s = {0, 0};

    gone->drain = true;
    fill(rest, turns, sort(all, v6, turns));
    gone->drain = false;
    for (unsigned i = 0; i < M; i++) {
        s.own += table[i] == gone;
        s.moved += table[i] != gone && table[i] != rest[i];
    }
    free(rest);
    free(turns);
    return s;
}

static void tell(struct nfl_backends *all, bool v6, FILE *to)
{
    struct turn *turns = mem_zeroed(NFL_BACKENDS_MAX, sizeof(*turns));
    const struct nfl_backend **table = mem_zeroed(M, sizeof(*table));
    unsigned n = sort(all, v6, turns), tried = n < TOLD ? n : TOLD;
    double least = 1, most = 0, worst = 0, sum = 0;

    fill(table, turns, n);
    for (unsigned i = 0; i < tried && n > 1; i++) {
        struct nfl_backend *b =
            &all->backends[turns[i].backend - all->backends];
        struct share s = share_of(table, all, v6, b);
        double own = (double)s.own / M, moved = (double)s.moved / (M - s.own);

        least = own < least ? own : least;
        most = own > most ? own : most;
        worst = moved > worst ? moved : worst;
        sum += moved;
    }
    if (n == 1)
        fprintf(to, "    one backend of %s gets all flows\n",
                v6 ? "IPv6" : "IPv4");
    else if (n > 1)
        fprintf(to,
                "    %u backends of %s%s: each gets %.1f to %.1f %% of the new "
                "flows; if one goes, %.1f %% of those of the others change "
                "theirs, at most %.1f %%\n",
                n, v6 ? "IPv6" : "IPv4", tried < n ? " (16 were tried)" : "",
                100 * least, 100 * most, 100 * sum / tried, 100 * worst);
    free(table);
    free(turns);
}

void maglev_tell(const char *path, FILE *to)
{
    char err[512];
    struct nfl_backends *all = nfl_backends_read(path, err, sizeof(err));

    if (!all) {
        fprintf(to, "    %s\n", err);
        return;
    }
    tell(all, false, to);
    tell(all, true, to);
    nfl_backends_free(all);
}
