/* Hellos of TLS: digests, names, records, and what is cut short or wrong. */
#include "tls.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static void digests(void **state)
{
    struct digest d;

    (void)state;
    digest_begin(&d, false); /* RFC 1321, A.5 */
    digest_text(&d, "abc");
    assert_int_equal(digest_end(&d, 0), 0x900150983cd24fb0);
    digest_begin(&d, false);
    for (int i = 0; i < 8; i++)
        digest_text(&d, "1234567890");
    assert_int_equal(digest_end(&d, 1), 0xac49da2e2107b67a);
    digest_begin(&d, true); /* RFC 6234, 8.5 */
    digest_text(&d, "abc");
    assert_int_equal(digest_end(&d, 0), 0xba7816bf8f01cfea);
    digest_begin(&d, true);
    digest_text(&d, "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq");
    assert_int_equal(digest_end(&d, 3), 0xf6ecedd419db06c1);
}

/* Of a widespread browser, as published with JA4. */
static void ja4(void **state)
{
    const struct tls_hello h = {
        .ciphers = {15,
                    {0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f, 0xc02c, 0xc030,
                     0xcca9, 0xcca8, 0xc013, 0xc014, 0x009c, 0x009d, 0x002f,
                     0x0035}},
        .extensions = {16,
                       {0x001b, 0, 0x0033, 0x10, 0x4469, 0x17, 0x2d, 0xd, 5,
                        0x23, 0x12, 0x2b, 0xff01, 0xb, 0xa, 0x15}},
        .signatures = {8,
                       {0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806,
                        0x0601}},
    };
    uint64_t hashes[2];

    (void)state;
    tls_ja4(&h, hashes);
    assert_int_equal(hashes[0], 0x8daaf6152771);
    assert_int_equal(hashes[1], 0xe5627efa2ab1);
}

/* As published with JA3. */
static void ja3(void **state)
{
    const struct tls_hello h = {
        .version = 769,
        .ciphers = {12,
                    {47, 53, 5, 10, 49161, 49162, 49171, 49172, 50, 56, 19, 4}},
        .extensions = {3, {0, 10, 11}},
        .groups = {3, {23, 24, 25}},
        .formats = {1, {0}},
    };
    uint64_t hashes[2];

    (void)state;
    tls_ja3(&h, true, hashes);
    assert_int_equal(hashes[0], 0xada70206e40642a3);
    assert_int_equal(hashes[1], 0xe4461f35503241d5);
}

/* A hello for "a.b" that offers TLS 1.3, in a record of n bytes and others. */
static uint32_t hello(uint8_t *to, uint32_t record)
{
    static const uint8_t front[] = {1, 0, 0, 66, 3, 3},
                         behind[] = {0,  0, 4,  0x13, 1,   0xc0, 0x2f, 1,
                                     0,  0, 21, 0,    0,   0,    8,    0,
                                     6,  0, 0,  3,    'a', '.',  'b',  0,
                                     43, 0, 5,  4,    3,   4,    3,    3};
    uint8_t message[70] = {0};
    uint32_t n = 0;

    memcpy(message, front, sizeof(front));
    memcpy(message + 38, behind, sizeof(behind));
    for (uint32_t i = 0; i < sizeof(message); i++) {
        uint32_t left = sizeof(message) - i;

        if (i % record == 0) {
            memcpy(to + n, "\x16\x03\x01\0", 4);
            to[n + 4] = (uint8_t)(left < record ? left : record);
            n += 5;
        }
        to[n++] = message[i];
    }
    return n;
}

static void records(void **state)
{
    uint8_t bytes[500];
    struct tls_hello h;

    (void)state;
    for (uint32_t record = 1; record <= 70; record++) {
        uint32_t n = hello(bytes, record);

        for (uint32_t cut = 0; cut < n; cut++)
            assert_int_equal(tls_read(bytes, cut, TLS_CLIENT, &h), TLS_MORE);
        assert_int_equal(tls_read(bytes, n, TLS_CLIENT, &h), TLS_GOOD);
        assert_int_equal(h.highest, 0x0304);
        assert_int_equal(h.ciphers.n, 2);
        assert_int_equal(h.name_len, 3);
        assert_memory_equal(h.name, "a.b", 3);
        assert_int_equal(tls_read(bytes, n, TLS_SERVER, &h), TLS_BAD);
    }
}

/* Whatever a byte becomes, nothing is read behind the end. */
static void wrong(void **state)
{
    uint8_t bytes[500], *exact;
    struct tls_hello h;
    uint32_t n = hello(bytes, 70);

    (void)state;
    for (uint32_t i = 0; i < n; i++)
        for (unsigned v = 0; v < 256; v += 5) {
            exact = malloc(n);
            memcpy(exact, bytes, n);
            exact[i] = (uint8_t)v;
            for (unsigned kind = TLS_CLIENT; kind <= TLS_SERVER; kind++)
                tls_read(exact, n, kind, &h);
            assert_true(h.name_len <= TLS_NAME && h.alpn_len <= TLS_ALPN);
            free(exact);
        }
    bytes[43] = 0xff; /* a session that ends behind the hello */
    assert_int_equal(tls_read(bytes, n, TLS_CLIENT, &h), TLS_BAD);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(digests), cmocka_unit_test(ja3),
        cmocka_unit_test(ja4),     cmocka_unit_test(records),
        cmocka_unit_test(wrong),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
