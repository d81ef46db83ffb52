/* The connection: which segments count, and what they do to it. LANGUAGE.md,
 * "The TCP monitor", step by step. */
#include "interp/tcp.h"
#include "base/mem.h"
#include "interp/tcp_head.h"
#include "interp/tcp_stream.h"
#include <stdlib.h>

enum {
    UNKNOWN_SCALE = 14,
    FAR = 1 << 30 /* no window is wider */
};

enum state {
    CLOSED,
    SYN_SENT,
    SYN_RCVD,
    ESTABLISHED,
    FIN_WAIT_1,
    FIN_WAIT_2,
    CLOSE_WAIT,
    CLOSING,
    LAST_ACK,
    TIME_WAIT
};

enum seen { GOT_SYN, SYN_ACKED, SENT_FIN, GOT_FIN, FIN_ACKED };

struct side {
    enum state state;
    bool synced;    /* its numbers are known */
    bool answered;  /* it sent a SYN with ACK that counted */
    uint32_t isn;   /* of its SYN */
    uint32_t front; /* of its stream: the next number */
    uint32_t next,
        acked;           /* behind the highest it sent; that was acknowledged */
    bool has_edge;       /* the other side's window is known */
    uint32_t edge;       /* its right edge */
    bool has_window;     /* it announced one: */
    uint32_t window;     /* the last, in bytes, */
    uint32_t widest;     /* and the widest */
    unsigned scale;      /* of what it announces */
    bool has_syn;        /* its SYN was seen: */
    struct tcp_head syn; /* options of it */
    bool has_stamp;      /* a timestamp of it counts: */
    uint32_t stamp;      /* RFC 7323: TS.Recent, at the other side */
    bool has_fin;        /* it sent a FIN: */
    uint32_t fin;        /* number of it */
    bool fin_got, fin_acked;
    struct tcp_stream stream;
};

struct tcp {
    const struct tcp_rules *rules;
    bool seen;       /* a segment that counts */
    bool stale;      /* segments passed unseen */
    bool ignored;    /* for good */
    bool stamps;     /* timestamps are looked at */
    unsigned latest; /* sender */
    struct side side[2];
};

/* A segment at work. */
struct look {
    struct tcp *t;
    struct side *x, *y; /* sender, receiver */
    struct tcp_head h;
    const uint8_t *bytes;
    uint32_t payload;
    bool reuses;
    uint64_t signs;
    uint32_t gap, moved;
};

static bool less(uint32_t a, uint32_t b)
{
    return (int32_t)(a - b) < 0;
}

static void sign(struct look *l, uint64_t signs)
{
    l->signs |= signs;
}

static bool has(const struct look *l, unsigned flags)
{
    return (l->h.flags & flags) == flags;
}

/* RFC 9293, figure 5, as one sees it from between. */
static void step(struct side *s, enum seen seen)
{
    static const struct {
        enum state from;
        enum seen seen;
        enum state to;
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

/* ---- beginnings ---- */

/* All of it is as new but the stream, which begins anew or goes on. */
static void renew(struct side *s, bool goes_on)
{
    struct tcp_stream stream = s->stream;

    tcp_stream_clear(&stream);
    if (!goes_on)
        stream.front = stream.base = stream.fresh = stream.bytes_at = 0;
    *s = (struct side){.stream = stream};
}

static uint64_t place(const struct side *s, uint32_t seq)
{
    return s->stream.front + (seq - s->front);
}

static void announce(struct side *s, uint32_t window)
{
    s->has_window = true;
    s->window = window;
    if (window > s->widest)
        s->widest = window;
}

static void begin(struct side *s, uint32_t seq)
{
    s->synced = true;
    s->isn = seq - 1;
    s->front = s->acked = s->next = seq;
}

/* The payload of a SYN waits until it is known to count. */
static void wait_data(struct look *l)
{
    struct side *x = l->x;

    if (!l->payload)
        return;
    sign(l, TCP_SIGN(fast_open));
    sign(l, tcp_stream_put(&x->stream, x->stream.front, l->bytes, l->payload,
                           true));
    x->next = l->h.seq + 1 + l->payload;
}

static void open_side(struct look *l, enum state state)
{
    struct side *x = l->x;

    tcp_stream_forget(&x->stream);
    begin(x, l->h.seq + 1);
    x->state = state;
    x->has_syn = true;
    x->syn = l->h;
    announce(x, l->h.window);
    wait_data(l);
}

static void first_syn(struct look *l)
{
    bool stale = l->t->stale;

    if (l->t->seen && !stale)
        sign(l, TCP_SIGN(reused));
    if (l->reuses)
        sign(l, TCP_SIGN(reused));
    renew(l->x, stale);
    renew(l->y, stale);
    l->t->seen = true;
    l->t->stale = l->t->stamps = false;
    open_side(l, SYN_SENT);
    l->y->state = SYN_RCVD;
    sign(l, TCP_SIGN(syn));
}

/* It was open before it was seen. False: that is all. */
static bool pick_up(struct look *l)
{
    struct tcp *t = l->t;

    if (!t->stale)
        sign(l, TCP_SIGN(midstream));
    if (!t->stale && t->rules->ignore) {
        t->ignored = true;
        return false;
    }
    renew(l->x, t->stale);
    renew(l->y, t->stale);
    t->seen = t->stamps = true;
    t->stale = false;
    l->x->scale = l->y->scale = UNKNOWN_SCALE;
    l->y->state = ESTABLISHED;
    begin(l->y, l->h.ack);
    if (!has(l, TCP_SYN)) {
        l->x->state = ESTABLISHED;
        begin(l->x, l->h.seq);
        return true;
    }
    l->x->state = SYN_RCVD;
    l->x->answered = true;
    begin(l->x, l->h.seq + 1);
    return false;
}

/* ---- RST and SYN ---- */

static void close_sides(struct tcp *t)
{
    for (unsigned i = 0; i < 2; i++) {
        t->side[i].state = CLOSED;
        tcp_stream_clear(&t->side[i].stream);
    }
}

/* Is the acknowledgement one of the other side's SYN, or its data? */
static bool acks_syn(const struct look *l)
{
    return less(l->y->isn, l->h.ack) && !less(l->y->next, l->h.ack);
}

static void rst(struct look *l)
{
    const struct side *x = l->x;
    bool valid = l->h.seq == x->front || l->h.seq == x->acked;

    if (!x->synced)
        valid = has(l, TCP_ACK) && acks_syn(l);
    if (!valid) {
        sign(l, TCP_SIGN(bad_reset));
        return;
    }
    close_sides(l->t);
    sign(l, TCP_SIGN(reset));
}

static void syn_alone(struct look *l)
{
    if (!l->x->synced) {
        open_side(l, SYN_RCVD);
        step(l->y, GOT_SYN);
    } else if (l->h.seq == l->x->isn) {
        sign(l, TCP_SIGN(retransmission));
    } else if (!l->y->synced) {
        renew(l->x, true);
        open_side(l, SYN_SENT);
    } else {
        sign(l, TCP_SIGN(bad_syn));
    }
}

/* What both SYNs had counts. */
static void agree(struct look *l)
{
    struct side *x = l->x, *y = l->y;

    if (x->syn.has_scale && y->syn.has_scale) {
        x->scale = x->syn.scale;
        y->scale = y->syn.scale;
    }
    l->t->stamps = x->syn.has_stamp && y->syn.has_stamp;
    x->has_stamp = y->has_stamp = l->t->stamps;
    x->stamp = x->syn.stamp;
    y->stamp = y->syn.stamp;
}

static void syn_ack(struct look *l)
{
    struct side *x = l->x, *y = l->y;

    if (!y->synced)
        sign(l, TCP_SIGN(before_syn));
    else if (x->synced && l->h.seq != x->isn)
        sign(l, TCP_SIGN(bad_syn));
    else if (!acks_syn(l))
        sign(l, TCP_SIGN(bad_ack));
    else if (x->answered || (x->synced && x->state != SYN_RCVD))
        sign(l, TCP_SIGN(retransmission));
    else {
        if (!x->synced)
            open_side(l, SYN_RCVD);
        x->answered = true;
        y->acked = y->next = l->h.ack;
        tcp_stream_cut(&y->stream, place(y, l->h.ack));
        step(y, SYN_ACKED);
        if (x->state == ESTABLISHED)
            sign(l, TCP_SIGN(established));
        agree(l);
        y->has_edge = true;
        y->edge = l->h.ack + l->h.window;
        x->has_edge = y->has_window;
        x->edge = x->isn + 1 + y->window;
    }
}

/* ---- which other segments count ---- */

static bool old_stamp(const struct look *l)
{
    return l->t->stamps && l->h.has_stamp && l->x->has_stamp &&
           less(l->h.stamp, l->x->stamp);
}

/* Within the window? A probe of a full one loses its payload. */
static bool in_window(struct look *l)
{
    const struct side *x = l->x;
    uint32_t seq = l->h.seq;

    if (less(seq, x->front) && x->front - seq > FAR)
        return false;
    if (!x->has_edge)
        return less(seq, x->front) || seq - x->front <= FAR;
    if (!l->payload)
        return !less(x->edge, seq);
    if (less(seq, x->edge))
        return true;
    if (seq != x->edge || seq != x->front || l->payload > 1 || has(l, TCP_FIN))
        return false;
    sign(l, TCP_SIGN(window_probe));
    l->x->next = less(x->next, seq + 1) ? seq + 1 : x->next;
    l->payload = 0;
    return true;
}

/* RFC 5961, 5.2: neither what was not sent, nor what is older than a window. */
static bool ack_fits(const struct look *l)
{
    const struct side *y = l->y;
    uint32_t ago = y->acked - l->h.ack, most = y->acked - (y->isn + 1);

    if (less(y->next, l->h.ack))
        return false;
    if (!less(l->h.ack, y->acked))
        return true;
    return ago <= (l->x->widest < most ? l->x->widest : most);
}

static void look_at_window(struct look *l)
{
    struct side *x = l->x, *y = l->y;
    uint32_t window = l->h.window << x->scale, edge = l->h.ack + window;
    bool same = x->has_window && window == x->window;

    if (!window)
        sign(l, TCP_SIGN(zero_window));
    if (!l->payload && !has(l, TCP_FIN) && l->h.ack == y->acked &&
        y->state != SYN_RCVD && x->has_window) {
        if (same && less(l->h.ack, y->next))
            sign(l, TCP_SIGN(duplicate_ack));
        else if (!same)
            sign(l, TCP_SIGN(window_update));
    }
    announce(x, window);
    if (less(y->acked, l->h.ack))
        y->acked = l->h.ack;
    if (!y->has_edge || less(y->edge, edge))
        y->edge = edge;
    y->has_edge = true;
}

static void look_at_stamp(struct look *l)
{
    struct side *x = l->x;

    if (!l->t->stamps || !l->h.has_stamp || less(x->acked, l->h.seq) ||
        (x->has_stamp && less(l->h.stamp, x->stamp)))
        return;
    x->has_stamp = true;
    x->stamp = l->h.stamp;
}

static void got_fin(struct side *sender, struct side *receiver)
{
    if (!sender->fin_got)
        step(receiver, GOT_FIN);
    sender->fin_got = true;
}

static void acknowledge(struct look *l)
{
    struct side *x = l->x, *y = l->y;

    if (y->state == SYN_RCVD && less(y->isn, l->h.ack)) {
        step(y, SYN_ACKED);
        if (x->state >= ESTABLISHED)
            sign(l, TCP_SIGN(established));
    }
    if (!y->has_fin || y->fin_acked || !less(y->fin, l->h.ack))
        return;
    y->fin_acked = true;
    step(y, FIN_ACKED);
    got_fin(y, x);
    if (x->fin_acked)
        sign(l, TCP_SIGN(terminate));
}

/* ---- payload, FIN, and the stream ---- */

static void sent_up_to(struct side *x, uint32_t end)
{
    if (less(x->next, end))
        x->next = end;
}

static void payload(struct look *l)
{
    struct side *x = l->x;
    uint32_t s = l->h.seq, e = s + l->payload, known;

    if (x->has_fin && less(x->fin, e)) {
        sign(l, TCP_SIGN(after_fin));
        e = less(x->fin, s) ? s : x->fin;
    }
    if (e - s <= 1 && !has(l, TCP_FIN) && s == x->front - 1) {
        sign(l, TCP_SIGN(keep_alive));
        return;
    }
    if (e == s)
        return;
    sent_up_to(x, e);
    if (!less(x->front, e)) {
        sign(l, TCP_SIGN(retransmission));
        return;
    }
    if (less(s, x->front)) {
        sign(l, TCP_SIGN(overlap));
        s = x->front;
    }
    known = tcp_stream_known(&x->stream, place(x, s), e - s);
    if (known == e - s)
        sign(l, TCP_SIGN(retransmission));
    else if (known)
        sign(l, TCP_SIGN(overlap));
    if (less(x->front, s))
        sign(l, TCP_SIGN(out_of_order));
    sign(l, tcp_stream_put(&x->stream, place(x, s), l->bytes + (s - l->h.seq),
                           e - s, false));
}

static void fin(struct look *l)
{
    struct side *x = l->x;
    uint32_t f = l->h.seq + l->payload;

    if (!has(l, TCP_FIN))
        return;
    if (x->has_fin
            ? f != x->fin
            : less(f, x->front) || place(x, f) < tcp_stream_end(&x->stream)) {
        sign(l, TCP_SIGN(bad_fin));
        return;
    }
    if (x->has_fin) {
        if (!less(x->front, f))
            sign(l, TCP_SIGN(retransmission));
        return;
    }
    x->has_fin = true;
    x->fin = f;
    sent_up_to(x, f + 1);
    step(x, SENT_FIN);
    if (!l->y->has_fin)
        sign(l, TCP_SIGN(half_closed));
}

static void skip(struct look *l)
{
    struct side *x = l->x;
    uint64_t island = tcp_stream_island(&x->stream), to;

    to = place(x, x->has_fin && less(x->fin, x->acked) ? x->fin : x->acked);
    if (island < to)
        to = island;
    l->gap = (uint32_t)(to - x->stream.front);
    x->front += l->gap;
    tcp_stream_skip(&x->stream, to);
    sign(l, TCP_SIGN(gap));
}

static void move(struct look *l)
{
    struct side *x = l->x;

    l->moved = tcp_stream_move(&x->stream);
    if (!l->moved && less(x->front, x->acked) &&
        !(x->has_fin && x->front == x->fin)) {
        skip(l);
        l->moved = tcp_stream_move(&x->stream);
    }
    x->front += l->moved;
    if (l->moved)
        sign(l, TCP_SIGN(ready));
    if (x->has_fin && x->front == x->fin) {
        x->front++;
        sign(l, TCP_SIGN(end));
        got_fin(x, l->y);
    }
}

static void other(struct look *l)
{
    if (!l->x->synced || !l->y->synced)
        sign(l, TCP_SIGN(before_syn));
    else if (old_stamp(l))
        sign(l, TCP_SIGN(bad_timestamp));
    else if (!in_window(l))
        sign(l, TCP_SIGN(bad_sequence));
    else if (!ack_fits(l))
        sign(l, TCP_SIGN(bad_ack));
    else {
        look_at_window(l);
        look_at_stamp(l);
        acknowledge(l);
        payload(l);
        fin(l);
        move(l);
    }
}

/* ---- all of it ---- */

/* Steps 1 and 2. */
static bool sound(struct look *l, const struct tcp_segment *s)
{
    if (s->cut) {
        sign(l, TCP_SIGN(cut_short));
        return false;
    }
    if (!l->t->rules->trust_sums && !tcp_sum_right(s)) {
        sign(l, TCP_SIGN(bad_checksum));
        return false;
    }
    if (l->h.malformed)
        sign(l, TCP_SIGN(bad_options));
    if (has(l, TCP_URG))
        sign(l, TCP_SIGN(urgent));
    if (has(l, TCP_SYN | TCP_FIN) || has(l, TCP_SYN | TCP_RST) ||
        has(l, TCP_FIN | TCP_RST) ||
        !(l->h.flags & (TCP_SYN | TCP_ACK | TCP_RST))) {
        sign(l, TCP_SIGN(bad_flags));
        return false;
    }
    return true;
}

static void take(struct look *l)
{
    struct tcp *t = l->t;
    enum state x = l->x->state, y = l->y->state;
    bool closed = x == CLOSED && y == CLOSED;
    bool syn = has(l, TCP_SYN) && !has(l, TCP_ACK);

    if (!t->seen || t->stale ||
        (syn && (closed || x == TIME_WAIT || y == TIME_WAIT))) {
        if (has(l, TCP_RST))
            return;
        if (syn) {
            first_syn(l);
            return;
        }
        if (!pick_up(l))
            return;
    } else if (closed) {
        sign(l, TCP_SIGN(after_close));
        return;
    }
    if (!has(l, TCP_SYN) && l->x->has_syn &&
        l->h.is_signed != l->x->syn.is_signed)
        sign(l, TCP_SIGN(bad_signature));
    else if (has(l, TCP_RST))
        rst(l);
    else if (syn)
        syn_alone(l);
    else if (has(l, TCP_SYN))
        syn_ack(l);
    else
        other(l);
}

void tcp_segment(struct tcp *t, const struct tcp_segment *s, unsigned from,
                 unsigned watch, struct tcp_view *v)
{
    struct look l = {
        .t = t,
        .x = &t->side[from],
        .y = &t->side[!from],
        .bytes = s->tcp + (s->tcp_len - s->payload),
        .payload = s->payload,
        .reuses = s->reuses,
    };
    struct tcp_stream *stream = &l.x->stream;

    for (unsigned i = 0; i < 2; i++)
        tcp_stream_begin(&t->side[i].stream, watch >> i & 1);
    if (!t->ignored) {
        tcp_head_read(s, &l.h);
        if (sound(&l, s))
            take(&l);
    }
    tcp_stream_finish(stream);
    *v = (struct tcp_view){
        .signs = l.signs,
        .from = from,
        .watched = stream->watched,
        .fresh = stream->bytes + (stream->fresh - stream->bytes_at),
        .fresh_len = l.moved,
        .fresh_offset = stream->fresh,
        .gap = l.gap,
        .was = stream->was,
        .now = stream->now,
        .conflict_len = stream->conflict,
    };
    t->latest = from;
}

void tcp_sleep(struct tcp *t)
{
    t->stale = !t->ignored;
    for (unsigned i = 0; i < 2; i++)
        tcp_stream_clear(&t->side[i].stream);
}

struct tcp *tcp_new(const struct tcp_rules *rules, struct tcp_pool *pool,
                    unsigned slots)
{
    struct tcp *t = mem_zeroed(1, sizeof(*t));

    t->rules = rules;
    for (unsigned i = 0; i < 2; i++)
        tcp_stream_init(&t->side[i].stream, rules, pool, slots);
    return t;
}

void tcp_free(struct tcp *t)
{
    for (unsigned i = 0; t && i < 2; i++)
        tcp_stream_fini(&t->side[i].stream);
    free(t);
}

struct tcp_bytes tcp_bytes(const struct tcp *t, unsigned slot)
{
    return tcp_stream_bytes(&t->side[t->latest].stream, slot);
}

bool tcp_keep(struct tcp *t, unsigned slot, uint32_t at)
{
    return tcp_stream_keep(&t->side[t->latest].stream, slot, at);
}

void tcp_release(struct tcp *t, unsigned slot)
{
    tcp_stream_release(&t->side[t->latest].stream, slot);
}

unsigned tcp_state(const struct tcp *t, unsigned side)
{
    return t->side[side].state;
}
