/* table[K -> V] from a file: an index of its rows. Exact keys stand in buckets;
 * prefixes become intervals that do not overlap, of which a search by halves
 * finds the one; rows of which the first counts are tried in order. */
#include <nfl/bucket.h>
#include <nfl/ctx.h>
#include <nfl/options.h>
#include <nfl/rows.h>
#include <stdlib.h>
#include <string.h>

enum { NONE = UINT32_MAX };

struct interval { /* from `from` to the one before the next */
    nfl_u128 from;
    uint32_t row; /* or NONE */
};

struct nfs_rows {
    const struct nfl_rows_desc *d;
    struct nfl_rows *rows;
    uint8_t *entries;
    /* exact: */
    struct nfl_bucket_key key;
    uint64_t *words; /* of each row's key */
    unsigned n_words;
    uint32_t *buckets, mask; /* row + 1 */
    /* longest: by family */
    struct interval *intervals[2];
    uint32_t n[2];
};

/* ---- values ---- */

static void put(uint8_t *to, const struct nfl_column *col,
                const struct nfl_cell *c)
{
    struct nfl_ipaddr a = {c->lo, c->v6};

    if (col->is.kind == NFL_PARAM_IPADDR)
        memcpy(to + col->offset, &a, sizeof(a));
    else
        memcpy(to + col->offset, &c->lo, col->bytes); /* little-endian */
}

static bool make_entries(struct nfs_rows *x)
{
    size_t stride = x->d->entry_bytes;
    unsigned i, k;

    x->entries = aligned_alloc(16, (stride * (x->rows->n + 1) + 15) / 16 * 16);
    if (!x->entries)
        return false;
    memset(x->entries, 0, stride * (x->rows->n + 1));
    for (i = 0; i < x->rows->n; i++)
        for (k = x->d->n_key; k < x->d->n; k++)
            put(x->entries + i * stride, &x->d->columns[k],
                &nfl_row(x->rows, i)[k]);
    return true;
}

static const void *entry(const struct nfs_rows *x, uint32_t row)
{
    return row == NONE ? NULL : x->entries + (size_t)row * x->d->entry_bytes;
}

/* ---- the words of a key ---- */

static bool is_addr(const struct nfl_column *c)
{
    return c->match == NFL_MATCH_PREFIX || c->is.kind == NFL_PARAM_IPADDR;
}

static unsigned words_of(const struct nfl_column *c)
{
    return is_addr(c) ? 3 : c->is.bits > 64 ? 2 : 1;
}

/* The number there; returns what follows. */
static const uint64_t *take(const struct nfl_column *c, const uint64_t *w,
                            nfl_u128 *v, uint8_t *v6)
{
    unsigned n = words_of(c);

    *v = w[0] | (n > 1 ? (nfl_u128)w[1] << 64 : 0);
    *v6 = n == 3 ? (uint8_t)w[2] : 0;
    return w + n;
}

/* ---- exact ---- */

static uint64_t *row_words(const struct nfs_rows *x, uint32_t row)
{
    return x->words + (size_t)row * x->n_words;
}

static void key_words(const struct nfs_rows *x, uint32_t row)
{
    const struct nfl_cell *c = nfl_row(x->rows, row);
    uint64_t *w = row_words(x, row);
    unsigned i, n;

    for (i = 0; i < x->d->n_key; i++, w += n) {
        n = words_of(&x->d->columns[i]);
        w[0] = (uint64_t)c[i].lo;
        if (n > 1)
            w[1] = (uint64_t)(c[i].lo >> 64);
        if (n > 2)
            w[2] = c[i].v6;
    }
}

static bool index_exact(struct nfs_rows *x, uint64_t seed)
{
    uint32_t buckets = 16, i, at;

    while (buckets < 2 * x->rows->n)
        buckets *= 2;
    x->mask = buckets - 1;
    x->words = calloc((size_t)x->rows->n * x->n_words + 1, sizeof(*x->words));
    x->buckets = calloc(buckets, sizeof(*x->buckets));
    if (!x->words || !x->buckets)
        return false;
    nfl_bucket_key_init(&x->key, seed);
    for (i = 0; i < x->rows->n; i++) {
        key_words(x, i);
        at = (uint32_t)nfl_bucket_words(&x->key, row_words(x, i), x->n_words);
        while (x->buckets[at & x->mask])
            at++;
        x->buckets[at & x->mask] = i + 1;
    }
    return true;
}

static uint32_t find_exact(const struct nfs_rows *x, const uint64_t *key)
{
    uint32_t at = (uint32_t)nfl_bucket_words(&x->key, key, x->n_words), row;

    for (; (row = x->buckets[at & x->mask]); at++)
        if (memcmp(row_words(x, row - 1), key, x->n_words * sizeof(*key)) == 0)
            return row - 1;
    return NONE;
}

/* ---- longest ---- */

struct prefix {
    const struct nfl_cell *cell;
    uint32_t row;
};

/* The shorter one first, which the others lie in. */
static int order(const void *a, const void *b)
{
    const struct nfl_cell *x = ((const struct prefix *)a)->cell;
    const struct nfl_cell *y = ((const struct prefix *)b)->cell;

    if (x->lo != y->lo)
        return x->lo < y->lo ? -1 : 1;
    return x->plen < y->plen ? -1 : x->plen > y->plen;
}

static void begin(struct nfs_rows *x, bool v6, nfl_u128 from, uint32_t row)
{
    struct interval *last = x->intervals[v6] + x->n[v6];

    if (x->n[v6] == 0 || last[-1].from != from)
        x->n[v6]++;
    else
        last--;
    last->from = from;
    last->row = row;
}

/* Prefixes are nested like brackets: at most 129 are open. */
static void lay_out(struct nfs_rows *x, bool v6, const struct prefix *p,
                    uint32_t n)
{
    nfl_u128 top = v6 ? ~(nfl_u128)0 : UINT32_MAX;
    struct prefix open[130];
    unsigned depth = 0;
    uint32_t i;

    for (i = 0; i <= n; i++) {
        while (depth && (i == n || open[depth - 1].cell->hi < p[i].cell->lo)) {
            nfl_u128 hi = open[--depth].cell->hi;

            if (hi != top)
                begin(x, v6, hi + 1, depth ? open[depth - 1].row : NONE);
        }
        if (i == n)
            break;
        begin(x, v6, p[i].cell->lo, p[i].row);
        open[depth++] = p[i];
    }
}

static bool index_longest(struct nfs_rows *x, bool v6)
{
    struct prefix *p = calloc(x->rows->n + 1, sizeof(*p));
    uint32_t i, n = 0;

    x->intervals[v6] =
        calloc(2 * (size_t)x->rows->n + 1, sizeof(*x->intervals[v6]));
    if (!p || !x->intervals[v6]) {
        free(p);
        return false;
    }
    for (i = 0; i < x->rows->n; i++)
        if (nfl_row(x->rows, i)->v6 == v6)
            p[n++] = (struct prefix){nfl_row(x->rows, i), i};
    qsort(p, n, sizeof(*p), order);
    lay_out(x, v6, p, n);
    free(p);
    return true;
}

static uint32_t find_longest(const struct nfs_rows *x, nfl_u128 addr, bool v6)
{
    const struct interval *all = x->intervals[v6];
    uint32_t lo = 0, hi = x->n[v6], middle;

    while (lo < hi) {
        middle = lo + (hi - lo) / 2;
        if (all[middle].from <= addr)
            lo = middle + 1;
        else
            hi = middle;
    }
    return lo ? all[lo - 1].row : NONE;
}

/* ---- first ---- */

static bool matches(const struct nfs_rows *x, const struct nfl_cell *c,
                    const uint64_t *key)
{
    unsigned i;
    nfl_u128 v;
    uint8_t v6;

    for (i = 0; i < x->d->n_key; i++) {
        key = take(&x->d->columns[i], key, &v, &v6);
        if (!c[i].any && (c[i].v6 != v6 || v < c[i].lo || v > c[i].hi))
            return false;
    }
    return true;
}

static uint32_t find_first(const struct nfs_rows *x, const uint64_t *key)
{
    uint32_t i;

    for (i = 0; i < x->rows->n; i++)
        if (matches(x, nfl_row(x->rows, i), key))
            return i;
    return NONE;
}

/* ---- the object ---- */

static bool make_index(struct nfs_rows *x, uint64_t seed)
{
    unsigned i;

    for (i = 0; i < x->d->n_key; i++)
        x->n_words += words_of(&x->d->columns[i]);
    if (x->d->longest)
        return index_longest(x, false) && index_longest(x, true);
    return x->d->first || index_exact(x, seed);
}

void *nfs_rows_new(struct nfl_chain *c, struct nfl_setup *setup,
                   const struct nfl_rows_desc *d, const char *file)
{
    struct nfs_rows *x = aligned_alloc(64, (sizeof(*x) + 63) / 64 * 64);
    char *path = nfl_options_file(setup->options, setup->module->srcdir, file,
                                  setup->err, sizeof(setup->err));

    (void)c;
    if (x)
        memset(x, 0, sizeof(*x));
    if (x && path) {
        x->d = d;
        x->rows = nfl_rows_read(path, d, setup->err, sizeof(setup->err));
    }
    free(path);
    if (x && x->rows) {
        if (make_entries(x) && make_index(x, setup->seed))
            return x;
        snprintf(setup->err, sizeof(setup->err), "%s: no memory for %u rows",
                 d->name, x->rows->n);
    }
    nfs_rows_free(x);
    return NULL;
}

void nfs_rows_free(void *object)
{
    struct nfs_rows *x = object;

    if (!x)
        return;
    nfl_rows_free(x->rows);
    free(x->entries);
    free(x->words);
    free(x->buckets);
    free(x->intervals[0]);
    free(x->intervals[1]);
    free(x);
}

void nfs_rows_state(const void *object, struct nfl_state *s, const char *prefix)
{
    (void)object;
    (void)s;
    (void)prefix;
}

const struct nfl_rows *nfs_rows_all(const void *object)
{
    return ((const struct nfs_rows *)object)->rows;
}

const void *nfs_rows_find(const void *object, const uint64_t *key,
                          unsigned words)
{
    const struct nfs_rows *x = object;
    nfl_u128 addr;
    uint8_t v6;

    (void)words;
    if (x->d->first)
        return entry(x, find_first(x, key));
    if (!x->d->longest)
        return entry(x, find_exact(x, key));
    take(&x->d->columns[0], key, &addr, &v6);
    return entry(x, find_longest(x, addr, v6));
}
