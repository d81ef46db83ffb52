/* Which sequence numbers beyond the frontier came already, of a side whose
 * bytes nobody asks for: ranges in one piece, sorted, none touching another. */
#include "ustack/stream.h"

struct range {
    uint32_t s, e;
};

_Static_assert(NFL_TCP_RANGES * sizeof(struct range) <= NFL_TCP_PIECE,
               "they lie in a piece");

static struct range *ranges(const struct nfl_tcp_pool *pool,
                            const struct nfl_tcp_side *x)
{
    return (struct range *)(void *)us_bytes(pool, x->islands);
}

enum us_seen us_range_seen(const struct us_run *run)
{
    const struct range *a;
    unsigned i;

    if (!run->x->n_islands)
        return US_NONE;
    a = ranges(run->pool, run->x);
    for (i = 0; i < run->x->n_islands; i++) {
        if (!us_less(run->s, a[i].e))
            continue;
        if (!us_less(a[i].s, run->e))
            return US_NONE;
        return us_less(run->s, a[i].s) || us_less(a[i].e, run->e) ? US_SOME
                                                                  : US_ALL;
    }
    return US_NONE;
}

static void remove_some(struct nfl_tcp_pool *pool, struct nfl_tcp_side *x,
                        unsigned i, unsigned n)
{
    struct range *a = ranges(pool, x);

    x->n_islands = (x->n_islands - n) & 63;
    memmove(a + i, a + i + n, (x->n_islands - i) * sizeof(*a));
    if (!x->n_islands)
        us_range_forget(pool, x);
}

static void not_kept(struct us_run *run)
{
    run->v->signs |= NFL_TCP_SIGN(not_kept);
}

static void add_first(struct us_run *run)
{
    struct nfl_tcp_side *x = run->x;
    uint32_t last;

    if (!run->pool->left) {
        not_kept(run);
        return;
    }
    x->islands = us_take(run->pool, 1, &last);
    x->n_islands = 1;
    *ranges(run->pool, x) = (struct range){run->s, run->e};
}

void us_range_add(struct us_run *run)
{
    struct nfl_tcp_side *x = run->x;
    struct range *a;
    unsigned i = 0, j;

    if (!x->n_islands) {
        add_first(run);
        return;
    }
    a = ranges(run->pool, x);
    while (i < x->n_islands && us_less(a[i].e, run->s))
        i++;
    for (j = i; j < x->n_islands && !us_less(run->e, a[j].s); j++)
        continue;
    if (i == j && x->n_islands == NFL_TCP_RANGES) {
        not_kept(run);
        return;
    }
    if (i == j) {
        memmove(a + i + 1, a + i, (x->n_islands - i) * sizeof(*a));
        x->n_islands++;
        a[i] = (struct range){run->s, run->e};
        return;
    }
    a[i].s = us_min(a[i].s, run->s);
    a[i].e = us_max(a[j - 1].e, run->e);
    remove_some(run->pool, x, i + 1, j - i - 1);
}

void us_range_pass(struct nfl_tcp_pool *pool, struct nfl_tcp_side *x)
{
    const struct range *a;
    unsigned n = 0;

    if (!x->n_islands)
        return;
    a = ranges(pool, x);
    for (; n < x->n_islands && !us_less(x->front, a[n].s); n++)
        x->front = us_max(x->front, a[n].e);
    remove_some(pool, x, 0, n);
}

uint32_t us_range_first(const struct nfl_tcp_pool *pool,
                        const struct nfl_tcp_side *x)
{
    return ranges(pool, x)->s;
}

bool us_range_has(const struct us_run *run, uint32_t f)
{
    struct us_run at = *run;

    at.s = f;
    at.e = f + 1;
    return us_range_seen(&at) == US_ALL;
}

uint32_t us_range_end(const struct nfl_tcp_pool *pool,
                      const struct nfl_tcp_side *x)
{
    return ranges(pool, x)[x->n_islands - 1].e;
}

void us_range_cut(struct nfl_tcp_pool *pool, struct nfl_tcp_side *x,
                  uint32_t at)
{
    struct range *a;

    while (x->n_islands) {
        a = ranges(pool, x) + x->n_islands - 1;
        if (us_less(a->s, at)) {
            a->e = us_min(a->e, at);
            return;
        }
        remove_some(pool, x, x->n_islands - 1u, 1);
    }
}

void us_range_forget(struct nfl_tcp_pool *pool, struct nfl_tcp_side *x)
{
    us_give_all(pool, x->islands);
    x->islands = 0;
    x->n_islands = 0;
}
