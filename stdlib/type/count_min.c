/* count_min[K](width, depth): LANGUAGE.md, section 7. */
#include "sketch.h"
#include <nfl/report.h>
#include <nfl/trace.h>

enum { WIDTH_MAX = 1 << 24, DEPTH_MAX = 16 };

struct nfs_count_min {
    uint64_t seed;
    uint32_t width, depth, shards;
    size_t span;   /* bytes from a shard to the next */
    uint8_t *rows; /* of each shard: all that was added, then the counters */
};

void *nfs_count_min_new(struct nfl_chain *c, struct nfl_setup *setup,
                        const struct nfl_key_desc *key, uint64_t width,
                        uint64_t depth);
void nfs_count_min_free(void *object);
uint64_t nfs_count_min_add(struct nfl_ctx *c, void *object, const char *name,
                           const uint64_t *key, unsigned words, uint64_t n);
uint64_t nfs_count_min_count(struct nfl_ctx *c, void *object, const char *name,
                             const uint64_t *key, unsigned words);
void nfs_count_min_state(const void *object, struct nfl_state *s,
                         const char *prefix);
void nfs_count_min_report(const void *object, struct nfl_report *r,
                          const struct nfl_report_object *who);

static bool sizes_right(struct nfl_setup *setup, uint64_t width, uint64_t depth)
{
    if (width >= 1 && width <= WIDTH_MAX && depth >= 1 && depth <= DEPTH_MAX)
        return true;
    snprintf(setup->err, sizeof(setup->err),
             "a count_min has 1 to %d counters in a row, and 1 to %d rows",
             WIDTH_MAX, DEPTH_MAX);
    return false;
}

void *nfs_count_min_new(struct nfl_chain *c, struct nfl_setup *setup,
                        const struct nfl_key_desc *key, uint64_t width,
                        uint64_t depth)
{
    struct nfs_count_min *m;

    (void)c;
    (void)key;
    if (!sizes_right(setup, width, depth))
        return NULL;
    m = calloc(1, sizeof(*m));
    if (m) {
        m->seed = setup->seed;
        m->width = (uint32_t)width;
        m->depth = (uint32_t)depth;
        m->shards = setup->shards;
        m->span = nfs_lines((width * depth + 1) * sizeof(uint64_t));
        m->rows = nfs_blocks(m->shards, m->span);
    }
    if (m && m->rows)
        return m;
    free(m);
    snprintf(setup->err, sizeof(setup->err), "no memory for a count_min");
    return NULL;
}

void nfs_count_min_free(void *object)
{
    struct nfs_count_min *m = object;

    if (!m)
        return;
    free(m->rows);
    free(m);
}

static uint64_t *block(const struct nfs_count_min *m, uint32_t shard)
{
    return (uint64_t *)(m->rows + shard * m->span);
}

/* The counter of row i. */
static inline uint64_t *counter(const struct nfs_count_min *m, uint64_t *block,
                                uint64_t hash, uint32_t i)
{
    return block + 1 + (size_t)i * m->width +
           nfs_below(nfs_mixed(hash, i), m->width);
}

uint64_t nfs_count_min_add(struct nfl_ctx *c, void *object, const char *name,
                           const uint64_t *key, unsigned words, uint64_t n)
{
    const struct nfs_count_min *m = object;
    uint64_t *b = block(m, c->shard), hash = nfs_key_hash(m->seed, key, words);
    uint64_t least = UINT64_MAX;
    uint32_t i;

    (void)name;
    *b += n;
    for (i = 0; i < m->depth; i++) {
        uint64_t now = *counter(m, b, hash, i) += n;

        least = now < least ? now : least;
    }
    return least;
}

uint64_t nfs_count_min_count(struct nfl_ctx *c, void *object, const char *name,
                             const uint64_t *key, unsigned words)
{
    const struct nfs_count_min *m = object;
    uint64_t *b = block(m, c->shard), hash = nfs_key_hash(m->seed, key, words);
    uint64_t least = UINT64_MAX;
    uint32_t i;

    (void)name;
    for (i = 0; i < m->depth; i++) {
        uint64_t now = *counter(m, b, hash, i);

        least = now < least ? now : least;
    }
    return least;
}

/* ---- over all shards ---- */

static uint64_t sum(const struct nfs_count_min *m, size_t at)
{
    uint64_t all = 0;
    uint32_t s;

    for (s = 0; s < m->shards; s++)
        all += block(m, s)[at];
    return all;
}

void nfs_count_min_state(const void *object, struct nfl_state *s,
                         const char *prefix)
{
    const struct nfs_count_min *m = object;
    uint64_t n, digest;
    uint32_t i, j, used;

    if (sum(m, 0) == 0)
        return;
    nfl_state_add(s, "object %s added %llu", prefix,
                  (unsigned long long)sum(m, 0));
    for (i = 0; i < m->depth; i++) {
        used = 0;
        digest = 0;
        for (j = 0; j < m->width; j++) {
            n = sum(m, 1 + (size_t)i * m->width + j);
            used += n > 0;
            digest += n * nfs_mixed(i, j);
        }
        nfl_state_add(s, "object %s row %u used %u digest %llx", prefix, i,
                      used, (unsigned long long)digest);
    }
}

void nfs_count_min_report(const void *object, struct nfl_report *r,
                          const struct nfl_report_object *who)
{
    r->values[r->n_values++] = (struct nfl_report_value){
        .chain = who->chain,
        .nf = who->nf,
        .name = who->name,
        .storage = who->storage,
        .merge = "sum",
        .value = sum(object, 0),
    };
}
