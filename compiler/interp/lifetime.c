/* What a packet does to the phase of its session: LANGUAGE.md, "Lifetime". */
#include "interp/packet.h"
#include "interp/session.h"

enum { IP_PROTO_TCP = 6, TCP_BYTES = 20 };

/* The four flags and two numbers that matter, RFC 9293 section 3.1. */
struct tcp_head {
    bool fin, syn, rst, ack_flag;
    uint32_t seq, ack;
};

/* The TCP header is the one that gave the ports of a packet of protocol TCP.
 * False if the packet has none. */
static bool read_tcp(const struct packet *p, struct tcp_head *t)
{
    const struct layer *l = p->role[ROLE_SPORT].layer;
    const uint8_t *b;

    if (p->tuple.proto != IP_PROTO_TCP || !l || l->size < TCP_BYTES)
        return false;
    b = p->bytes + l->off;
    t->seq = (uint32_t)bits_get(b, 4 * 8, 32);
    t->ack = (uint32_t)bits_get(b, 8 * 8, 32);
    t->ack_flag = b[13] & 0x10;
    t->rst = b[13] & 0x04;
    t->syn = b[13] & 0x02;
    t->fin = b[13] & 0x01;
    return true;
}

bool packet_is_bare_syn(const struct packet *p)
{
    struct tcp_head t;

    return read_tcp(p, &t) && t.syn && !t.ack_flag && !t.rst;
}

static bool rst_valid(const struct tcp_head *t, const struct peer *other)
{
    if (other->ack_seen)
        return t->seq == other->ack;
    if (other->syn_seen)
        return t->ack_flag && t->ack == other->syn_end;
    return true;
}

static void peer_record(struct peer *p, const struct tcp_head *t)
{
    if (t->ack_flag) {
        p->ack_seen = true;
        p->ack = t->ack;
    }
    if (t->syn) {
        p->syn_seen = true;
        p->syn_end = t->seq + 1;
    }
    if (t->fin)
        p->fin_seen = true;
}

void session_lifetime(struct session *s, const struct packet *p, unsigned from,
                      bool first)
{
    struct tcp_head t;
    bool reset;

    if (!read_tcp(p, &t)) {
        if (s->phase != PHASE_CLOSING)
            s->phase = PHASE_OPEN;
        return;
    }
    if (first)
        s->phase = t.syn && !t.rst ? PHASE_OPENING : PHASE_OPEN;
    if (s->phase == PHASE_OPENING && !t.syn && !t.rst)
        s->phase = PHASE_OPEN;
    reset = t.rst && rst_valid(&t, &s->peer[1 - from]);
    peer_record(&s->peer[from], &t);
    if (reset || (s->peer[0].fin_seen && s->peer[1].fin_seen))
        s->phase = PHASE_CLOSING;
}
