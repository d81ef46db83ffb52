/* bucket, srtcm, trtcm: token buckets in thousandths of tokens, so that a tick
 * of 1 ms adds a whole number of them. What is kept is how many are missing:
 * zero is a full bucket. LANGUAGE.md, section 7, has the arithmetic. */
#include <nfl/ctx.h>

enum { GREEN, YELLOW, RED };

bool nfs_bucket_take(struct nfl_ctx *c, uint64_t rate, uint64_t burst,
                     uint64_t *missing, uint64_t *at, uint64_t n);
uint64_t nfs_srtcm_mark(struct nfl_ctx *c, uint64_t rate, uint64_t burst,
                        uint64_t excess, uint64_t *missing, uint64_t *over,
                        uint64_t *at, uint64_t bytes, uint64_t was);
uint64_t nfs_trtcm_mark(struct nfl_ctx *c, uint64_t rate, uint64_t burst,
                        uint64_t peak, uint64_t peak_burst, uint64_t *missing,
                        uint64_t *over, uint64_t *at, uint64_t bytes,
                        uint64_t was);

/* a * b, at most UINT64_MAX. */
static inline uint64_t times(uint64_t a, uint64_t b)
{
    uint64_t product;

    return __builtin_mul_overflow(a, b, &product) ? UINT64_MAX : product;
}

static inline uint64_t less(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* Does the bucket, of which so much is missing, have so much more? */
static inline bool has(uint64_t burst, uint64_t missing, uint64_t need)
{
    uint64_t all = times(burst, 1000);

    return missing <= all && need <= all - missing;
}

bool nfs_bucket_take(struct nfl_ctx *c, uint64_t rate, uint64_t burst,
                     uint64_t *missing, uint64_t *at, uint64_t n)
{
    uint64_t now = c->worker->now, need = times(n, 1000);
    uint64_t m = *missing - less(*missing, times(rate, now - *at));

    if (!has(burst, m, need))
        return false;
    *missing = m + need;
    *at = now;
    return true;
}

uint64_t nfs_srtcm_mark(struct nfl_ctx *c, uint64_t rate, uint64_t burst,
                        uint64_t excess, uint64_t *missing, uint64_t *over,
                        uint64_t *at, uint64_t bytes, uint64_t was)
{
    uint64_t now = c->worker->now, need = times(bytes, 1000);
    uint64_t add = times(rate, now - *at), first = less(*missing, add);

    *missing -= first;
    *over -= less(*over, add - first);
    *at = now;
    if (was == GREEN && has(burst, *missing, need)) {
        *missing += need;
        return GREEN;
    }
    if (was <= YELLOW && has(excess, *over, need)) {
        *over += need;
        return YELLOW;
    }
    return RED;
}

uint64_t nfs_trtcm_mark(struct nfl_ctx *c, uint64_t rate, uint64_t burst,
                        uint64_t peak, uint64_t peak_burst, uint64_t *missing,
                        uint64_t *over, uint64_t *at, uint64_t bytes,
                        uint64_t was)
{
    uint64_t now = c->worker->now, need = times(bytes, 1000);

    *missing -= less(*missing, times(rate, now - *at));
    *over -= less(*over, times(peak, now - *at));
    *at = now;
    if (was > YELLOW || !has(peak_burst, *over, need))
        return RED;
    *over += need;
    if (was > GREEN || !has(burst, *missing, need))
        return YELLOW;
    *missing += need;
    return GREEN;
}
