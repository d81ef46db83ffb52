/* nfl_hash is SipHash-1-3: compared with another implementation, which in turn
 * has to give the vector of the paper's SipHash-2-4. */
#include <nfl/session.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

static uint64_t left(uint64_t x, int by)
{
    return (x << by) | (x >> (64 - by));
}

/* Figure 2.1 of the paper, one step a line. */
static void rounds(uint64_t v[4], int n)
{
    while (n-- > 0) {
        v[0] = v[0] + v[1];
        v[2] = v[2] + v[3];
        v[1] = left(v[1], 13);
        v[3] = left(v[3], 16);
        v[1] = v[1] ^ v[0];
        v[3] = v[3] ^ v[2];
        v[0] = left(v[0], 32);
        v[2] = v[2] + v[1];
        v[0] = v[0] + v[3];
        v[1] = left(v[1], 17);
        v[3] = left(v[3], 21);
        v[1] = v[1] ^ v[2];
        v[3] = v[3] ^ v[0];
        v[2] = left(v[2], 32);
    }
}

/* The message is padded with zeros and its length to whole words first. */
static uint64_t siphash(int c, int d, uint64_t k0, uint64_t k1,
                        const uint8_t *msg, size_t len)
{
    uint8_t padded[256] = {0};
    uint64_t v[4], m;
    size_t words = len / 8 + 1, i, j;

    if (len)
        memcpy(padded, msg, len);
    padded[words * 8 - 1] = (uint8_t)len;
    v[0] = k0 ^ 0x736f6d6570736575;
    v[1] = k1 ^ 0x646f72616e646f6d;
    v[2] = k0 ^ 0x6c7967656e657261;
    v[3] = k1 ^ 0x7465646279746573;
    for (i = 0; i < words; i++) {
        for (m = 0, j = 8; j > 0; j--)
            m = m * 256 + padded[8 * i + j - 1];
        v[3] ^= m;
        rounds(v, c);
        v[0] ^= m;
    }
    v[2] ^= 0xff;
    rounds(v, d);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}

/* Appendix A of the paper: key 00..0f, message 00..0e. */
static void other_is_right(void **state)
{
    uint8_t msg[15];
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(msg); i++)
        msg[i] = (uint8_t)i;
    assert_true(siphash(2, 4, 0x0706050403020100, 0x0f0e0d0c0b0a0908, msg,
                        sizeof(msg)) == 0xa129ca6149be45e5);
}

static void same_hash(void **state)
{
    uint8_t msg[200];
    size_t len, i;
    uint64_t seed;
    int round;

    (void)state;
    srand(1);
    for (round = 0; round < 20; round++) {
        for (i = 0; i < sizeof(msg); i++)
            msg[i] = (uint8_t)rand();
        seed = (uint64_t)rand() << 33 ^ (uint64_t)rand();
        for (len = 0; len <= sizeof(msg); len++)
            assert_true(nfl_hash(seed, msg, len) ==
                        siphash(1, 3, seed, ~seed, msg, len));
    }
}

/* Never to change: shards, and so results, would be others. */
static void stays(void **state)
{
    (void)state;
    assert_true(nfl_hash(0, "", 0) == siphash(1, 3, 0, ~(uint64_t)0, NULL, 0));
    assert_int_equal(nfl_hash(0, "\x0a\x00\x00\x05", 4) % 64, 31);
}

static void shares(void **state)
{
    uint64_t sum;
    uint32_t s;

    (void)state;
    assert_int_equal(nfl_share(10, 4, 0), 3);
    assert_int_equal(nfl_share(10, 4, 1), 3);
    assert_int_equal(nfl_share(10, 4, 2), 2);
    assert_int_equal(nfl_share(10, 4, 3), 2);
    assert_int_equal(nfl_share(3, 64, 3), 0);
    for (sum = 0, s = 0; s < 64; s++)
        sum += nfl_share(64512, 64, s);
    assert_int_equal(sum, 64512);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(other_is_right),
        cmocka_unit_test(same_hash),
        cmocka_unit_test(stays),
        cmocka_unit_test(shares),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
