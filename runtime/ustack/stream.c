/* A side's stream: what of a payload is new, and how far it goes. */
#include "ustack/stream.h"

static enum us_seen seen(const struct us_run *run)
{
    return us_stores(run->t, run->x) ? us_stored_seen(run) : us_range_seen(run);
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
    x->next = us_max(x->next, run->e);
    if (run->s == x->front)
        return;
    sign(run, NFL_TCP_SIGN(out_of_order));
    us_early(run);
    nothing(run);
}

void us_payload(struct us_run *run)
{
    const struct nfl_tcp_side *x = run->x;

    if (x->known & US_FIN && us_less(x->fin, run->e)) {
        sign(run, NFL_TCP_SIGN(after_fin));
        run->e = us_max(run->s, x->fin);
    }
    if (run->e - run->s <= 1 && !(run->h.flags & 1) && run->s + 1 == x->front) {
        sign(run, NFL_TCP_SIGN(keep_alive));
        nothing(run);
    }
    if (run->e != run->s)
        look(run);
}

bool us_beyond(const struct us_run *run, uint32_t f)
{
    const struct nfl_tcp_side *x = run->x;

    if (us_less(f, x->front))
        return true;
    if (!x->n_islands)
        return false;
    return us_less(f, us_stores(run->t, x) ? us_stored_end(run->pool, x)
                                           : us_range_end(run->pool, x));
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
    if (to == x->front)
        return;
    sign(run, NFL_TCP_SIGN(gap));
    run->v->gap = to - x->front;
    x->offset += to - x->front;
    x->front = to;
    us_kept_forget(run->pool, x);
}

/* The new bytes are all in the packet, or the packet's are poured together
 * with those of islands. */
static void pour(struct us_run *run, bool at_front)
{
    struct nfl_tcp_side *x = run->x;
    uint8_t *to = run->scratch + run->r->keep;

    if (at_front && (!x->n_islands || us_less(run->e, first_island(run)))) {
        run->v->fresh = run->data;
        x->front = run->e;
        return;
    }
    run->v->fresh = to;
    run->came = x->front;
    if (at_front) {
        us_stored_compare(run);
        memcpy(to, run->data, run->e - run->s);
        x->front = run->e;
    }
    us_stored_pour(run, at_front, to);
}

/* There are bytes at the frontier. */
static void advance(struct us_run *run, bool at_front)
{
    struct nfl_tcp_side *x = run->x;
    uint32_t from = x->front, n;

    if (us_stores(run->t, x)) {
        pour(run, at_front);
    } else {
        x->front = at_front ? run->e : from;
        us_range_pass(run->pool, x);
    }
    n = x->front - from;
    sign(run, NFL_TCP_SIGN(ready));
    run->v->fresh_offset = x->offset;
    run->v->fresh_len = n;
    us_kept_grow(run, run->v->fresh, n);
    x->offset += n;
    x->next = us_max(x->next, x->front);
}

void us_move_on(struct us_run *run)
{
    struct nfl_tcp_side *x = run->x;
    bool at_front = run->s != run->e;
    bool at_island = x->n_islands && first_island(run) == x->front;

    if (!at_front && !at_island && us_less(x->front, x->acked)) {
        gap(run);
        at_island = x->n_islands && first_island(run) == x->front;
    }
    run->v->fresh_offset = x->offset;
    if (at_front || at_island)
        advance(run, at_front);
    if (x->known & US_FIN && x->front == x->fin) {
        x->front++;
        sign(run, NFL_TCP_SIGN(end));
    }
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
    if (us_stores(t, x))
        us_stored_forget(pool, x);
    else
        us_range_forget(pool, x);
    us_kept_forget(pool, x);
}
