/* Bytes that are remembered until the receiver has them: LANGUAGE.md, "Bytes
 * that are not acknowledged". */
#include "base/mem.h"
#include "interp/tcp_side.h"
#include <string.h>

void tcp_stream_unlearn(struct tcp_stream *s)
{
    s->pool->left += s->unacked_pieces;
    s->unacked_pieces = 0;
    s->unacked_at = s->unacked_end = 0;
}

/* Only the bytes [from, to) are remembered. False, and nothing changed: they
 * are too many. */
static bool learn(struct tcp_stream *s, uint64_t from, uint64_t to)
{
    uint64_t pieces = (to + TCP_PIECE - 1) / TCP_PIECE - from / TCP_PIECE;

    if (to - from > s->rules->unacked ||
        pieces > s->unacked_pieces + s->pool->left)
        return false;
    s->pool->left += s->unacked_pieces;
    s->pool->left -= pieces;
    s->unacked_pieces = pieces;
    if (s->unacked_at < from)
        memmove(s->unacked, s->unacked + (from - s->unacked_at), to - from);
    s->unacked_at = from;
    s->unacked_end = to;
    return true;
}

static bool is_known(const struct tcp_stream *s, uint64_t at, uint64_t end)
{
    return at >= s->unacked_at && at < s->unacked_end && at < end;
}

/* The payload's byte at a place in the stream, against what is remembered. */
static bool differs(const struct tcp_look *l, int64_t place, uint64_t at)
{
    const struct tcp_stream *s = &l->x->stream;

    return l->bytes[(int64_t)at - place] != s->unacked[at - s->unacked_at];
}

static void conflict(struct tcp_look *l, int64_t place, uint64_t at,
                     uint64_t end)
{
    struct tcp_stream *s = &l->x->stream;
    uint32_t n = 0;

    while (is_known(s, at + n, end) && differs(l, place, at + n))
        n++;
    s->conflict = n;
    s->was = mem_resized(s->was, n, 1);
    s->now = mem_resized(s->now, n, 1);
    memcpy(s->was, s->unacked + (at - s->unacked_at), n);
    memcpy(s->now, l->bytes + ((int64_t)at - place), n);
}

/* What the packet should have had of [at, end). */
static void mend(struct tcp_look *l, int64_t place, uint64_t at, uint64_t end)
{
    struct tcp_stream *s = &l->x->stream;

    if (at < s->unacked_at)
        at = s->unacked_at;
    if (end > s->unacked_end)
        end = s->unacked_end;
    s->mended_at = (uint32_t)((int64_t)at - place);
    s->mended_len = (uint32_t)(end - at);
    s->mended = mem_resized(s->mended, s->mended_len, 1);
    memcpy(s->mended, s->unacked + (at - s->unacked_at), s->mended_len);
}

/* Does what it has of old bytes count? */
static bool is_again(const struct tcp_look *l)
{
    const uint64_t anomalies = ((uint64_t)1 << 32) - ((uint64_t)1 << 12);

    return !tcp_has(l, TCP_SYN) && l->x->stream.watched &&
           (l->signs & (TCP_SIGN(retransmission) | TCP_SIGN(overlap))) &&
           !(l->signs & anomalies & ~TCP_SIGN(urgent));
}

/* Step 2, of a payload of n bytes; what was before front came before. */
static void compare(struct tcp_look *l, uint32_t n, uint64_t front)
{
    struct tcp_stream *s = &l->x->stream;
    int64_t place = tcp_position(l->x, l->h.seq), stop = place + n;
    uint64_t at = place > 0 ? (uint64_t)place : 0, end = front, i;
    bool same = true;

    if (stop <= 0 || !is_again(l))
        return;
    if ((uint64_t)stop < end)
        end = (uint64_t)stop;
    for (i = at; i < end && same; i++)
        same = !is_known(s, i, end) || !differs(l, place, i);
    if (same)
        return;
    if (!(l->signs & TCP_SIGN(conflict)))
        conflict(l, place, i - 1, end);
    mend(l, place, at, end);
    tcp_sign(l, TCP_SIGN(conflict));
}

/* Steps 3 and 4. */
static void forget(struct tcp_side *x)
{
    struct tcp_stream *s = &x->stream;
    int64_t acked = tcp_position(x, x->acked);

    if (s->unacked_at == s->unacked_end || acked <= (int64_t)s->unacked_at)
        return;
    if (acked >= (int64_t)s->unacked_end)
        tcp_stream_unlearn(s);
    else
        learn(s, (uint64_t)acked, s->unacked_end);
}

static void add(struct tcp_look *l)
{
    struct tcp_stream *s = &l->x->stream;
    uint64_t from = s->unacked_at, old = s->unacked_end;

    if (old == from)
        from = old = s->unacked_at = s->fresh;
    s->unacked = mem_resized(s->unacked, s->front - from, 1);
    memcpy(s->unacked + (s->fresh - from), s->bytes + (s->fresh - s->bytes_at),
           s->front - s->fresh);
    if (!learn(s, from, s->front) && !learn(s, s->fresh, s->front))
        tcp_stream_unlearn(s);
}

void tcp_unacked(struct tcp_look *l, uint32_t payload, uint64_t front)
{
    struct tcp *t = l->t;

    for (unsigned i = 0; i < 2; i++) {
        struct tcp_stream *s = &t->side[i].stream;
        bool gap = &t->side[i] == l->x && (l->signs & TCP_SIGN(gap));

        if (!s->watched || s->anew || s->renewed || gap)
            tcp_stream_unlearn(s);
        s->anew = false;
    }
    if (!t->rules->unacked)
        return;
    compare(l, payload, front);
    forget(&t->side[0]);
    forget(&t->side[1]);
    if (l->x->stream.watched && l->moved)
        add(l);
}
