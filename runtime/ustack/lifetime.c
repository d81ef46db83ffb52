/* The TCP part of a session's lifetime, RFC 9293. */
#include "ustack/lifetime.h"

enum { TCP_FIN = 0x01, TCP_SYN = 0x02, TCP_RST = 0x04, TCP_ACK = 0x10 };

/* nfl_session.tcp_seen: what a side was seen to send. */
enum { SEEN_ACK = 1, SEEN_SYN = 2, SEEN_FIN = 4 };

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
    if (s->tcp_seen[peer] & SEEN_ACK)
        return tcp_seq(tcp) == s->tcp_ack[peer];
    if (s->tcp_seen[peer] & SEEN_SYN)
        return (tcp_flags(tcp) & TCP_ACK) &&
               tcp_ack(tcp) == s->tcp_syn_end[peer];
    return true;
}

static void record(struct nfl_session *s, const uint8_t *tcp, unsigned from)
{
    uint8_t flags = tcp_flags(tcp);

    if (flags & TCP_ACK) {
        s->tcp_ack[from] = tcp_ack(tcp);
        s->tcp_seen[from] |= SEEN_ACK;
    }
    if (flags & TCP_SYN) {
        s->tcp_syn_end[from] = tcp_seq(tcp) + 1;
        s->tcp_seen[from] |= SEEN_SYN;
    }
    if (flags & TCP_FIN)
        s->tcp_seen[from] |= SEEN_FIN;
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
    if (rst || (s->tcp_seen[0] & s->tcp_seen[1] & SEEN_FIN))
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
    s->tcp_ack[from] = tcp_ack(l4);
    s->tcp_seen[from] |= SEEN_ACK;
    return true;
}
