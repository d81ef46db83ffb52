/* Segments that came early, with their bytes: a list of at most 32, sorted by
 * where they begin. They may overlap, but each byte is one's own: `own` says
 * which, once a segment has lost some. A segment is judged by its place, the
 * sequence numbers it had when it was stored, which counts as long as one byte
 * is its own. All of its numbers are some segment's: the list has no holes but
 * between places. */
#include "ustack/stream.h"

enum { ACCOUNT = 16 }; /* bytes of a segment's first piece that are not its */

/* Bytes of a stored segment that are its own and lie in one piece; numbers
 * count from the segment's first byte. */
struct runs {
    const struct nfl_tcp_pool *pool;
    uint32_t piece, base; /* of the piece: the number of its first byte */
    uint32_t at, end;
    bool part;
    uint32_t from, len; /* what was found */
    const uint8_t *bytes;
};

static struct runs runs_of(const struct nfl_tcp_pool *pool, uint32_t i,
                           uint32_t at, uint32_t end)
{
    return (struct runs){.pool = pool,
                         .piece = i,
                         .at = at,
                         .end = end,
                         .part = us_piece(pool, i)->part};
}

/* The first bit of [from, to) that is `bit`, or to. */
static uint32_t find_bit(const uint64_t *own, uint32_t from, uint32_t to,
                         bool bit)
{
    while (from < to) {
        uint64_t w = bit ? own[from / 64] : ~own[from / 64];

        w >>= from % 64;
        if (w) {
            from += (uint32_t)__builtin_ctzll(w);
            break;
        }
        from = (from / 64 + 1) * 64;
    }
    return from < to ? from : to;
}

static bool next_run(struct runs *r)
{
    while (r->at < r->end) {
        uint32_t in, to;
        const struct us_piece *p;

        for (; r->at - r->base >= NFL_TCP_PIECE; r->base += NFL_TCP_PIECE)
            r->piece = us_piece(r->pool, r->piece)->next;
        p = us_piece(r->pool, r->piece);
        in = r->at - r->base;
        to =
            r->end - r->base < NFL_TCP_PIECE ? r->end - r->base : NFL_TCP_PIECE;
        if (r->part)
            in = find_bit(p->own, in, to, true);
        r->from = r->base + in;
        r->bytes = us_bytes(r->pool, r->piece) + in;
        r->at = r->base + to;
        if (in == to)
            continue;
        if (r->part)
            r->at = r->base + find_bit(p->own, in, to, false);
        r->len = r->at - r->from;
        return true;
    }
    return false;
}

/* The 64 bits of word i of which [from, to) of a piece are set. */
static uint64_t mask_of(uint32_t i, uint32_t from, uint32_t to)
{
    uint32_t a = from > i * 64 ? from - i * 64 : 0;
    uint32_t b = to < i * 64 + 64 ? to - i * 64 : 64;

    return (b == 64 ? ~0ull : (1ull << b) - 1) & ~((1ull << a) - 1);
}

static void own_all(const struct nfl_tcp_pool *pool, uint32_t i)
{
    us_piece(pool, i)->part = true;
    for (; i; i = us_piece(pool, i)->next)
        memset(us_piece(pool, i)->own, 0xff, sizeof(us_piece(pool, i)->own));
}

/* Takes the bytes [from, to) from segment i. */
static void lose(const struct nfl_tcp_pool *pool, uint32_t i, uint32_t from,
                 uint32_t to)
{
    struct us_piece *first = us_piece(pool, i);
    uint32_t base = 0, k, a, b;

    if (!first->part)
        own_all(pool, i);
    for (; base < to; base += NFL_TCP_PIECE, i = us_piece(pool, i)->next) {
        uint64_t *own = us_piece(pool, i)->own, mask;

        if (base + NFL_TCP_PIECE <= from)
            continue;
        a = from > base ? from - base : 0;
        b = to - base < NFL_TCP_PIECE ? to - base : NFL_TCP_PIECE;
        for (k = a / 64; k * 64 < b; k++) {
            mask = mask_of(k, a, b);
            first->left -= (uint32_t)__builtin_popcountll(own[k] & mask);
            own[k] &= ~mask;
        }
    }
}

bool us_wins(const struct nfl_tcp_rules *r, uint32_t s, uint32_t e,
             uint32_t from, uint32_t to)
{
    switch (r->overlap) {
    case NFL_TCP_FIRST:
        return false;
    case NFL_TCP_LAST:
        return true;
    case NFL_TCP_BSD:
    case NFL_TCP_WINDOWS: /* before Vista; since then: first */
        return us_less(s, from);
    case NFL_TCP_SOLARIS:
        return us_less(to, e) || (e == to && !us_less(from, s));
    default:
        return us_less(s, from) || (s == from && us_less(to, e));
    }
}

static bool wins(const struct us_run *run, const struct us_piece *p)
{
    return us_wins(run->r, run->s, run->e, p->from, p->to);
}

/* What a stored segment and [s, e) share, counted from its first byte. */
struct shared {
    uint32_t a, b;
};

static bool share(const struct us_run *run, const struct us_piece *p,
                  struct shared *both)
{
    if (!us_less(p->s, run->e) || !us_less(run->s, p->e))
        return false;
    both->a = us_max(p->s, run->s) - p->s;
    both->b = us_min(p->e, run->e) - p->s;
    return true;
}

enum us_seen us_stored_seen(const struct us_run *run)
{
    uint32_t at = run->s, i;
    bool any = false, hole = false;
    const struct us_piece *p;

    for (i = run->x->islands; i; i = p->then) {
        p = us_piece(run->pool, i);
        if (!us_less(p->s, run->e))
            break;
        if (!us_less(run->s, p->e))
            continue;
        any = true;
        hole |= us_less(at, p->s);
        at = us_max(at, p->e);
    }
    if (!any)
        return US_NONE;
    return hole || us_less(at, run->e) ? US_SOME : US_ALL;
}

/* ---- conflicts ---- */

/* The bytes of islands from `first` on to the scratch; returns where they
 * end. */
static uint32_t copy_was(const struct us_run *run, uint32_t first, uint8_t *was)
{
    uint32_t at = first, i;
    const struct us_piece *p;
    struct shared both;

    for (i = run->x->islands; i; i = p->then) {
        struct runs r;

        p = us_piece(run->pool, i);
        if (!share(run, p, &both) || !us_less(first, p->e))
            continue;
        if (!us_less(at, p->s))
            at = us_max(at, p->e);
        both.a = us_max(p->s, first) - p->s;
        r = runs_of(run->pool, i, both.a, both.b);
        while (next_run(&r))
            memcpy(was + (p->s + r.from - first), r.bytes, r.len);
    }
    return us_min(at, run->e);
}

static void tell(struct us_run *run, uint32_t first)
{
    uint8_t *was =
        run->scratch + run->r->keep + run->r->ahead + NFL_TCP_LARGEST;
    const uint8_t *now = run->data + (first - run->s);
    uint32_t n = 0, end = copy_was(run, first, was) - first;

    while (n < end && was[n] != now[n])
        n++;
    run->v->signs |= NFL_TCP_SIGN(conflict);
    run->v->was = was;
    run->v->now = now;
    run->v->conflict_len = n;
}

static uint32_t first_other(const uint8_t *a, const uint8_t *b)
{
    uint32_t n = 0;

    while (a[n] == b[n])
        n++;
    return n;
}

void us_stored_compare(struct us_run *run)
{
    uint32_t first = run->e, i, at;
    const struct us_piece *p;
    struct shared both;

    for (i = run->x->islands; i; i = p->then) {
        struct runs r;

        p = us_piece(run->pool, i);
        if (!share(run, p, &both))
            continue;
        r = runs_of(run->pool, i, both.a, both.b);
        while (next_run(&r)) {
            at = p->s + r.from;
            if (memcmp(r.bytes, run->data + (at - run->s), r.len) == 0)
                continue;
            at += first_other(r.bytes, run->data + (at - run->s));
            first = us_min(first, at);
            break;
        }
    }
    if (first != run->e)
        tell(run, first);
}

/* ---- storing ---- */

/* Does [s, e), of which all is there, get a byte? */
static bool gets(const struct us_run *run)
{
    const struct us_piece *p;
    struct shared both;
    uint32_t i;

    for (i = run->x->islands; i; i = p->then) {
        struct runs r;

        p = us_piece(run->pool, i);
        if (!share(run, p, &both) || !wins(run, p))
            continue;
        r = runs_of(run->pool, i, both.a, both.b);
        if (next_run(&r))
            return true;
    }
    return false;
}

static uint32_t copied(struct us_run *run, uint32_t pieces)
{
    uint32_t last, n = us_take(run->pool, pieces, &last), i = n, at = 0, len;
    struct us_piece *p = us_piece(run->pool, n);

    p->s = p->from = run->s;
    p->e = p->to = run->e;
    p->left = run->e - run->s;
    p->part = false;
    for (; at < p->left; at += len, i = us_piece(run->pool, i)->next) {
        len = p->left - at < NFL_TCP_PIECE ? p->left - at : NFL_TCP_PIECE;
        memcpy(us_bytes(run->pool, i), run->data + at, len);
    }
    return n;
}

/* Takes segment i out of the list at *link, and gives its pieces back. */
static void drop(struct nfl_tcp_pool *pool, struct nfl_tcp_side *x,
                 uint32_t *link)
{
    uint32_t i = *link;

    *link = us_piece(pool, i)->then;
    us_give_all(pool, i);
    x->n_islands--;
}

/* Divides the bytes that n, not in the list yet, shares with others. */
static void divide(struct us_run *run, uint32_t n)
{
    struct nfl_tcp_pool *pool = run->pool;
    uint32_t *link = &run->x->islands;
    struct shared both;

    while (*link) {
        struct us_piece *p = us_piece(pool, *link);

        if (share(run, p, &both) && wins(run, p)) {
            lose(pool, *link, both.a, both.b);
            if (!p->left) {
                drop(pool, run->x, link);
                continue;
            }
        } else if (share(run, p, &both)) {
            struct runs r = runs_of(pool, *link, both.a, both.b);

            while (next_run(&r)) {
                uint32_t at = p->s + r.from - run->s;

                lose(pool, n, at, at + r.len);
            }
        }
        link = &p->then;
    }
}

/* The first one whose place ends there; NULL: none. */
static const struct us_piece *ends_at(const struct us_run *run, uint32_t at)
{
    const struct us_piece *p;
    uint32_t i;

    for (i = run->x->islands; i; i = p->then) {
        p = us_piece(run->pool, i);
        if (p->to == at)
            return p;
    }
    return NULL;
}

/* A segment that begins where another one's place ends is one with it, and
 * with those that were: they have one place. */
static void join(struct us_run *run, struct us_piece *n)
{
    const struct us_piece *with = ends_at(run, n->from);
    uint32_t from, i;
    struct us_piece *p;

    if (!with)
        return;
    from = with->from;
    for (i = run->x->islands; i; i = p->then) {
        p = us_piece(run->pool, i);
        if (p->from == from && p->to == n->from)
            p->to = n->to;
    }
    n->from = from;
}

uint32_t us_stored_joined(const struct us_run *run, uint32_t at)
{
    const struct us_piece *with = ends_at(run, at);

    return with && run->r->overlap == NFL_TCP_LINUX ? with->from : at;
}

static void insert(struct us_run *run, uint32_t n)
{
    uint32_t *link = &run->x->islands;

    while (*link && !us_less(run->s, us_piece(run->pool, *link)->s))
        link = &us_piece(run->pool, *link)->then;
    us_piece(run->pool, n)->then = *link;
    *link = n;
    run->x->n_islands++;
}

void us_stored_add(struct us_run *run)
{
    enum us_seen seen = us_stored_seen(run);
    uint32_t n, pieces;

    if (seen == US_ALL && !gets(run)) {
        us_stored_compare(run);
        return;
    }
    pieces = (run->e - run->s + ACCOUNT + NFL_TCP_PIECE - 1) / NFL_TCP_PIECE;
    if (run->x->n_islands == NFL_TCP_ISLANDS || pieces > run->pool->left) {
        run->v->signs |= NFL_TCP_SIGN(not_kept);
        return;
    }
    if (seen != US_NONE)
        us_stored_compare(run);
    n = copied(run, pieces);
    if (seen != US_NONE)
        divide(run, n);
    if (run->r->overlap == NFL_TCP_LINUX)
        join(run, us_piece(run->pool, n));
    insert(run, n);
}

/* ---- the frontier ---- */

void us_stored_pour(struct us_run *run, bool at_front, uint8_t *to)
{
    struct nfl_tcp_side *x = run->x;
    struct nfl_tcp_pool *pool = run->pool;
    struct shared both;

    while (x->islands && !us_less(x->front, us_piece(pool, x->islands)->s)) {
        const struct us_piece *p = us_piece(pool, x->islands);
        bool loses = at_front && share(run, p, &both) && wins(run, p);
        struct runs r =
            runs_of(pool, x->islands, loses ? both.b : 0, p->e - p->s);

        while (next_run(&r))
            memcpy(to + (p->s + r.from - run->base), r.bytes, r.len);
        x->front = us_max(x->front, p->e);
        drop(pool, x, &x->islands);
    }
}

uint32_t us_stored_first(const struct nfl_tcp_pool *pool,
                         const struct nfl_tcp_side *x)
{
    return us_piece(pool, x->islands)->s;
}

const struct us_piece *us_stored_at(const struct us_run *run, uint32_t f)
{
    const struct us_piece *p;
    uint32_t i;

    for (i = run->x->islands; i; i = p->then) {
        struct runs r;

        p = us_piece(run->pool, i);
        if (us_less(f, p->s) || !us_less(f, p->e))
            continue;
        r = runs_of(run->pool, i, f - p->s, f - p->s + 1);
        if (next_run(&r))
            return p;
    }
    return NULL;
}

uint32_t us_stored_end(const struct nfl_tcp_pool *pool,
                       const struct nfl_tcp_side *x)
{
    uint32_t i = x->islands, end = us_piece(pool, i)->e;

    for (; i; i = us_piece(pool, i)->then)
        end = us_max(end, us_piece(pool, i)->e);
    return end;
}

void us_stored_cut(struct nfl_tcp_pool *pool, struct nfl_tcp_side *x,
                   uint32_t at)
{
    uint32_t *link = &x->islands;

    while (*link) {
        struct us_piece *p = us_piece(pool, *link);

        if (us_less(at, p->e) && us_less(p->s, at)) {
            lose(pool, *link, at - p->s, p->e - p->s);
            p->e = at;
        } else if (us_less(at, p->e)) {
            p->left = 0;
        }
        if (p->left)
            link = &p->then;
        else
            drop(pool, x, link);
    }
}

void us_stored_forget(struct nfl_tcp_pool *pool, struct nfl_tcp_side *x)
{
    while (x->islands)
        drop(pool, x, &x->islands);
}
