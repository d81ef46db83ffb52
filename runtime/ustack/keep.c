/* What NFs keep of a stream: one run of bytes up to the frontier, from the
 * least offset that some NF keeps, in a ring of pieces that begin at multiples
 * of 256 of the stream's offset. */
#include "ustack/stream.h"

static uint32_t pieces_of(uint64_t from, uint64_t to)
{
    if (from == to)
        return 0;
    return (uint32_t)((to + NFL_TCP_PIECE - 1) / NFL_TCP_PIECE -
                      from / NFL_TCP_PIECE);
}

static uint64_t least_of(const struct nfl_tcp_side *x)
{
    return x->offset - x->kept_len;
}

static uint32_t first_of(const struct nfl_tcp_pool *pool,
                         const struct nfl_tcp_side *x)
{
    return x->kept ? us_piece(pool, x->kept)->next : 0;
}

/* Puts n pieces behind the last one, or before the first. Returns the first
 * of the new ones. */
static uint32_t add(struct nfl_tcp_pool *pool, struct nfl_tcp_side *x,
                    uint32_t n, bool before)
{
    uint32_t last, first;

    if (!n)
        return 0;
    first = us_take(pool, n, &last);
    if (!x->kept) {
        us_piece(pool, last)->next = first;
        x->kept = last;
        return first;
    }
    us_piece(pool, last)->next = us_piece(pool, x->kept)->next;
    us_piece(pool, x->kept)->next = first;
    if (!before)
        x->kept = last;
    return first;
}

/* Gives back the first n pieces. */
static void trim(struct nfl_tcp_pool *pool, struct nfl_tcp_side *x, uint32_t n)
{
    uint32_t last = x->kept, next;

    if (!n)
        return;
    next = us_give(pool, us_piece(pool, last)->next, n - 1);
    if (next == last) {
        us_give(pool, last, 1);
        x->kept = 0;
        return;
    }
    us_piece(pool, last)->next = us_give(pool, next, 1);
}

/* Copies to the piece of the offset, and those that follow it. */
static void put(struct nfl_tcp_pool *pool, uint32_t piece, uint64_t offset,
                const uint8_t *bytes, uint32_t n)
{
    uint32_t in = offset % NFL_TCP_PIECE, len;

    for (; n > 0; n -= len, bytes += len, in = 0) {
        len = n < NFL_TCP_PIECE - in ? n : NFL_TCP_PIECE - in;
        memcpy(us_bytes(pool, piece) + in, bytes, len);
        piece = us_piece(pool, piece)->next;
    }
}

static void get(const struct nfl_tcp_pool *pool, const struct nfl_tcp_side *x,
                uint64_t from, uint32_t n, uint8_t *to)
{
    uint64_t skip = from / NFL_TCP_PIECE - least_of(x) / NFL_TCP_PIECE;
    uint32_t piece = first_of(pool, x), in = from % NFL_TCP_PIECE, len;

    for (; n > 0 && skip > 0; skip--)
        piece = us_piece(pool, piece)->next;
    for (; n > 0; n -= len, to += len, in = 0) {
        len = n < NFL_TCP_PIECE - in ? n : NFL_TCP_PIECE - in;
        memcpy(to, us_bytes(pool, piece) + in, len);
        piece = us_piece(pool, piece)->next;
    }
}

/* n bytes follow those up to x->offset. */
void us_kept_grow(struct us_run *run, const uint8_t *bytes, uint32_t n)
{
    struct nfl_tcp_side *x = run->x;
    uint64_t least = least_of(x);
    uint32_t more, old = x->kept, first;

    if (!(x->known & US_KEEPS))
        return;
    more = pieces_of(least, x->offset + n) - pieces_of(least, x->offset);
    if (n > run->r->keep || x->kept_len > run->r->keep - n ||
        more > run->pool->left) {
        us_kept_forget(run->pool, x);
        return;
    }
    first = add(run->pool, x, more, false);
    if (x->kept_len && x->offset % NFL_TCP_PIECE)
        first = old;
    put(run->pool, first, x->offset, bytes, n);
    x->kept_len += n;
}

void us_kept_forget(struct nfl_tcp_pool *pool, struct nfl_tcp_side *x)
{
    if (!(x->known & US_KEEPS))
        return;
    if (x->kept) {
        uint32_t first = first_of(pool, x);

        us_piece(pool, x->kept)->next = 0;
        us_give_all(pool, first);
    }
    x->kept = x->kept_len = 0;
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
    trim(pool, x, pieces_of(least_of(x), x->offset) - pieces_of(to, x->offset));
    x->kept_len = (uint32_t)(x->offset - to);
}

/* Takes those from `to` on besides, which b has. */
static bool keep_more(struct nfl_tcp_pool *pool, struct nfl_tcp_side *x,
                      const struct nfl_tcp_bytes *b, uint64_t to)
{
    uint64_t least = least_of(x);
    uint32_t more = pieces_of(to, x->offset) - pieces_of(least, x->offset);

    if (more > pool->left)
        return false;
    add(pool, x, more, true);
    put(pool, first_of(pool, x), to, b->p + (to - b->offset),
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
    get(pool, x, start, b.fresh, fresh - b.fresh);
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
