/* A side's stream: what of a payload is new, and how far it goes. */
#include "ustack/stream.h"

static enum us_seen seen(const struct us_run *run)
{
    return us_stores(run->t, run->x) ? us_stored_seen(run) : us_range_seen(run);
}

static void forget_islands(struct nfl_tcp *t, struct nfl_tcp_pool *pool,
                           struct nfl_tcp_side *x)
{
    if (us_stores(t, x))
        us_stored_forget(pool, x);
    else
        us_range_forget(pool, x);
}

static void sign(struct us_run *run, uint64_t signs)
{
    run->v->signs |= signs;
}

void us_early(struct us_run *run)
{
    if (run->e - run->x->front > run->r->ahead)
        sign(run, NFL_TCP_SIGN(not_kept));
    else if (us_stores(run->t, run->x))
        us_stored_add(run);
    else
        us_range_add(run);
}

/* Nothing of the payload is looked at. */
static void nothing(struct us_run *run)
{
    run->e = run->s;
}

/* What lies before the frontier was seen. False: nothing is left. */
static bool cut_front(struct us_run *run)
{
    uint32_t front = run->x->front;

    if (!us_less(front, run->e)) {
        sign(run, NFL_TCP_SIGN(retransmission));
        nothing(run);
        return false;
    }
    if (us_less(run->s, front)) {
        sign(run, NFL_TCP_SIGN(overlap));
        run->data += front - run->s;
        run->s = front;
    }
    return true;
}

static void look(struct us_run *run)
{
    struct nfl_tcp_side *x = run->x;

    x->next = us_max(x->next, run->e);
    if (!cut_front(run))
        return;
    if (x->n_islands)
        switch (seen(run)) {
        case US_SOME:
            sign(run, NFL_TCP_SIGN(overlap));
            break;
        case US_ALL:
            sign(run, NFL_TCP_SIGN(retransmission));
            break;
        case US_NONE:
            break;
        }
    if (run->s == x->front)
        return;
    sign(run, NFL_TCP_SIGN(out_of_order));
    us_early(run);
    nothing(run);
}

/* Bytes at the FIN or behind it. One that counts ends the stream; one that came
 * early is a segment like others, which these may replace: hosts drop it. */
static bool behind_fin(struct us_run *run)
{
    const struct nfl_tcp_side *x = run->x;

    if (run->s == run->e || !(x->known & US_FIN) || !us_less(x->fin, run->e))
        return false;
    sign(run, NFL_TCP_SIGN(after_fin));
    if (x->way & NFL_TCP_FIN) {
        run->e = us_max(run->s, x->fin);
        return false;
    }
    return us_stores(run->t, x) &&
           us_wins(run->r, us_max(run->s, x->front), run->e,
                   run->t->fin_from[x - run->t->side], x->fin + 1);
}

void us_payload(struct us_run *run)
{
    struct nfl_tcp_side *x = run->x;
    bool replaces = behind_fin(run);

    if (run->e - run->s <= 1 && !(run->h.flags & 1) && run->s + 1 == x->front) {
        sign(run, NFL_TCP_SIGN(keep_alive));
        nothing(run);
    }
    if (run->e != run->s)
        look(run);
    if (replaces && !(run->v->signs & NFL_TCP_SIGN(not_kept)))
        x->known &= (uint8_t)~US_FIN;
}

bool us_forbids(const struct us_run *run, uint32_t f)
{
    const struct nfl_tcp_side *x = run->x;
    const struct us_piece *p;

    if (!x->n_islands)
        return false;
    if (!us_stores(run->t, x))
        return us_range_has(run, f);
    p = us_stored_at(run, f);
    return p && !us_wins(run->r, us_max(run->h.seq, run->came), f + 1, p->from,
                         p->to);
}

uint32_t us_joined(const struct us_run *run, uint32_t at)
{
    return run->x->n_islands && us_stores(run->t, run->x)
               ? us_stored_joined(run, at)
               : at;
}

static uint32_t first_island(const struct us_run *run)
{
    return us_stores(run->t, run->x) ? us_stored_first(run->pool, run->x)
                                     : us_range_first(run->pool, run->x);
}

/* The peer has what was never seen here. */
static void gap(struct us_run *run)
{
    struct nfl_tcp_side *x = run->x;
    uint32_t to = x->acked;

    if (x->n_islands)
        to = us_min(to, first_island(run));
    if (x->known & US_FIN)
        to = us_min(to, x->fin);
    sign(run, NFL_TCP_SIGN(gap));
    run->v->gap = to - x->front;
    x->offset += to - x->front;
    x->front = run->base = to;
    us_kept_forget(run->pool, x);
}

/* The new bytes are all in the packet, or the packet's are poured together
 * with those of islands. */
static void pour(struct us_run *run, bool at_front)
{
    struct nfl_tcp_side *x = run->x;
    uint8_t *to = run->scratch + run->r->keep;

    if (at_front && run->base == x->front &&
        (!x->n_islands || us_less(run->e, first_island(run)))) {
        run->v->fresh = run->data;
        x->front = run->e;
        return;
    }
    run->v->fresh = to;
    if (at_front) {
        us_stored_compare(run);
        memcpy(to + (run->s - run->base), run->data, run->e - run->s);
        x->front = run->e;
    }
    us_stored_pour(run, at_front, to);
}

/* There are bytes at the frontier. */
static void advance(struct us_run *run, bool at_front)
{
    struct nfl_tcp_side *x = run->x;

    if (us_stores(run->t, x)) {
        pour(run, at_front);
    } else {
        x->front = at_front ? run->e : x->front;
        us_range_pass(run->pool, x);
    }
    if (x->known & US_FIN)
        x->front = us_min(x->front, x->fin);
    sign(run, NFL_TCP_SIGN(ready));
}

/* The frontier has reached the FIN: nothing behind it is the stream's. */
static void end(struct us_run *run)
{
    struct nfl_tcp_side *x = run->x;

    sign(run, NFL_TCP_SIGN(end));
    us_fin_counts(run, x);
    forget_islands(run->t, run->pool, x);
    x->front++;
}

static bool at_fin(const struct nfl_tcp_side *x)
{
    return x->known & US_FIN && x->front == x->fin;
}

/* Has it passed the FIN, so that what was sent behind it is not its own? */
static bool is_over(const struct nfl_tcp_side *x)
{
    return x->known & US_FIN && us_less(x->fin, x->front);
}

static bool at_island(const struct us_run *run)
{
    return run->x->n_islands && first_island(run) == run->x->front;
}

void us_syn_moves(struct us_run *run)
{
    run->base = run->x->front;
    if (at_island(run) && !at_fin(run->x))
        advance(run, false);
}

void us_move_on(struct us_run *run)
{
    struct nfl_tcp_side *x = run->x;
    bool at_front = run->s != run->e;
    uint32_t n;

    if (!at_fin(x) && !is_over(x) && !at_front && !at_island(run) &&
        x->front == run->base && us_less(x->front, x->acked))
        gap(run);
    if (!at_fin(x) && (at_front || at_island(run)))
        advance(run, at_front);
    n = x->front - run->base;
    run->v->fresh_offset = x->offset;
    run->v->fresh_len = n;
    if (at_fin(x))
        end(run);
    if (n)
        us_kept_grow(run, run->v->fresh, n);
    x->offset += n;
}

void us_cut(struct us_run *run, struct nfl_tcp_side *x, uint32_t at)
{
    if (us_stores(run->t, x))
        us_stored_cut(run->pool, x, at);
    else
        us_range_cut(run->pool, x, at);
}

void us_forget(struct nfl_tcp *t, struct nfl_tcp_pool *pool,
               struct nfl_tcp_side *x)
{
    forget_islands(t, pool, x);
    us_kept_forget(pool, x);
}
