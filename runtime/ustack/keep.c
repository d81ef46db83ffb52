/* What NFs keep of a stream: one run of bytes up to the frontier, from the
 * least offset that some NF keeps, in a ring of pieces that begin at multiples
 * of 256 of the stream's offset. */
#include "ustack/ring.h"
#include "ustack/stream.h"

static uint64_t least_of(const struct nfl_tcp_side *x)
{
    return x->offset - x->kept_len;
}

/* n bytes follow those up to x->offset. */
void us_kept_grow(struct us_run *run, const uint8_t *bytes, uint32_t n)
{
    struct nfl_tcp_side *x = run->x;
    uint64_t least = least_of(x);
    uint32_t more;

    if (!(x->known & US_KEEPS))
        return;
    more =
        us_ring_pieces(least, x->offset + n) - us_ring_pieces(least, x->offset);
    if (n > run->r->keep || x->kept_len > run->r->keep - n ||
        more > run->pool->left) {
        us_kept_forget(run->pool, x);
        return;
    }
    us_ring_grow(run->pool, &x->kept, x->kept_len, x->offset, bytes, n);
    x->kept_len += n;
}

void us_kept_forget(struct nfl_tcp_pool *pool, struct nfl_tcp_side *x)
{
    if (!(x->known & US_KEEPS))
        return;
    us_ring_end(pool, &x->kept);
    x->kept_len = 0;
    x->known = (uint8_t)((x->known & ~US_KEEPS) | US_LOST);
}

static uint64_t *slot_of(struct nfl_tcp_kept kept, unsigned slot, unsigned side)
{
    return &kept.at[slot * 2 + side];
}

/* Slots that say they keep what is gone. */
static void settle(struct nfl_tcp *t, struct nfl_tcp_kept kept, unsigned side)
{
    unsigned i;

    if (!(t->side[side].known & US_LOST))
        return;
    for (i = 0; i < kept.slots; i++)
        *slot_of(kept, i, side) = 0;
    t->side[side].known &= (uint8_t)~US_LOST;
}

/* What is kept by all slots but one begins there; `none` if nothing is. */
static uint64_t least_kept(struct nfl_tcp_kept kept, unsigned side,
                           unsigned but, uint64_t none)
{
    unsigned i;

    for (i = 0; i < kept.slots; i++) {
        uint64_t at = *slot_of(kept, i, side);

        if (i != but && at && at - 1 < none)
            none = at - 1;
    }
    return none;
}

/* The bytes from `to` on stay; those before need not. */
static void keep_from(struct nfl_tcp_pool *pool, struct nfl_tcp_side *x,
                      uint64_t to)
{
    us_ring_trim(pool, &x->kept,
                 us_ring_pieces(least_of(x), x->offset) -
                     us_ring_pieces(to, x->offset));
    x->kept_len = (uint32_t)(x->offset - to);
}

/* Takes those from `to` on besides, which b has. */
static bool keep_more(struct nfl_tcp_pool *pool, struct nfl_tcp_side *x,
                      const struct nfl_tcp_bytes *b, uint64_t to)
{
    uint64_t least = least_of(x);
    uint32_t more =
        us_ring_pieces(to, x->offset) - us_ring_pieces(least, x->offset);

    if (more > pool->left)
        return false;
    us_ring_add(pool, &x->kept, more, true);
    us_ring_put(pool, us_ring_first(pool, x->kept), to, b->p + (to - b->offset),
                (uint32_t)(least - to));
    x->kept_len = (uint32_t)(x->offset - to);
    return true;
}

/* The new ones lie where they are, or behind what is kept. */
static struct nfl_tcp_bytes bytes_of(const struct nfl_tcp_side *x,
                                     const struct nfl_tcp_pool *pool,
                                     const struct nfl_tcp_rules *r,
                                     const struct nfl_tcp_view *v,
                                     uint64_t start)
{
    uint8_t *fresh = v->scratch + r->keep;
    struct nfl_tcp_bytes b = {v->fresh, v->fresh_len, 0, v->fresh_offset};

    if (start >= v->fresh_offset)
        return b;
    b.fresh = (uint32_t)(v->fresh_offset - start);
    b.len += b.fresh;
    b.offset = start;
    b.p = fresh - b.fresh;
    if (v->fresh != fresh && v->fresh_len)
        memcpy(fresh, v->fresh, v->fresh_len);
    us_ring_get(pool, x->kept, least_of(x), start, b.fresh, fresh - b.fresh);
    return b;
}

struct nfl_tcp_bytes nfl_tcp_bytes(struct nfl_tcp *t,
                                   const struct nfl_tcp_pool *pool,
                                   const struct nfl_tcp_rules *r,
                                   struct nfl_tcp_view *v,
                                   struct nfl_tcp_kept kept, unsigned slot)
{
    uint64_t at;

    if (v->asker == slot + 1)
        return v->b;
    settle(t, kept, v->from);
    at = *slot_of(kept, slot, v->from);
    v->asker = slot + 1;
    v->b =
        bytes_of(&t->side[v->from], pool, r, v, at ? at - 1 : v->fresh_offset);
    return v->b;
}

bool nfl_tcp_keep(struct nfl_tcp *t, struct nfl_tcp_pool *pool,
                  const struct nfl_tcp_rules *r, struct nfl_tcp_view *v,
                  struct nfl_tcp_kept kept, unsigned slot, uint32_t at)
{
    struct nfl_tcp_side *x = &t->side[v->from];
    struct nfl_tcp_bytes b;
    uint64_t from, least;

    if (!v->watched)
        return false;
    b = nfl_tcp_bytes(t, pool, r, v, kept, slot);
    if (at > b.len)
        return false;
    from = b.offset + at;
    least = least_kept(kept, v->from, slot, from);
    if (x->offset - least > r->keep)
        return false;
    if (least >= least_of(x))
        keep_from(pool, x, least);
    else if (!keep_more(pool, x, &b, least))
        return false;
    x->known |= US_KEEPS;
    x->way &= (uint8_t)~NFL_TCP_OPEN;
    *slot_of(kept, slot, v->from) = from + 1;
    return true;
}

void nfl_tcp_release(struct nfl_tcp *t, struct nfl_tcp_pool *pool,
                     const struct nfl_tcp_rules *r, struct nfl_tcp_view *v,
                     struct nfl_tcp_kept kept, unsigned slot)
{
    struct nfl_tcp_side *x = &t->side[v->from];
    uint64_t least;

    nfl_tcp_bytes(t, pool, r, v, kept, slot);
    if (!(x->known & US_KEEPS))
        return;
    *slot_of(kept, slot, v->from) = 0;
    least = least_kept(kept, v->from, slot, UINT64_MAX);
    if (least != UINT64_MAX) {
        keep_from(pool, x, least);
        return;
    }
    us_kept_forget(pool, x);
    x->known &= (uint8_t)~US_LOST;
}
