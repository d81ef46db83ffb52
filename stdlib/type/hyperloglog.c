/* hyperloglog[K](precision): LANGUAGE.md, section 7. Beside the registers of a
 * shard stands how many of them have which value, so that asking takes no walk
 * over them. */
#include "sketch.h"
#include <nfl/report.h>
#include <nfl/trace.h>

enum { PRECISION_MIN = 4, PRECISION_MAX = 16, RANKS = 64 };

/* 2^32 / (2 ln 2) */
static const uint64_t alpha = 3098164009;

struct shard {
    uint32_t of[RANKS]; /* registers of each value but 0; of[0]: not zero */
    uint8_t registers[];
};

struct nfs_hyperloglog {
    uint64_t seed;
    uint32_t shards;
    unsigned p;
    size_t span;
    uint8_t *blocks;
};

void *nfs_hyperloglog_new(struct nfl_chain *c, struct nfl_setup *setup,
                          const struct nfl_key_desc *key, uint64_t precision);
void nfs_hyperloglog_free(void *object);
void nfs_hyperloglog_add(struct nfl_ctx *c, void *object, const char *name,
                         const uint64_t *key, unsigned words);
uint64_t nfs_hyperloglog_count(struct nfl_ctx *c, void *object,
                               const char *name);
void nfs_hyperloglog_state(const void *object, struct nfl_state *s,
                           const char *prefix);
void nfs_hyperloglog_report(const void *object, struct nfl_report *r,
                            const struct nfl_report_object *who);

void *nfs_hyperloglog_new(struct nfl_chain *c, struct nfl_setup *setup,
                          const struct nfl_key_desc *key, uint64_t precision)
{
    struct nfs_hyperloglog *h;

    (void)c;
    (void)key;
    if (precision < PRECISION_MIN || precision > PRECISION_MAX) {
        snprintf(setup->err, sizeof(setup->err),
                 "the precision of a hyperloglog is from %d to %d",
                 PRECISION_MIN, PRECISION_MAX);
        return NULL;
    }
    h = calloc(1, sizeof(*h));
    if (h) {
        h->seed = setup->seed;
        h->shards = setup->shards;
        h->p = (unsigned)precision;
        h->span = nfs_lines(sizeof(struct shard) + ((size_t)1 << precision));
        h->blocks = nfs_blocks(h->shards, h->span);
    }
    if (h && h->blocks)
        return h;
    free(h);
    snprintf(setup->err, sizeof(setup->err), "no memory for a hyperloglog");
    return NULL;
}

void nfs_hyperloglog_free(void *object)
{
    struct nfs_hyperloglog *h = object;

    if (!h)
        return;
    free(h->blocks);
    free(h);
}

static struct shard *shard_of(const struct nfs_hyperloglog *h, uint32_t i)
{
    return (struct shard *)(h->blocks + i * h->span);
}

static inline void raise_to(struct shard *s, uint32_t at, unsigned rank)
{
    unsigned before = s->registers[at];

    if (rank <= before)
        return;
    if (before)
        s->of[before]--;
    else
        s->of[0]++;
    s->of[rank]++;
    s->registers[at] = (uint8_t)rank;
}

void nfs_hyperloglog_add(struct nfl_ctx *c, void *object, const char *name,
                         const uint64_t *key, unsigned words)
{
    const struct nfs_hyperloglog *h = object;
    uint64_t hash = nfs_key_hash(h->seed, key, words);
    /* The bit below the last one of the hash ends the zeros. */
    uint64_t rest = hash << h->p | (uint64_t)1 << (h->p - 1);

    (void)name;
    raise_to(shard_of(h, c->shard), (uint32_t)(hash >> (64 - h->p)),
             (unsigned)__builtin_clzll(rest) + 1);
}

/* 2^64 times sigma of x / 2^64: x + x^2 + 2 x^4 + 4 x^8 + ... */
static nfl_u128 sigma(uint64_t x)
{
    nfl_u128 sum = x;
    unsigned k;

    for (k = 0; x; k++) {
        x = (uint64_t)((nfl_u128)x * x >> 64);
        sum += (nfl_u128)x << k;
    }
    return sum;
}

/* From how many registers have which value. */
static uint64_t estimate(const uint32_t *of, unsigned p)
{
    uint64_t m = (uint64_t)1 << p, zero = m - of[0];
    nfl_u128 z = 0, n;
    unsigned k;

    if (of[0] == 0)
        return 0;
    for (k = 1; k < RANKS; k++)
        z += (nfl_u128)of[k] << (64 - k);
    z += sigma(zero << (64 - p)) << p;
    n = (nfl_u128)(alpha * m) * m << 32;
    return (uint64_t)((n + z / 2) / z);
}

uint64_t nfs_hyperloglog_count(struct nfl_ctx *c, void *object,
                               const char *name)
{
    const struct nfs_hyperloglog *h = object;

    (void)name;
    return estimate(shard_of(h, c->shard)->of, h->p);
}

/* ---- over all shards ---- */

/* The greatest value of a register. */
static unsigned merged(const struct nfs_hyperloglog *h, uint32_t at)
{
    unsigned most = 0, one;
    uint32_t s;

    for (s = 0; s < h->shards; s++) {
        one = shard_of(h, s)->registers[at];
        most = one > most ? one : most;
    }
    return most;
}

static uint64_t all_keys(const struct nfs_hyperloglog *h, uint64_t *digest)
{
    uint32_t of[RANKS] = {0}, i;

    *digest = 0;
    for (i = 0; i < (uint32_t)1 << h->p; i++) {
        unsigned rank = merged(h, i);

        of[0] += rank > 0;
        if (rank)
            of[rank]++;
        *digest += rank * nfs_mixed(0, i);
    }
    return estimate(of, h->p);
}

void nfs_hyperloglog_state(const void *object, struct nfl_state *s,
                           const char *prefix)
{
    uint64_t digest, n = all_keys(object, &digest);

    if (n)
        nfl_state_add(s, "object %s keys %llu digest %llx", prefix,
                      (unsigned long long)n, (unsigned long long)digest);
}

void nfs_hyperloglog_report(const void *object, struct nfl_report *r,
                            const struct nfl_report_object *who)
{
    uint64_t digest;

    r->values[r->n_values++] = (struct nfl_report_value){
        .chain = who->chain,
        .nf = who->nf,
        .name = who->name,
        .storage = who->storage,
        .merge = "union",
        .value = all_keys(object, &digest),
    };
}
