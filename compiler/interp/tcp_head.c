#include "interp/tcp_head.h"

enum {
    HEADER = 20,
    PROTO = 6,
    MAX_SCALE = 14,
    END = 0,
    NOTHING = 1,
    SCALE = 3,
    SACK_PERMITTED = 4,
    STAMP = 8,
    MD5 = 19,
    AO = 29
};

static uint32_t number(const uint8_t *p, unsigned bytes)
{
    uint32_t v = 0;

    for (unsigned i = 0; i < bytes; i++)
        v = v << 8 | p[i];
    return v;
}

static void option(struct tcp_head *h, const uint8_t *tcp, unsigned at,
                   unsigned len)
{
    const uint8_t *o = tcp + at;

    if (o[0] == SCALE && len == 3) {
        h->has_scale = true;
        h->scale = o[2] > MAX_SCALE ? MAX_SCALE : o[2];
    }
    if (o[0] == SACK_PERMITTED && len == 2)
        h->has_sack = true;
    if (o[0] == MD5 || o[0] == AO)
        h->is_signed = true;
    if (o[0] == STAMP && len == 10) {
        h->has_stamp = true;
        h->stamp = number(o + 2, 4);
        h->stamp_at = at + 2;
    }
}

static void options(struct tcp_head *h, const uint8_t *tcp, unsigned end)
{
    unsigned at = HEADER;

    while (at < end && tcp[at] != END) {
        if (tcp[at] == NOTHING) {
            at++;
            continue;
        }
        if (at + 1 == end || tcp[at + 1] < 2 || at + tcp[at + 1] > end) {
            h->malformed = true;
            return;
        }
        option(h, tcp, at, tcp[at + 1]);
        at += tcp[at + 1];
    }
}

void tcp_head_read(const struct tcp_segment *s, struct tcp_head *h)
{
    *h = (struct tcp_head){
        .seq = number(s->tcp + 4, 4),
        .ack = number(s->tcp + 8, 4),
        .flags = s->tcp[13],
        .window = number(s->tcp + 14, 2),
    };
    options(h, s->tcp, s->tcp_len - s->payload);
}

static uint32_t words(const uint8_t *p, uint32_t len)
{
    uint32_t sum = 0;

    for (uint32_t i = 0; i < len; i++) {
        sum += (uint32_t)p[i] << (i % 2 ? 0 : 8);
        if (sum > 0xffff)
            sum -= 0xffff;
    }
    return sum;
}

bool tcp_sum_right(const struct tcp_segment *s)
{
    uint32_t sum = PROTO + (s->tcp_len >> 16) + (s->tcp_len & 0xffff);

    sum += words(s->addr, s->addr_len);
    sum += words(s->tcp, s->tcp_len);
    return sum % 0xffff == 0;
}
