/* gen.h: fields of any width at any bit, and arithmetic that is total. Each
 * field lies in a heap block of exactly its bytes, for the sanitizers. */
#define NFLG_HEADERS 1
#include <nfl/gen.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <cmocka.h>

enum { BITS = 128, OFFSETS = 72 };

static bool naive_bit(const uint8_t *p, unsigned bit)
{
    return p[bit / 8] >> (7 - bit % 8) & 1;
}

static nfl_u128 naive_get(const uint8_t *p, unsigned bit, unsigned bits)
{
    nfl_u128 v = 0;

    for (unsigned i = 0; i < bits; i++)
        v = v << 1 | naive_bit(p, bit + i);
    return v;
}

static nfl_u128 random_number(unsigned bits)
{
    nfl_u128 v = 0;

    for (unsigned i = 0; i < 8; i++)
        v = v << 16 ^ (nfl_u128)(unsigned)rand();
    return bits == BITS ? v : v & (((nfl_u128)1 << bits) - 1);
}

static uint8_t *block(size_t n)
{
    uint8_t *p = malloc(n);

    assert_non_null(p);
    for (size_t i = 0; i < n; i++)
        p[i] = (uint8_t)rand();
    return p;
}

static void check_field(unsigned bit, unsigned bits)
{
    size_t n = (bit + bits + 7) / 8;
    uint8_t *p = block(n), *before = block(n);
    nfl_u128 v = random_number(bits), old = naive_get(p, bit, bits);

    memcpy(before, p, n);
    assert_true(nflg_getbits128(p, bit, bits) == old);
    if (bits <= 64)
        assert_true(nflg_getbits64(p, bit, bits) == (uint64_t)old);
    if (bits <= 32)
        assert_true(nflg_getbits32(p, bit, bits) == (uint32_t)old);
    nflg_putbits(p, bit, bits, v);
    assert_true(naive_get(p, bit, bits) == v);
    for (unsigned i = 0; i < n * 8; i++)
        if (i < bit || i >= bit + bits)
            assert_int_equal(naive_bit(p, i), naive_bit(before, i));
    free(before);
    free(p);
}

static void any_width_at_any_bit(void **state)
{
    (void)state;
    for (unsigned round = 0; round < 4; round++)
        for (unsigned bit = 0; bit < OFFSETS; bit++)
            for (unsigned bits = 1; bits <= BITS; bits++)
                check_field(bit, bits);
}

static void whole_bytes(void **state)
{
    (void)state;
    for (unsigned off = 0; off < 9; off++) {
        uint8_t *p = block(off + 16);

        assert_true(nflg_get8(p, off) == naive_get(p, off * 8, 8));
        assert_true(nflg_get16(p, off) == naive_get(p, off * 8, 16));
        assert_true(nflg_get32(p, off) == naive_get(p, off * 8, 32));
        assert_true(nflg_get64(p, off) == naive_get(p, off * 8, 64));
        assert_true(nflg_get128(p, off) == naive_get(p, off * 8, 128));
        free(p);
    }
}

/* What is put in is cut to the width of the field. */
static void putting_too_much(void **state)
{
    uint8_t p[2] = {0, 0};

    (void)state;
    nflg_putbits(p, 3, 5, ~(nfl_u128)0);
    assert_int_equal(p[0], 0x1f);
    assert_int_equal(p[1], 0);
}

static void long_shifts(void **state)
{
    nfl_u128 far = (nfl_u128)1 << 100;

    (void)state;
    assert_true(nflg_shl32(1, 31, 32) == 0x80000000u);
    assert_true(nflg_shl32(1, 32, 32) == 0);
    assert_true(nflg_shl32(1, far, 32) == 0);
    assert_true(nflg_shl32(0x1f, 1, 5) == 0x1e);
    assert_true(nflg_shl32(1, 4, 5) == 16);
    assert_true(nflg_shl32(1, 5, 5) == 0);
    assert_true(nflg_shr32(0x80000000u, 31, 32) == 1);
    assert_true(nflg_shr32(0x80000000u, 32, 32) == 0);
    assert_true(nflg_shl64(3, 47, 48) == (uint64_t)1 << 47);
    assert_true(nflg_shr64(~(uint64_t)0, 64, 64) == 0);
    assert_true(nflg_shl128(1, 127, 128) == (nfl_u128)1 << 127);
    assert_true(nflg_shl128(1, 128, 128) == 0);
    assert_true(nflg_shr128(far, 100, 128) == 1);
}

static void division_by_zero(void **state)
{
    (void)state;
    assert_true(nflg_div32(7, 0) == 0 && nflg_mod32(7, 0) == 7);
    assert_true(nflg_div64(7, 0) == 0 && nflg_mod64(7, 0) == 7);
    assert_true(nflg_div128(7, 0) == 0 && nflg_mod128(7, 0) == 7);
    assert_true(nflg_div32(7, 2) == 3 && nflg_mod32(7, 2) == 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_width_at_any_bit), cmocka_unit_test(whole_bytes),
        cmocka_unit_test(putting_too_much),     cmocka_unit_test(long_shifts),
        cmocka_unit_test(division_by_zero),
    };

    srand(1);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
