/* The connection: which segments count, and what they do to it. LANGUAGE.md,
 * "The TCP monitor", step by step. */
#include "interp/tcp.h"
#include "base/mem.h"
#include "interp/tcp_side.h"
#include <stdlib.h>

/* ---- beginnings ---- */

/* All of it is as new but the stream, which begins anew or goes on. */
static void renew(struct tcp_side *s, bool goes_on)
{
    struct tcp_stream stream = s->stream;

    tcp_stream_clear(&stream);
    stream.renewed = true;
    if (!goes_on)
        stream.front = stream.base = stream.fresh = stream.bytes_at = 0;
    *s = (struct tcp_side){.stream = stream};
}

static void begin(struct tcp_side *s, uint32_t seq)
{
    s->synced = true;
    s->isn = seq - 1;
    s->front = s->acked = s->next = seq;
}

/* The payload of a SYN waits until it is known to count. */
static void wait_data(struct tcp_look *l)
{
    struct tcp_side *x = l->x;

    if (!l->payload)
        return;
    tcp_sign(l, TCP_SIGN(fast_open));
    tcp_sign(l, tcp_stream_put(&x->stream, x->stream.front, l->bytes,
                               l->payload, true));
    x->next = l->h.seq + 1 + l->payload;
}

static void open_side(struct tcp_look *l, enum tcp_state state)
{
    struct tcp_side *x = l->x;

    tcp_stream_forget(&x->stream);
    begin(x, l->h.seq + 1);
    x->state = state;
    x->has_syn = true;
    x->syn = l->h;
    tcp_announce(x, l->h.window);
    wait_data(l);
}

static void first_syn(struct tcp_look *l)
{
    bool stale = l->t->stale;

    if (l->t->seen && !stale)
        tcp_sign(l, TCP_SIGN(reused));
    if (l->reuses)
        tcp_sign(l, TCP_SIGN(reused));
    renew(l->x, stale);
    renew(l->y, stale);
    l->t->seen = true;
    l->t->stale = l->t->stamps = l->t->sack = false;
    open_side(l, SYN_SENT);
    l->y->state = SYN_RCVD;
    tcp_sign(l, TCP_SIGN(syn));
}

/* It was open before it was seen. False: that is all. */
static bool pick_up(struct tcp_look *l)
{
    struct tcp *t = l->t;

    if (!t->stale)
        tcp_sign(l, TCP_SIGN(midstream));
    if (!t->stale && t->rules->ignore) {
        t->ignored = true;
        return false;
    }
    renew(l->x, t->stale);
    renew(l->y, t->stale);
    t->seen = t->stamps = t->sack = true;
    t->stale = false;
    l->x->scale = l->y->scale = TCP_UNKNOWN_SCALE;
    l->y->state = ESTABLISHED;
    begin(l->y, l->h.ack);
    if (!tcp_has(l, TCP_SYN)) {
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
        tcp_stream_unlearn(&t->side[i].stream);
    }
}

/* Is the acknowledgement one of the other side's SYN, or its data? */
static bool acks_syn(const struct tcp_look *l)
{
    return tcp_less(l->y->isn, l->h.ack) && !tcp_less(l->y->next, l->h.ack);
}

/* RFC 5961, 3: at the next number that the other side waits for. Which one that
 * is may be known only there; Linux also takes its last selective one. */
static bool rst_counts(const struct tcp_look *l)
{
    const struct tcp_side *x = l->x;
    uint64_t last = tcp_stream_end(&x->stream);

    if (!x->synced)
        return tcp_has(l, TCP_ACK) && acks_syn(l);
    return l->h.seq == x->front || l->h.seq == x->acked ||
           (x->fin_counts && l->h.seq == x->fin) ||
           (l->t->sack &&
            l->h.seq == x->front + (uint32_t)(last - x->stream.front));
}

static void take_rst(struct tcp_look *l)
{
    if (!rst_counts(l)) {
        tcp_sign(l, TCP_SIGN(bad_reset));
        return;
    }
    close_sides(l->t);
    tcp_sign(l, TCP_SIGN(reset));
}

/* Both SYNs were seen now: what both had counts. */
static void agree(struct tcp_look *l)
{
    struct tcp_side *x = l->x, *y = l->y;

    if (x->syn.has_scale && y->syn.has_scale) {
        x->scale = x->syn.scale;
        y->scale = y->syn.scale;
    }
    l->t->stamps = x->syn.has_stamp && y->syn.has_stamp;
    l->t->sack = x->syn.has_sack && y->syn.has_sack;
    if (l->t->stamps) {
        tcp_stamp(x, x->syn.stamp);
        tcp_stamp(y, y->syn.stamp);
    }
    x->has_edge = y->has_edge = true;
    x->edge = x->isn + 1 + y->window;
    y->edge = y->isn + 1 + x->window;
}

static void syn_alone(struct tcp_look *l)
{
    if (!l->x->synced) {
        open_side(l, SYN_RCVD);
        tcp_step(l->y, GOT_SYN);
        agree(l);
    } else if (l->h.seq == l->x->isn) {
        tcp_sign(l, TCP_SIGN(retransmission));
    } else if (!l->y->synced) {
        renew(l->x, true);
        open_side(l, SYN_SENT);
    } else {
        tcp_sign(l, TCP_SIGN(bad_syn));
    }
}

static void answer(struct tcp_look *l)
{
    struct tcp_side *x = l->x, *y = l->y;

    if (!x->synced) {
        open_side(l, SYN_RCVD);
        agree(l);
    }
    x->answered = true;
    if (tcp_less(y->acked, l->h.ack))
        y->acked = l->h.ack;
    if (y->state == SYN_SENT) {
        y->next = l->h.ack;
        tcp_stream_cut(&y->stream, tcp_place(y, l->h.ack));
    }
    tcp_step(y, SYN_ACKED);
    if (x->state == ESTABLISHED)
        tcp_sign(l, TCP_SIGN(established));
    if (tcp_less(y->edge, l->h.ack + l->h.window))
        y->edge = l->h.ack + l->h.window;
}

static void syn_ack(struct tcp_look *l)
{
    struct tcp_side *x = l->x, *y = l->y;

    if (!y->synced)
        tcp_sign(l, TCP_SIGN(before_syn));
    else if (x->synced && l->h.seq != x->isn)
        tcp_sign(l, TCP_SIGN(bad_syn));
    else if (!acks_syn(l))
        tcp_sign(l, TCP_SIGN(bad_ack));
    else if (x->answered || (x->synced && x->state != SYN_RCVD))
        tcp_sign(l, TCP_SIGN(retransmission));
    else
        answer(l);
}

/* ---- all of it ---- */

/* Steps 1 and 2. */
static bool sound(struct tcp_look *l, const struct tcp_segment *s)
{
    if (s->cut) {
        tcp_sign(l, TCP_SIGN(cut_short));
        return false;
    }
    if (!l->t->rules->trust_sums && !tcp_sum_right(s)) {
        tcp_sign(l, TCP_SIGN(bad_checksum));
        return false;
    }
    if (l->h.malformed)
        tcp_sign(l, TCP_SIGN(bad_options));
    if (tcp_has(l, TCP_URG))
        tcp_sign(l, TCP_SIGN(urgent));
    if (tcp_has(l, TCP_RST)) {
        if (l->h.flags & (TCP_SYN | TCP_FIN))
            tcp_sign(l, TCP_SIGN(bad_flags));
        return true;
    }
    if (tcp_has(l, TCP_SYN | TCP_FIN) || !(l->h.flags & (TCP_SYN | TCP_ACK))) {
        tcp_sign(l, TCP_SIGN(bad_flags));
        return false;
    }
    return true;
}

static void take(struct tcp_look *l)
{
    struct tcp *t = l->t;
    enum tcp_state x = l->x->state, y = l->y->state;
    bool closed = x == CLOSED && y == CLOSED;
    bool rst = tcp_has(l, TCP_RST), syn = !rst && tcp_has(l, TCP_SYN);
    bool alone = syn && !tcp_has(l, TCP_ACK);

    if (!t->seen || t->stale ||
        (alone && (closed || x == TIME_WAIT || y == TIME_WAIT))) {
        if (rst)
            return;
        if (alone) {
            first_syn(l);
            return;
        }
        if (!pick_up(l))
            return;
    } else if (closed) {
        tcp_sign(l, TCP_SIGN(after_close));
        return;
    }
    if (!syn && l->x->has_syn && l->h.is_signed != l->x->syn.is_signed)
        tcp_sign(l, TCP_SIGN(bad_signature));
    else if (rst)
        take_rst(l);
    else if (alone)
        syn_alone(l);
    else if (syn)
        syn_ack(l);
    else
        tcp_other(l);
}

/* Changes that nobody needs any more. */
static void forget_changes(struct tcp *t)
{
    for (unsigned i = 0; i < 2; i++) {
        struct tcp_side *x = &t->side[i];
        int64_t acked = tcp_position(x, x->acked);
        uint64_t least = tcp_stream_least(&x->stream);

        if (x->stream.renewed)
            tcp_stream_restore(&x->stream, UINT64_MAX);
        x->stream.renewed = false;
        if (acked > 0)
            tcp_stream_restore(
                &x->stream, (uint64_t)acked < least ? (uint64_t)acked : least);
    }
}

void tcp_segment(struct tcp *t, const struct tcp_segment *s, unsigned from,
                 unsigned watch, struct tcp_view *v)
{
    struct tcp_look l = {
        .t = t,
        .x = &t->side[from],
        .y = &t->side[!from],
        .bytes = s->tcp + (s->tcp_len - s->payload),
        .payload = s->payload,
        .reuses = s->reuses,
    };
    struct tcp_stream *stream = &l.x->stream;
    uint64_t front = stream->front;

    for (unsigned i = 0; i < 2; i++)
        tcp_stream_begin(&t->side[i].stream, watch >> i & 1);
    if (!t->ignored) {
        tcp_head_read(s, &l.h);
        if (sound(&l, s))
            take(&l);
    }
    tcp_stream_finish(stream);
    tcp_unacked(&l, s->payload, front);
    forget_changes(t);
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
        .mended = stream->mended,
        .mended_at = stream->mended_at,
        .mended_len = stream->mended_len,
        .again = !tcp_has(&l, TCP_SYN),
        .place = tcp_position(l.x, tcp_seq(s)),
        .payload = s->payload,
        .front = front,
    };
    t->latest = from;
}

void tcp_sleep(struct tcp *t)
{
    t->stale = !t->ignored;
    for (unsigned i = 0; i < 2; i++) {
        tcp_stream_clear(&t->side[i].stream);
        tcp_stream_unlearn(&t->side[i].stream);
    }
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
    return t->stale || t->ignored ? CLOSED : t->side[side].state;
}
