/* The interpreter's SipHash-1-3. The values are those of CPython 3.11, which
 * hashes bytes with it: PYTHONHASHSEED=0 is a key of zeros, 42 the second key
 * below; hash(bytes(range(n))) modulo 2^64. */
#include "interp/hash.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

struct known {
    size_t len;
    uint64_t hash;
};

static void check(uint64_t k0, uint64_t k1, const struct known *k, size_t n)
{
    uint8_t bytes[64];

    for (unsigned i = 0; i < sizeof(bytes); i++)
        bytes[i] = (uint8_t)i;
    for (size_t i = 0; i < n; i++)
        assert_int_equal(siphash13(k0, k1, bytes, k[i].len), k[i].hash);
}

static void zero_key(void **state)
{
    static const struct known known[] = {
        {0, 0xd1fba762150c532c},  {1, 0x68a914128e01e473},
        {7, 0x2f098ab0c751325a},  {8, 0xead411e67ebe2eea},
        {9, 0x75927f9d95124362},  {13, 0xa0cf3211850f8e0d},
        {15, 0xf30eb725bb91c9ea}, {16, 0x8972188433a5c5b7},
        {17, 0x4883c49a2c009c1d}, {37, 0x422a9751192ff266},
        {63, 0x385d3e39e5f37359},
    };

    (void)state;
    check(0, 0, known, sizeof(known) / sizeof(known[0]));
}

static void other_key(void **state)
{
    static const struct known known[] = {
        {4, 0x79793200f3b3b3db},
        {13, 0x19c8185b4c3e2799},
        {16, 0x339176f3ac59ce05},
        {37, 0x2be7232ee94b7e5f},
    };

    (void)state;
    check(0xdc504fd368cd90af, 0xb920bb9ffe99e9c1, known,
          sizeof(known) / sizeof(known[0]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(zero_key),
        cmocka_unit_test(other_key),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
