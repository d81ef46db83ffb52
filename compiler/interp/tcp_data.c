/* Segments of an open connection: which count, their windows, acknowledgements,
 * bytes and FINs. LANGUAGE.md, "The TCP monitor". */
#include "interp/tcp_side.h"

enum { SLACK = 1 /* Linux takes a timestamp that is older by so much */ };

/* RFC 9293, figure 5, as one sees it from between. */
void tcp_step(struct tcp_side *s, enum tcp_seen seen)
{
    static const struct {
        enum tcp_state from;
        enum tcp_seen seen;
        enum tcp_state to;
    } rows[] = {
        {SYN_SENT, GOT_SYN, SYN_RCVD},       {SYN_SENT, SYN_ACKED, ESTABLISHED},
        {SYN_RCVD, SYN_ACKED, ESTABLISHED},  {SYN_RCVD, SENT_FIN, FIN_WAIT_1},
        {ESTABLISHED, SENT_FIN, FIN_WAIT_1}, {CLOSE_WAIT, SENT_FIN, LAST_ACK},
        {SYN_RCVD, GOT_FIN, CLOSE_WAIT},     {ESTABLISHED, GOT_FIN, CLOSE_WAIT},
        {FIN_WAIT_1, GOT_FIN, CLOSING},      {FIN_WAIT_2, GOT_FIN, TIME_WAIT},
        {FIN_WAIT_1, FIN_ACKED, FIN_WAIT_2}, {CLOSING, FIN_ACKED, TIME_WAIT},
        {LAST_ACK, FIN_ACKED, CLOSED},
    };

    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (rows[i].from == s->state && rows[i].seen == seen) {
            s->state = rows[i].to;
            return;
        }
}

void tcp_announce(struct tcp_side *s, uint32_t window)
{
    s->has_window = true;
    s->window = window;
    if (window > s->widest)
        s->widest = window;
}

void tcp_stamp(struct tcp_side *s, uint32_t stamp)
{
    s->has_stamp = stamp != 0;
    s->stamp = stamp;
}

uint64_t tcp_place(const struct tcp_side *s, uint32_t seq)
{
    return s->stream.front + (seq - s->front);
}

int64_t tcp_position(const struct tcp_side *s, uint32_t seq)
{
    bool over = s->fin_counts && tcp_less(s->fin, s->front);

    return (int64_t)s->stream.front + (int32_t)(seq - s->front) + over;
}

/* ---- which other segments count ---- */

static bool old_stamp(const struct tcp_look *l)
{
    return l->t->stamps && l->h.has_stamp && l->x->has_stamp &&
           (int32_t)(l->x->stamp - l->h.stamp) > SLACK;
}

/* All of it was acknowledged before: hosts look at nothing of it, as its
 * timestamp. */
static bool is_old(struct tcp_look *l)
{
    const struct tcp_side *x = l->x;
    uint32_t length = l->payload + tcp_has(l, TCP_FIN);
    uint32_t end = l->h.seq + length;

    if (!tcp_less(end, x->acked) || tcp_less(x->front, end) ||
        x->front - l->h.seq > TCP_FAR)
        return false;
    if (length)
        tcp_sign(l, TCP_SIGN(retransmission));
    else if (l->h.seq == x->front - 1)
        tcp_sign(l, TCP_SIGN(keep_alive));
    return true;
}

/* Within the window? A probe of a full one loses its payload. */
static bool in_window(struct tcp_look *l)
{
    const struct tcp_side *x = l->x;
    uint32_t seq = l->h.seq;

    if ((tcp_less(seq, x->front) ? x->front - seq : seq - x->front) > TCP_FAR)
        return false;
    if (!x->has_edge)
        return true;
    if (!l->payload)
        return !tcp_less(x->edge, seq);
    if (tcp_less(seq, x->edge))
        return true;
    if (seq != x->edge || seq != x->front || l->payload > 1 ||
        tcp_has(l, TCP_FIN))
        return false;
    tcp_sign(l, TCP_SIGN(window_probe));
    l->x->next = tcp_less(x->next, seq + 1) ? seq + 1 : x->next;
    l->payload = 0;
    return true;
}

/* RFC 5961, 5.2: neither what was not sent, nor what is older than a window. */
static bool ack_fits(const struct tcp_look *l)
{
    const struct tcp_side *y = l->y;
    int64_t acked = (int64_t)y->stream.front + (int32_t)(y->acked - y->front);
    uint32_t ago = y->acked - l->h.ack;

    if (tcp_less(y->next, l->h.ack))
        return false;
    if (!tcp_less(l->h.ack, y->acked))
        return true;
    if (!y->has_syn || !(y->syn.flags & TCP_ACK))
        acked++; /* its SYN: Linux counts that of who opened */
    return ago <= l->x->widest && ago <= acked;
}

static void look_at_window(struct tcp_look *l)
{
    struct tcp_side *x = l->x, *y = l->y;
    uint32_t window = l->h.window << x->scale, edge = l->h.ack + window;
    bool same = x->has_window && window == x->window;

    if (!window)
        tcp_sign(l, TCP_SIGN(zero_window));
    if (!l->payload && !tcp_has(l, TCP_FIN) && l->h.ack == y->acked &&
        y->state != SYN_RCVD && x->has_window) {
        if (same && tcp_less(l->h.ack, y->next))
            tcp_sign(l, TCP_SIGN(duplicate_ack));
        else if (!same)
            tcp_sign(l, TCP_SIGN(window_update));
    }
    tcp_announce(x, window);
    if (tcp_less(y->acked, l->h.ack))
        y->acked = l->h.ack;
    if (!y->has_edge || tcp_less(y->edge, edge))
        y->edge = edge;
    y->has_edge = true;
}

static void look_at_stamp(struct tcp_look *l)
{
    struct tcp_side *x = l->x;

    if (!l->t->stamps || !l->h.has_stamp || tcp_less(x->acked, l->h.seq) ||
        (x->has_stamp && (int32_t)(x->stamp - l->h.stamp) > 0))
        return;
    tcp_stamp(x, l->h.stamp);
}

static void got_fin(struct tcp_side *sender, struct tcp_side *receiver)
{
    if (!sender->fin_got)
        tcp_step(receiver, GOT_FIN);
    sender->fin_got = true;
}

static void fin_counts(struct tcp_look *l, struct tcp_side *sender)
{
    if (sender->fin_counts)
        return;
    sender->fin_counts = true;
    tcp_step(sender, SENT_FIN);
    if (!l->x->fin_counts || !l->y->fin_counts)
        tcp_sign(l, TCP_SIGN(half_closed));
}

static void acknowledge(struct tcp_look *l)
{
    struct tcp_side *x = l->x, *y = l->y;

    if (y->state == SYN_RCVD && tcp_less(y->isn, l->h.ack)) {
        tcp_step(y, SYN_ACKED);
        if (x->state >= ESTABLISHED)
            tcp_sign(l, TCP_SIGN(established));
    }
    if (!y->has_fin || y->fin_acked || !tcp_less(y->fin, l->h.ack))
        return;
    y->fin_acked = true;
    fin_counts(l, y);
    tcp_step(y, FIN_ACKED);
    got_fin(y, x);
    if (x->fin_acked)
        tcp_sign(l, TCP_SIGN(terminate));
}

/* ---- payload, FIN, and the stream ---- */

static void sent_up_to(struct tcp_side *x, uint32_t end)
{
    if (tcp_less(x->next, end))
        x->next = end;
}

/* Behind the sender's FIN? One that does not count yet may lose its place. */
static uint32_t cut_at_fin(struct tcp_look *l, uint32_t s, uint32_t e)
{
    struct tcp_side *x = l->x;

    if (e == s || !x->has_fin || !tcp_less(x->fin, e))
        return e;
    tcp_sign(l, TCP_SIGN(after_fin));
    if (!x->fin_counts)
        return e;
    return tcp_less(x->fin, s) ? s : x->fin;
}

/* The bytes [s, e), none of them before front. */
static void store(struct tcp_look *l, uint32_t s, uint32_t e)
{
    struct tcp_side *x = l->x;
    uint64_t at = tcp_place(x, s), end = at + (e - s), signs;
    bool beats = x->has_fin && !x->fin_counts && tcp_less(x->fin, e) &&
                 tcp_stream_wins(&x->stream, at, end, x->fin_from,
                                 tcp_place(x, x->fin) + 1);
    uint32_t known = tcp_stream_known(&x->stream, at, e - s);

    if (known == e - s)
        tcp_sign(l, TCP_SIGN(retransmission));
    else if (known)
        tcp_sign(l, TCP_SIGN(overlap));
    if (tcp_less(x->front, s))
        tcp_sign(l, TCP_SIGN(out_of_order));
    signs =
        tcp_stream_put(&x->stream, at, l->bytes + (s - l->h.seq), e - s, false);
    tcp_sign(l, signs);
    if (beats && !(signs & TCP_SIGN(not_kept)))
        x->has_fin = false;
}

/* Where the segment begins, or front. */
static uint64_t first_place(const struct tcp_look *l)
{
    const struct tcp_side *x = l->x;

    return tcp_place(x, tcp_less(l->h.seq, x->front) ? x->front : l->h.seq);
}

static void payload(struct tcp_look *l)
{
    struct tcp_side *x = l->x;
    uint32_t s = l->h.seq, e = cut_at_fin(l, s, s + l->payload);

    if (e - s <= 1 && !tcp_has(l, TCP_FIN) && s == x->front - 1) {
        tcp_sign(l, TCP_SIGN(keep_alive));
        return;
    }
    if (e == s)
        return;
    sent_up_to(x, e);
    if (!tcp_less(x->front, e)) {
        tcp_sign(l, TCP_SIGN(retransmission));
        return;
    }
    if (tcp_less(s, x->front)) {
        tcp_sign(l, TCP_SIGN(overlap));
        s = x->front;
    }
    store(l, s, e);
}

/* A FIN at the number f, of a segment whose place begins at `from`. */
static void fin(struct tcp_look *l, uint32_t f, uint64_t from)
{
    struct tcp_side *x = l->x;
    uint64_t own = first_place(l), at = tcp_place(x, f);

    if (x->fin_counts && f == x->fin) {
        if (!tcp_less(x->front, f))
            tcp_sign(l, TCP_SIGN(retransmission));
        return;
    }
    if (x->fin_counts || tcp_less(f, x->front) ||
        (x->has_fin && tcp_less(x->fin, f))) {
        tcp_sign(l, TCP_SIGN(bad_fin));
        return;
    }
    if (tcp_stream_known(&x->stream, at, 1) &&
        !tcp_stream_beats(&x->stream, own, at + 1, at)) {
        tcp_sign(l, TCP_SIGN(bad_fin));
        return;
    }
    if (x->has_fin && x->fin == f &&
        !tcp_stream_wins(&x->stream, own, at + 1, x->fin_from, at + 1))
        return;
    x->has_fin = true;
    x->fin = f;
    x->fin_from = from;
    sent_up_to(x, f + 1);
}

/* Past what is there, up to the FIN. */
static void advance(struct tcp_look *l)
{
    struct tcp_side *x = l->x;
    uint32_t moved = tcp_stream_move(
        &x->stream, x->has_fin ? tcp_place(x, x->fin) : UINT64_MAX);

    x->front += moved;
    l->moved += moved;
}

static void skip(struct tcp_look *l)
{
    struct tcp_side *x = l->x;
    uint64_t island = tcp_stream_island(&x->stream), to;

    to = tcp_place(x, x->has_fin && tcp_less(x->fin, x->acked) ? x->fin
                                                               : x->acked);
    if (island < to)
        to = island;
    l->gap = (uint32_t)(to - x->stream.front);
    x->front += l->gap;
    tcp_stream_skip(&x->stream, to);
    tcp_sign(l, TCP_SIGN(gap));
}

/* front is at the FIN. */
static void end(struct tcp_look *l)
{
    struct tcp_side *x = l->x;

    fin_counts(l, x);
    tcp_stream_forget(&x->stream);
    x->front++;
    tcp_sign(l, TCP_SIGN(end));
    got_fin(x, l->y);
}

static void move(struct tcp_look *l)
{
    struct tcp_side *x = l->x;
    bool over = x->has_fin && tcp_less(x->fin, x->front); /* the FIN passed */

    advance(l);
    if (!l->moved && tcp_less(x->front, x->acked) && !over &&
        !(x->has_fin && x->front == x->fin)) {
        skip(l);
        advance(l);
    }
    if (l->moved)
        tcp_sign(l, TCP_SIGN(ready));
    if (x->has_fin && x->front == x->fin)
        end(l);
}

void tcp_other(struct tcp_look *l)
{
    uint64_t from;

    if (!l->x->synced || !l->y->synced)
        tcp_sign(l, TCP_SIGN(before_syn));
    else if (old_stamp(l))
        tcp_sign(l, TCP_SIGN(bad_timestamp));
    else if (is_old(l))
        return;
    else if (!in_window(l))
        tcp_sign(l, TCP_SIGN(bad_sequence));
    else if (!ack_fits(l))
        tcp_sign(l, TCP_SIGN(bad_ack));
    else {
        look_at_window(l);
        look_at_stamp(l);
        acknowledge(l);
        advance(l); /* over a SYN's bytes, which the receiver has by now */
        from = tcp_stream_joined(&l->x->stream, first_place(l));
        payload(l);
        if (tcp_has(l, TCP_FIN))
            fin(l, l->h.seq + l->payload, from);
        move(l);
    }
}
