/* Which segments of an inline chain have to wait: LANGUAGE.md, "Inline
 * chains". */
#include "interp/tcp_side.h"
#include <string.h>

uint32_t tcp_seq(const struct tcp_segment *s)
{
    struct tcp_head h = {0};

    tcp_head_read(s, &h);
    return h.seq;
}

uint32_t tcp_length(const struct tcp_segment *s)
{
    struct tcp_head h = {0};

    tcp_head_read(s, &h);
    return s->payload + (h.flags & TCP_FIN ? 1 : 0);
}

uint32_t tcp_front(const struct tcp *t, unsigned side)
{
    return t && t->side[side].synced ? t->side[side].front : 0;
}

/* Behind the bytes of a SYN that move on with what comes next; but what is not
 * watched at both has lost them. */
static uint32_t reach_of(const struct tcp_side *x)
{
    uint64_t end = x->stream.front;

    if (x->stream.watched)
        end = tcp_stream_reach(&x->stream);
    return x->front + (uint32_t)(end - x->stream.front);
}

/* Does what is sent to x's stream still move it on? */
static bool is_open(const struct tcp *t, unsigned from, unsigned watch)
{
    const struct tcp_side *x = &t->side[from], *y = &t->side[!from];

    return t->seen && !t->stale && !t->ignored && x->synced && y->synced &&
           (watch >> from & 1) && x->state != CLOSED && !x->fin_counts;
}

bool tcp_early(const struct tcp *t, const struct tcp_segment *s, unsigned from,
               unsigned watch)
{
    const struct tcp_side *x;
    struct tcp_head h = {0};

    if (!t || s->cut || !is_open(t, from, watch))
        return false;
    x = &t->side[from];
    tcp_head_read(s, &h);
    if (h.flags & (TCP_SYN | TCP_RST) ||
        (!s->payload && !(h.flags & TCP_FIN)) ||
        !tcp_less(reach_of(x), h.seq) || !tcp_less(x->acked, h.seq) ||
        h.seq - x->front > TCP_FAR)
        return false;
    return !x->has_edge || tcp_less(h.seq, x->edge) ||
           (h.seq == x->edge && !s->payload);
}

void tcp_hold(struct tcp *t, const struct tcp_segment *s, unsigned from)
{
    struct tcp_side *x = &t->side[from];
    uint32_t end = tcp_seq(s) + tcp_length(s);

    if (tcp_less(x->next, end))
        x->next = end;
}

static uint16_t word_at(const uint8_t *tcp, unsigned at)
{
    return (uint16_t)(tcp[at] << 8 | tcp[at + 1]);
}

static void set(uint8_t *to, uint32_t v, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i++)
        to[i] = (uint8_t)(v >> (8 * (bytes - 1 - i)));
}

void tcp_renew(const struct tcp *t, const struct tcp_segment *s, unsigned from,
               uint8_t *tcp)
{
    enum { ACK = 8, WINDOW = 14, SUM = 16 };
    const struct tcp_side *x = &t->side[from], *y = &t->side[!from];
    struct tcp_head h = {0};
    uint8_t was[60];
    uint32_t sum;

    tcp_head_read(s, &h);
    memcpy(was, tcp, s->tcp_len - s->payload);
    if (x->syn.is_signed || y->syn.is_signed)
        return;
    if (tcp_less(h.ack, y->acked) && x->has_window) {
        set(tcp + ACK, y->acked, 4);
        set(tcp + WINDOW, x->window >> x->scale, 2);
    }
    if (t->stamps && h.has_stamp && x->has_stamp && tcp_less(h.stamp, x->stamp))
        set(tcp + h.stamp_at, x->stamp, 4);
    /* RFC 1624, eqn. 3. */
    sum = (uint16_t)~word_at(was, SUM);
    for (unsigned i = 0; i < s->tcp_len - s->payload; i += 2)
        if (word_at(was, i) != word_at(tcp, i))
            sum += (uint16_t)~word_at(was, i) + word_at(tcp, i);
    while (sum > 0xffff)
        sum = (sum & 0xffff) + (sum >> 16);
    tcp[SUM] = (uint8_t)(~sum >> 8);
    tcp[SUM + 1] = (uint8_t)~sum;
}
