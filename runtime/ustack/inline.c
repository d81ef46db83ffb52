/* Which segments wait in front of an inline chain, and the changes of what its
 * streams say: <nfl/tcp_inline.h>. */
#include <nfl/tcp_inline.h>

#include "ustack/stream.h"

enum { FAR = 1 << 30 };
enum { ACK = 8, WINDOW = 14, SUM = 16, HEADER = 20, HEADER_MAX = 60 };
enum { END_OF_LIST = 0, NO_OPERATION = 1, TIMESTAMPS = 8 };

/* ---- who must wait ---- */

static bool is_open(const struct nfl_tcp_side *x)
{
    return x->state >= NFL_TCP_SYN_SENT && x->state <= NFL_TCP_TIME_WAIT;
}

/* All before it was seen: front, or behind the bytes of a SYN, which move it
 * with the next segment. */
static uint32_t reach(const struct nfl_tcp_pool *pool,
                      const struct nfl_tcp_side *x, unsigned from)
{
    const struct us_piece *first;

    if (!(x->way >> from & 1) || !x->n_islands)
        return x->front;
    first = us_piece(pool, x->islands);
    return first->s == x->front ? first->e : x->front;
}

bool nfl_tcp_is_early(const struct nfl_tcp *t, const struct nfl_tcp_pool *pool,
                      unsigned from, unsigned watch, uint32_t seq,
                      uint32_t payload)
{
    const struct nfl_tcp_side *x = &t->side[from], *y = &t->side[!from];

    if (!(watch >> from & 1) || !is_open(x) || !(x->known & US_SYNCED) ||
        !(y->known & US_SYNCED) || x->way & NFL_TCP_FIN)
        return false;
    if (!us_less(x->acked, seq) || !us_less(reach(pool, x, from), seq) ||
        seq - x->front > FAR)
        return false;
    return !(x->known & US_EDGE) || us_less(seq, x->edge) ||
           (seq == x->edge && !payload);
}

/* Where the TSval of a header is; 0: it has none. */
static uint32_t stamp_at(const uint8_t *tcp, uint32_t header)
{
    uint32_t at = HEADER, found = 0;

    while (at < header && tcp[at] != END_OF_LIST) {
        if (tcp[at] == NO_OPERATION) {
            at++;
            continue;
        }
        if (at + 1 >= header || tcp[at + 1] < 2 || tcp[at + 1] > header - at)
            break;
        if (tcp[at] == TIMESTAMPS && tcp[at + 1] == 10)
            found = at + 2;
        at += tcp[at + 1];
    }
    return found;
}

static uint32_t word_at(const uint8_t *tcp, uint32_t at)
{
    return (uint32_t)(tcp[at] << 8 | tcp[at + 1]);
}

static void put32(uint8_t *p, uint32_t v)
{
    p[0] = (uint8_t)(v >> 24);
    p[1] = (uint8_t)(v >> 16);
    p[2] = (uint8_t)(v >> 8);
    p[3] = (uint8_t)v;
}

/* RFC 1624, eqn. 3, of the words that are not as they were. */
static void mend_sum(uint8_t *tcp, const uint8_t *was, uint32_t header)
{
    uint32_t sum = ~word_at(tcp, SUM) & 0xffff, i;

    for (i = 0; i < header; i += 2)
        if (word_at(was, i) != word_at(tcp, i))
            sum += (~word_at(was, i) & 0xffff) + word_at(tcp, i);
    sum = (sum & 0xffff) + (sum >> 16);
    sum = ~((sum & 0xffff) + (sum >> 16)) & 0xffff;
    tcp[SUM] = (uint8_t)(sum >> 8);
    tcp[SUM + 1] = (uint8_t)sum;
}

void nfl_tcp_renew(const struct nfl_tcp *t, unsigned from, uint8_t *tcp,
                   uint32_t header)
{
    const struct nfl_tcp_side *x = &t->side[from], *y = &t->side[!from];
    uint32_t at = stamp_at(tcp, header), window;
    uint8_t was[HEADER_MAX];

    if ((x->way | y->way) & NFL_TCP_SIGNED)
        return;
    memcpy(was, tcp, header);
    if (us_less(nfl_tcp_get32(tcp + ACK), y->acked) &&
        x->window != US_NO_WINDOW) {
        put32(tcp + ACK, y->acked);
        window = x->window >> (x->scale == US_NO_SCALE ? 0 : x->scale);
        tcp[WINDOW] = (uint8_t)(window >> 8);
        tcp[WINDOW + 1] = (uint8_t)window;
    }
    if (at && x->way & NFL_TCP_STAMPS && x->ts_recent &&
        (int32_t)(x->ts_recent - nfl_tcp_get32(tcp + at)) > 0)
        put32(tcp + at, x->ts_recent);
    mend_sum(tcp, was, header);
}

int64_t nfl_tcp_place(const struct nfl_tcp *t, unsigned side, uint32_t seq)
{
    const struct nfl_tcp_side *x = &t->side[side];
    int64_t place = (int64_t)x->offset + (int32_t)(seq - x->front);

    /* A FIN is no byte. */
    return place + (x->known & US_FIN && us_less(x->fin, x->front));
}

/* ---- changes ---- */

/* In front of its bytes, in its first piece; those of a side in order. */
struct change {
    uint64_t offset;
    uint32_t next; /* 0: the last */
    uint16_t n;
    uint8_t by;
};
_Static_assert(sizeof(struct change) == 16, "as the language says");

static struct change *change_at(const struct nfl_tcp_pool *pool, uint32_t i)
{
    return (struct change *)(void *)us_bytes(pool, i);
}

static uint32_t pieces_of(uint32_t n)
{
    return (uint32_t)(n + sizeof(struct change) + NFL_TCP_PIECE - 1) /
           NFL_TCP_PIECE;
}

/* A run of bytes of a change that lie in one piece. */
struct run {
    uint32_t piece, in; /* where they are */
    uint32_t n;
};

static struct run first_run(uint32_t first, uint32_t n)
{
    const uint32_t room = NFL_TCP_PIECE - sizeof(struct change);

    return (struct run){first, sizeof(struct change), n < room ? n : room};
}

static struct run next_run(const struct nfl_tcp_pool *pool, struct run r,
                           uint32_t left)
{
    return (struct run){us_piece(pool, r.piece)->next, 0,
                        left < NFL_TCP_PIECE ? left : NFL_TCP_PIECE};
}

bool nfl_tcp_change(struct nfl_inline *l, struct nfl_tcp_pool *pool,
                    unsigned side, unsigned by, uint64_t offset,
                    const uint8_t *bytes, uint32_t n)
{
    uint32_t *link = &l->changes[side], first, last;
    struct run r;

    if (n > NFL_TCP_CHANGE_MAX || l->n_changes[side] == NFL_TCP_CHANGES ||
        pieces_of(n) > pool->left)
        return false;
    first = us_take(pool, pieces_of(n), &last);
    *change_at(pool, first) =
        (struct change){.offset = offset, .n = (uint16_t)n, .by = (uint8_t)by};
    for (r = first_run(first, n); n > 0; r = next_run(pool, r, n)) {
        memcpy(us_bytes(pool, r.piece) + r.in, bytes, r.n);
        bytes += r.n;
        n -= r.n;
    }
    while (*link)
        link = &change_at(pool, *link)->next;
    *link = first;
    l->n_changes[side]++;
    return true;
}

/* The part of [at, at + n), which is `from`, that lies in [offset, offset +
 * len). */
static void overlay(int64_t at, const uint8_t *from, uint32_t n, int64_t offset,
                    uint8_t *bytes, uint32_t len)
{
    int64_t s = at > offset ? at : offset,
            e = at + n < offset + len ? at + n : offset + len;

    if (s < e)
        memcpy(bytes + (s - offset), from + (s - at), (size_t)(e - s));
}

void nfl_tcp_changed(const struct nfl_inline *l,
                     const struct nfl_tcp_pool *pool, unsigned side,
                     uint64_t nfs, int64_t offset, uint8_t *bytes, uint32_t len)
{
    const struct change *c;
    uint32_t i, left;
    struct run r;
    int64_t at;

    for (i = l->changes[side]; i; i = c->next) {
        c = change_at(pool, i);
        if (!(nfs >> c->by & 1))
            continue;
        at = (int64_t)c->offset;
        left = c->n;
        for (r = first_run(i, left); left > 0; r = next_run(pool, r, left)) {
            overlay(at, us_bytes(pool, r.piece) + r.in, r.n, offset, bytes,
                    len);
            at += r.n;
            left -= r.n;
        }
    }
}

struct nfl_tcp_bytes nfl_tcp_bytes_changed(const struct nfl_inline *l,
                                           const struct nfl_tcp_pool *pool,
                                           const struct nfl_tcp_rules *r,
                                           struct nfl_tcp_view *v,
                                           struct nfl_tcp_bytes b, uint64_t nfs,
                                           unsigned nf)
{
    uint8_t *own = v->scratch + nfl_tcp_scratch(r);

    if (v->changed_for != nf + 1 && b.len) {
        memcpy(own, b.p, b.len);
        nfl_tcp_changed(l, pool, v->from, nfs, (int64_t)b.offset, own, b.len);
    }
    v->changed_for = nf + 1;
    b.p = own;
    return b;
}

/* Those that end at or before the place. */
static void give_up(struct nfl_inline *l, struct nfl_tcp_pool *pool,
                    unsigned side, int64_t before)
{
    uint32_t *link = &l->changes[side], i;

    while ((i = *link) != 0) {
        struct change *c = change_at(pool, i);

        if ((int64_t)c->offset + c->n > before) {
            link = &c->next;
            continue;
        }
        *link = c->next;
        l->n_changes[side]--;
        us_give(pool, i, pieces_of(c->n));
    }
}

void nfl_tcp_changes_settle(struct nfl_inline *l, const struct nfl_tcp *t,
                            struct nfl_tcp_pool *pool)
{
    unsigned side;

    for (side = 0; side < 2; side++) {
        const struct nfl_tcp_side *x = &t->side[side];
        int64_t before, kept = (int64_t)x->offset - x->kept_len;

        if (!l->n_changes[side])
            continue;
        before = nfl_tcp_place(t, side, x->acked);
        if (x->known & US_KEEPS && kept < before)
            before = kept;
        give_up(l, pool, side, before);
    }
}

void nfl_tcp_changes_end(struct nfl_inline *l, struct nfl_tcp_pool *pool)
{
    give_up(l, pool, 0, INT64_MAX);
    give_up(l, pool, 1, INT64_MAX);
}
