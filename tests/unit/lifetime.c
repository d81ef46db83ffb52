/* The rows of LANGUAGE.md, "Lifetime": what the packets of a TCP session do to
 * its phase. */
#include "ustack/lifetime.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

enum { F = 0x01, S = 0x02, R = 0x04, P = 0x08, A = 0x10 };

struct packet {
    unsigned from; /* 0 initiator, 1 responder */
    unsigned flags;
    uint32_t seq, ack;
    enum nfl_phase then;
};

static void put32(uint8_t *to, uint32_t v)
{
    to[0] = (uint8_t)(v >> 24);
    to[1] = (uint8_t)(v >> 16);
    to[2] = (uint8_t)(v >> 8);
    to[3] = (uint8_t)v;
}

static struct nfl_l4 tcp_of(const struct packet *p, uint8_t *tcp)
{
    memset(tcp, 0, 20);
    put32(tcp + 4, p->seq);
    put32(tcp + 8, p->ack);
    tcp[13] = (uint8_t)p->flags;
    return (struct nfl_l4){tcp, NFL_SET_SPORT | NFL_SET_DPORT};
}

static struct nfl_session play(const struct packet *p, unsigned n)
{
    struct nfl_session s;
    uint8_t tcp[20];
    unsigned i;

    memset(&s, 0, sizeof(s));
    for (i = 0; i < n; i++) {
        struct nfl_l4 l4 = tcp_of(&p[i], tcp);

        us_lifetime_packet(&s, &l4, p[i].from, i == 0);
        if (s.phase != p[i].then)
            fail_msg("packet %u: phase %d, not %d", i, s.phase, p[i].then);
    }
    return s;
}

#define PLAY(...)                                                              \
    do {                                                                       \
        const struct packet rows_[] = {__VA_ARGS__};                           \
                                                                               \
        play(rows_, sizeof(rows_) / sizeof(*rows_));                           \
    } while (0)

static void first_packet(void **state)
{
    (void)state;
    PLAY({0, S, 100, 0, NFL_OPENING});
    PLAY({0, S | A, 100, 7, NFL_OPENING});
    PLAY({0, A, 100, 7, NFL_OPEN});
    PLAY({0, F | A, 100, 7, NFL_OPEN});
    PLAY({0, 0, 100, 7, NFL_OPEN});
    PLAY({0, S | F, 100, 0, NFL_OPENING});
    /* Nothing was seen of the other side: the RST is valid. */
    PLAY({0, R, 100, 0, NFL_CLOSING});
    PLAY({0, S | R, 100, 0, NFL_CLOSING});
}

static void opening_to_open(void **state)
{
    (void)state;
    PLAY({0, S, 100, 0, NFL_OPENING}, {0, S, 100, 0, NFL_OPENING},
         {1, S | A, 500, 101, NFL_OPENING}, {0, A, 101, 501, NFL_OPEN},
         {0, S, 100, 0, NFL_OPEN});
    PLAY({0, S, 100, 0, NFL_OPENING}, {1, A, 500, 101, NFL_OPEN});
    PLAY({0, S, 100, 0, NFL_OPENING}, {0, F, 101, 0, NFL_OPEN});
    /* An RST that is not valid opens nothing. */
    PLAY({0, S, 100, 0, NFL_OPENING}, {1, R, 0, 0, NFL_OPENING});
}

static void both_fins(void **state)
{
    (void)state;
    PLAY({0, A, 1, 1, NFL_OPEN}, {0, F | A, 1, 1, NFL_OPEN},
         {0, F | A, 1, 1, NFL_OPEN}, {1, A, 1, 2, NFL_OPEN},
         {1, F | A, 1, 2, NFL_CLOSING}, {0, A, 2, 2, NFL_CLOSING},
         {1, P | A, 2, 2, NFL_CLOSING});
    PLAY({0, S | F, 1, 0, NFL_OPENING}, {1, S | F | A, 1, 2, NFL_CLOSING});
}

static void rst_with_ack_known(void **state)
{
    (void)state;
    PLAY({0, A, 100, 500, NFL_OPEN}, {1, R, 499, 0, NFL_OPEN},
         {1, R, 501, 0, NFL_OPEN}, {1, R | A, 0, 100, NFL_OPEN},
         {1, R, 500, 0, NFL_CLOSING});
    /* The last acknowledgement counts, and any packet carries one. */
    PLAY({0, A, 100, 500, NFL_OPEN}, {0, P | A, 100, 700, NFL_OPEN},
         {1, R, 500, 0, NFL_OPEN}, {1, R, 700, 0, NFL_CLOSING});
    /* Also that of an RST that was not valid. */
    PLAY({0, A, 100, 500, NFL_OPEN}, {1, R | A, 1, 100, NFL_OPEN},
         {0, R, 100, 0, NFL_CLOSING});
}

static void rst_with_syn_known(void **state)
{
    (void)state;
    /* Connection refused: the RST acknowledges the SYN. */
    PLAY({0, S, 100, 0, NFL_OPENING}, {1, R | A, 0, 101, NFL_CLOSING});
    PLAY({0, S, 100, 0, NFL_OPENING}, {1, R | A, 0, 100, NFL_OPENING});
    PLAY({0, S, 100, 0, NFL_OPENING}, {1, R, 0, 101, NFL_OPENING});
    PLAY({0, S, 0xffffffff, 0, NFL_OPENING}, {1, R | A, 0, 0, NFL_CLOSING});
    /* An acknowledgement takes the place of the SYN. */
    PLAY({0, S, 100, 0, NFL_OPENING}, {0, A, 101, 900, NFL_OPEN},
         {1, R | A, 0, 101, NFL_OPEN}, {1, R, 900, 0, NFL_CLOSING});
    /* The latest SYN. */
    PLAY({0, S, 100, 0, NFL_OPENING}, {0, S, 200, 0, NFL_OPENING},
         {1, R | A, 0, 101, NFL_OPENING}, {1, R | A, 0, 201, NFL_CLOSING});
}

static void rst_with_nothing_known(void **state)
{
    (void)state;
    PLAY({0, S, 100, 0, NFL_OPENING}, {0, R, 55, 0, NFL_CLOSING});
    /* FIN alone, without ACK, says nothing of numbers. */
    PLAY({0, F, 100, 0, NFL_OPEN}, {1, R, 55, 0, NFL_CLOSING});
}

static void other_protocols(void **state)
{
    const struct nfl_l4 none = {NULL, 0};
    struct nfl_session s;

    (void)state;
    memset(&s, 0, sizeof(s));
    us_lifetime_packet(&s, &none, 0, true);
    assert_int_equal(s.phase, NFL_OPEN);
    us_lifetime_packet(&s, &none, 1, false);
    assert_int_equal(s.phase, NFL_OPEN);
    assert_false(us_lifetime_reopens(&s, &none));
}

static void reopens(void **state)
{
    static const struct packet rst[] = {{0, R, 1, 0, NFL_CLOSING}};
    struct nfl_session s = play(rst, 1);
    uint8_t tcp[20];
    unsigned flags;

    (void)state;
    for (flags = 0; flags < 64; flags++) {
        struct packet p = {0, flags, 1, 1, NFL_OPEN};
        struct nfl_l4 l4 = tcp_of(&p, tcp);

        s.phase = NFL_CLOSING;
        assert_int_equal(us_lifetime_reopens(&s, &l4),
                         (flags & S) && !(flags & A) && !(flags & R));
        s.phase = NFL_OPEN;
        assert_false(us_lifetime_reopens(&s, &l4));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(first_packet),
        cmocka_unit_test(opening_to_open),
        cmocka_unit_test(both_fins),
        cmocka_unit_test(rst_with_ack_known),
        cmocka_unit_test(rst_with_syn_known),
        cmocka_unit_test(rst_with_nothing_known),
        cmocka_unit_test(other_protocols),
        cmocka_unit_test(reopens),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
