/* The TCP part of a session's lifetime, RFC 9293. */
#include "ustack/lifetime.h"

enum { TCP_FIN = 0x01, TCP_SYN = 0x02, TCP_RST = 0x04, TCP_ACK = 0x10 };

/* nfl_session.tcp_seen: what a side was seen to send. */
enum { SEEN_ACK = 1, SEEN_SYN = 2, SEEN_FIN = 4, SEEN_BITS = 3 };

static unsigned seen(const struct nfl_session *s, unsigned side)
{
    return s->tcp_seen >> SEEN_BITS * side & 7;
}

static uint32_t load32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 |
           p[3];
}

static uint32_t tcp_seq(const uint8_t *tcp)
{
    return load32(tcp + 4);
}

static uint32_t tcp_ack(const uint8_t *tcp)
{
    return load32(tcp + 8);
}

static uint8_t tcp_flags(const uint8_t *tcp)
{
    return tcp[13];
}

/* Could the peer have expected this RST? Everybody can send one; only who
 * sees the connection can make one that is valid (RFC 5961). */
static bool rst_valid(const struct nfl_session *s, const uint8_t *tcp,
                      unsigned peer)
{
    if (seen(s, peer) & SEEN_ACK)
        return tcp_seq(tcp) == s->tcp_mark[peer];
    if (seen(s, peer) & SEEN_SYN)
        return (tcp_flags(tcp) & TCP_ACK) && tcp_ack(tcp) == s->tcp_mark[peer];
    return true;
}

/* Once a side's acknowledgement is known, where its SYN ended is not asked any
 * more. */
static void record(struct nfl_session *s, const uint8_t *tcp, unsigned from)
{
    uint8_t flags = tcp_flags(tcp);
    unsigned now = seen(s, from);

    if (flags & TCP_ACK) {
        s->tcp_mark[from] = tcp_ack(tcp);
        now |= SEEN_ACK;
    }
    if ((flags & TCP_SYN) && !(now & SEEN_ACK)) {
        s->tcp_mark[from] = tcp_seq(tcp) + 1;
        now |= SEEN_SYN;
    }
    if (flags & TCP_FIN)
        now |= SEEN_FIN;
    s->tcp_seen = (s->tcp_seen | now << SEEN_BITS * from) & 63;
}

static uint8_t first_phase(const uint8_t *tcp)
{
    uint8_t flags = tcp ? tcp_flags(tcp) : 0;

    return (flags & (TCP_SYN | TCP_RST)) == TCP_SYN ? NFL_OPENING : NFL_OPEN;
}

void us_lifetime_packet(struct nfl_session *s, const struct nfl_l4 *l4,
                        unsigned from, bool first)
{
    const uint8_t *tcp = l4->tcp;
    uint8_t flags = tcp ? tcp_flags(tcp) : 0;
    bool rst;

    if (first)
        s->phase = first_phase(tcp);
    if (s->phase == NFL_OPENING && !(flags & (TCP_SYN | TCP_RST)))
        s->phase = NFL_OPEN;
    if (!tcp)
        return;
    rst = (flags & TCP_RST) && rst_valid(s, tcp, !from);
    record(s, tcp, from);
    if (rst || (seen(s, 0) & seen(s, 1) & SEEN_FIN))
        s->phase = NFL_CLOSING;
}

bool us_lifetime_reopens(const struct nfl_session *s, const struct nfl_l4 *l4)
{
    return l4->tcp && s->phase == NFL_CLOSING &&
           (tcp_flags(l4->tcp) & (TCP_SYN | TCP_ACK | TCP_RST)) == TCP_SYN;
}

bool us_lifetime_goes_on(struct nfl_session *s, uint8_t proto,
                         const uint8_t *l4, unsigned from)
{
    if (s->phase != NFL_OPEN)
        return false;
    if (proto != NFL_TCP)
        return true;
    if ((tcp_flags(l4) & (TCP_FIN | TCP_SYN | TCP_RST | TCP_ACK)) != TCP_ACK)
        return false;
    s->tcp_mark[from] = tcp_ack(l4);
    s->tcp_seen = (s->tcp_seen | SEEN_ACK << SEEN_BITS * from) & 63;
    return true;
}
