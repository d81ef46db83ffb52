/* count_min and hyperloglog of stdlib/type/sketch.nfl, each as arrays that are
 * walked from end to end: LANGUAGE.md, section 7. */
#include "base/mem.h"
#include "interp/hash.h"
#include "interp/object.h"
#include "interp/world.h"
#include <stdlib.h>

struct sketch {
    uint64_t seed, *added; /* by shard */
    unsigned shards, width, depth;
    uint64_t **numbers; /* by shard: counters row by row, or registers */
};

static uint64_t hash_of(const struct call *c, uint64_t seed)
{
    uint8_t bytes[8 * (TABLE_KEY_BITS + 2)];

    for (unsigned i = 0; i < c->n_words * 8; i++)
        bytes[i] = (uint8_t)(c->key[i / 8] >> i % 8 * 8);
    return siphash13(seed, ~seed, bytes, c->n_words * 8);
}

/* splitmix64: the i-th number from x on. */
static uint64_t mixed(uint64_t x, uint64_t i)
{
    x += (i + 1) * 0x9e3779b97f4a7c15;
    x ^= x >> 30;
    x *= 0xbf58476d1ce4e5b9;
    x ^= x >> 27;
    x *= 0x94d049bb133111eb;
    x ^= x >> 31;
    return x;
}

static struct sketch *sketch_make(struct world *w, unsigned shards,
                                  unsigned width, unsigned depth)
{
    struct sketch *s = mem_zeroed(1, sizeof(*s));

    s->seed = w->seed;
    s->shards = shards;
    s->width = width;
    s->depth = depth;
    s->added = mem_zeroed(shards, sizeof(*s->added));
    s->numbers = mem_zeroed(shards, sizeof(*s->numbers));
    for (unsigned i = 0; i < shards; i++)
        s->numbers[i] = mem_zeroed((size_t)width * depth, sizeof(uint64_t));
    return s;
}

static void sketch_free(struct sketch *s)
{
    for (unsigned i = 0; i < s->shards; i++)
        free(s->numbers[i]);
    free(s->numbers);
    free(s->added);
    free(s);
}

/* ---- count_min ---- */

void *count_min_make(struct world *w, unsigned shards,
                     const struct ival *const *args)
{
    num_t width = args[0]->u, depth = args[1]->u;

    if (width < 1 || width > 1 << 24 || depth < 1 || depth > 16) {
        snprintf(w->err, sizeof(w->err),
                 "a count_min has 1 to 16777216 counters in a row, and 1 to 16 "
                 "rows");
        return NULL;
    }
    return sketch_make(w, shards, (unsigned)width, (unsigned)depth);
}

void count_min_free(void *self)
{
    sketch_free(self);
}

static uint64_t *cell_at(const struct call *c, unsigned row)
{
    const struct sketch *s = c->self;
    num_t x = mixed(hash_of(c, s->seed), row);

    return &s->numbers[c->moment->shard]
                      [row * s->width + (unsigned)(x * s->width >> 64)];
}

bool count_min_count(const struct call *c, struct ival *result)
{
    const struct sketch *s = c->self;

    result->u = UINT64_MAX;
    for (unsigned i = 0; i < s->depth; i++)
        if (*cell_at(c, i) < result->u)
            result->u = *cell_at(c, i);
    return true;
}

bool count_min_add(const struct call *c, struct ival *result)
{
    struct sketch *s = c->self;
    uint64_t n = (uint64_t)c->args[1]->u;

    s->added[c->moment->shard] += n;
    for (unsigned i = 0; i < s->depth; i++)
        *cell_at(c, i) += n;
    return count_min_count(c, result);
}

static uint64_t all_added(const struct sketch *s)
{
    uint64_t n = 0;

    for (unsigned i = 0; i < s->shards; i++)
        n += s->added[i];
    return n;
}

/* The counter of all shards. */
static uint64_t sum(const struct sketch *s, unsigned at)
{
    uint64_t n = 0;

    for (unsigned i = 0; i < s->shards; i++)
        n += s->numbers[i][at];
    return n;
}

void count_min_state(const void *self, struct nfl_state *to, const char *prefix)
{
    const struct sketch *s = self;

    if (all_added(s) == 0)
        return;
    nfl_state_add(to, "object %s added %llu", prefix,
                  (unsigned long long)all_added(s));
    for (unsigned row = 0; row < s->depth; row++) {
        unsigned used = 0;
        uint64_t digest = 0;

        for (unsigned i = 0; i < s->width; i++) {
            uint64_t n = sum(s, row * s->width + i);

            used += n != 0;
            digest += n * mixed(row, i);
        }
        nfl_state_add(to, "object %s row %u used %u digest %llx", prefix, row,
                      used, (unsigned long long)digest);
    }
}

void count_min_report(const void *self, struct nfl_report *r,
                      const struct nfl_report_object *who)
{
    r->values[r->n_values++] = (struct nfl_report_value){
        .chain = who->chain,
        .nf = who->nf,
        .name = who->name,
        .storage = who->storage,
        .merge = "sum",
        .value = all_added(self),
    };
}

void count_min_explain(const struct value *args, unsigned shards, FILE *to)
{
    double width = (double)args[0].u, depth = (double)args[1].u;
    double miss = 1;

    for (unsigned i = 0; i < args[1].u; i++)
        miss /= 2.718281828459045;
    fprintf(to,
            "    never too little; too much by at most %.3g %% of all that was "
            "added, with a probability of %.4g %%\n",
            100 * 2.718281828459045 / width, 100 * (1 - miss));
    fprintf(to, "    memory: %.0f bytes a shard, %.1f MB in all\n",
            8 * (width * depth + 1), 8 * (width * depth + 1) * shards / 1e6);
}

/* ---- hyperloglog: numbers are registers ---- */

void *hyperloglog_make(struct world *w, unsigned shards,
                       const struct ival *const *args)
{
    if (args[0]->u < 4 || args[0]->u > 16) {
        snprintf(w->err, sizeof(w->err),
                 "the precision of a hyperloglog is from 4 to 16");
        return NULL;
    }
    return sketch_make(w, shards, 1U << (unsigned)args[0]->u, 1);
}

void hyperloglog_free(void *self)
{
    sketch_free(self);
}

static unsigned precision(const struct sketch *s)
{
    unsigned p = 0;

    while (1U << p < s->width)
        p++;
    return p;
}

bool hyperloglog_add(const struct call *c, struct ival *result)
{
    const struct sketch *s = c->self;
    uint64_t hash = hash_of(c, s->seed), *at;
    unsigned bits = 64 - precision(s), rank = 1;

    (void)result;
    at = &s->numbers[c->moment->shard][hash >> bits];
    while (rank <= bits && !(hash >> (bits - rank) & 1))
        rank++;
    if (rank > *at)
        *at = rank;
    return true;
}

/* From the number of registers of each value. */
static uint64_t estimate(const uint64_t of[65], unsigned m)
{
    num_t z = 0, x = ((num_t)of[0] << 64) / m, weight = 1, n;

    if (of[0] == m)
        return 0;
    for (unsigned k = 1; k <= 64; k++)
        z += (num_t)of[k] << 64 >> k;
    z += x * m;
    while (x) {
        x = x * x >> 64;
        z += x * weight * m;
        weight *= 2;
    }
    n = (num_t)3098164009 * m * m << 32;
    return (uint64_t)((n + z / 2) / z);
}

bool hyperloglog_count(const struct call *c, struct ival *result)
{
    const struct sketch *s = c->self;
    uint64_t of[65] = {0};

    for (unsigned i = 0; i < s->width; i++)
        of[s->numbers[c->moment->shard][i]]++;
    result->u = estimate(of, s->width);
    return true;
}

static uint64_t all_keys(const struct sketch *s, uint64_t *digest)
{
    uint64_t of[65] = {0};

    *digest = 0;
    for (unsigned i = 0; i < s->width; i++) {
        uint64_t most = 0;

        for (unsigned k = 0; k < s->shards; k++)
            if (s->numbers[k][i] > most)
                most = s->numbers[k][i];
        of[most]++;
        *digest += most * mixed(0, i);
    }
    return estimate(of, s->width);
}

void hyperloglog_state(const void *self, struct nfl_state *to,
                       const char *prefix)
{
    uint64_t digest, n = all_keys(self, &digest);

    if (n)
        nfl_state_add(to, "object %s keys %llu digest %llx", prefix,
                      (unsigned long long)n, (unsigned long long)digest);
}

void hyperloglog_report(const void *self, struct nfl_report *r,
                        const struct nfl_report_object *who)
{
    uint64_t digest;

    r->values[r->n_values++] = (struct nfl_report_value){
        .chain = who->chain,
        .nf = who->nf,
        .name = who->name,
        .storage = who->storage,
        .merge = "union",
        .value = all_keys(self, &digest),
    };
}

void hyperloglog_explain(const struct value *args, unsigned shards, FILE *to)
{
    unsigned p = (unsigned)args[0].u % 64;
    double root = p % 2 ? 1.4142135623730951 : 1;

    for (unsigned i = 0; i < p / 2; i++)
        root *= 2;
    fprintf(to, "    standard error %.3g %%\n", 104 / root);
    fprintf(to, "    memory: %.0f bytes a shard, %.2f MB in all\n",
            (double)(1ull << p) + 256,
            ((double)(1ull << p) + 256) * shards / 1e6);
}
