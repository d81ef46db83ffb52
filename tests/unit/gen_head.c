/* gen.h: which headers are there, and checksums of packets that leave. The
 * headers are made up; those of the stdlib are tested against the interpreter.
 */
#define NFLG_HEADERS 4
#include <nfl/gen.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <cmocka.h>

enum { OUTER, MIDDLE, INNER, OTHER };

/* A frame in a heap block of exactly its size. */
static void begin(struct nflg_head *h, struct nfl_pkt *pkt, uint32_t len)
{
    memset(pkt, 0, sizeof(*pkt));
    pkt->len = len;
    pkt->data = malloc(len ? len : 1);
    assert_non_null(pkt->data);
    for (uint32_t i = 0; i < len; i++)
        pkt->data[i] = (uint8_t)rand();
    nflg_begin(h, pkt);
}

/* ---- which headers are there ---- */

static void fixed_part_must_fit(void **state)
{
    struct nflg_head h;
    struct nfl_pkt pkt;

    (void)state;
    begin(&h, &pkt, 20);
    assert_null(nflg_due(&h, 21));
    assert_non_null(nflg_due(&h, 20));
    assert_true(nflg_take(&h, OUTER, 14, 14, nflg_left(&h)));
    assert_non_null(nflg_due(&h, 6));
    assert_null(nflg_due(&h, 7));
    free(pkt.data);
}

static void size_and_end_must_fit(void **state)
{
    struct nflg_head h;
    struct nfl_pkt pkt;

    (void)state;
    begin(&h, &pkt, 40);
    assert_false(nflg_take(&h, OUTER, 20, 19, 40)); /* size < fixed */
    assert_false(nflg_take(&h, OUTER, 20, 41, 41)); /* size beyond */
    assert_false(nflg_take(&h, OUTER, 20, 24, 23)); /* end < size */
    assert_false(nflg_take(&h, OUTER, 20, 24, 41)); /* end beyond */
    assert_false(nflg_take(&h, OUTER, 20, UINT64_MAX, UINT64_MAX));
    assert_false(nflg_has(&h, OUTER));
    assert_true(nflg_take(&h, OUTER, 20, 24, 30));
    assert_true(nflg_has(&h, OUTER));
    /* what follows lies before the end, not the end of the frame */
    assert_int_equal(nflg_left(&h), 6);
    assert_null(nflg_due(&h, 7));
    assert_false(nflg_take(&h, MIDDLE, 4, 7, 7));
    assert_true(nflg_take(&h, MIDDLE, 4, 6, 6));
    assert_int_equal(nflg_left(&h), 0);
    free(pkt.data);
}

static void at_most_256_bytes(void **state)
{
    struct nflg_head h;
    struct nfl_pkt pkt;

    (void)state;
    begin(&h, &pkt, 600);
    assert_false(nflg_take(&h, OUTER, 1, 257, 600));
    assert_true(nflg_take(&h, OUTER, 1, 250, 600));
    assert_false(nflg_take(&h, MIDDLE, 1, 7, 350));
    assert_true(nflg_take(&h, MIDDLE, 1, 6, 350));
    assert_false(nflg_take(&h, INNER, 1, 1, 344));
    nflg_touch(&h);
    assert_memory_equal(h.saved, pkt.data, 256);
    free(pkt.data);
}

static void at_most_16_headers(void **state)
{
    struct nflg_head h;
    struct nfl_pkt pkt;

    (void)state;
    begin(&h, &pkt, 200);
    for (unsigned i = 0; i < 16; i++) {
        assert_non_null(nflg_due(&h, 4));
        assert_true(nflg_take(&h, i % 2, 4, 4, nflg_left(&h)));
    }
    assert_null(nflg_due(&h, 4));
    assert_int_equal(h.off[0], 0); /* the outermost of each */
    assert_int_equal(h.off[1], 4);
    free(pkt.data);
}

static void later_roles_win(void **state)
{
    struct nflg_head h;
    struct nfl_pkt pkt;

    (void)state;
    begin(&h, &pkt, 64);
    memcpy(pkt.data, "\1\2\3\4", 4);
    memcpy(pkt.data + 8, "\5\6\7\10", 4);
    assert_true(nflg_take(&h, OUTER, 8, 8, 64));
    assert_false(nflg_has_flow(&h));
    nflg_give(&h, NFLG_SRC, 0, 32);
    assert_true(h.tuple.src == 0x01020304 && !h.tuple.v6);
    assert_true(nflg_take(&h, MIDDLE, 8, 8, 56));
    nflg_give(&h, NFLG_SRC, 0, 32);
    nflg_give(&h, NFLG_DST, 0, 32);
    assert_false(nflg_has_flow(&h));
    nflg_give(&h, NFLG_PROTO, 8, 8);
    assert_true(nflg_has_flow(&h));
    assert_true(h.tuple.src == 0x05060708 && h.tuple.proto == 6);
    h.no_flow = true;
    assert_false(nflg_has_flow(&h));
    h.no_flow = false;
    h.malformed = true;
    assert_false(nflg_has_flow(&h));
    /* a role that no header gave is left alone */
    nflg_translate(&h, NFLG_SPORT, 1);
    assert_false(h.dirty);
    nflg_translate(&h, NFLG_SRC, 0xaabbccdd);
    assert_memory_equal(pkt.data + 8, "\xaa\xbb\xcc\xdd", 4);
    assert_memory_equal(pkt.data, "\1\2\3\4", 4);
    free(pkt.data);
}

/* ---- checksums ---- */

enum { AT_SUM = 2 };

static const struct nflg_span spans[] = {{OUTER, 4, 4}, {OUTER, 8, 4}};

static uint16_t ones_sum(const uint8_t *p, size_t n, uint32_t start)
{
    uint32_t s = start;

    for (size_t i = 0; i < n; i += 2)
        s += (uint32_t)p[i] << 8 | (i + 1 < n ? p[i + 1] : 0u);
    while (s >> 16)
        s = (s & 0xffff) + (s >> 16);
    return (uint16_t)s;
}

static void set_sum(uint8_t *p, uint16_t v)
{
    p[AT_SUM] = (uint8_t)(v >> 8);
    p[AT_SUM + 1] = (uint8_t)v;
}

static uint16_t get_sum(const uint8_t *p)
{
    return (uint16_t)(p[AT_SUM] << 8 | p[AT_SUM + 1]);
}

/* An outer header of 12 bytes and an inner one of n, with payload behind. */
struct frame {
    struct nflg_head h;
    struct nfl_pkt pkt;
    uint8_t *inner;
    unsigned n, left;
};

static void frame_init(struct frame *f, unsigned n, unsigned payload)
{
    f->n = n;
    f->left = n + payload;
    begin(&f->h, &f->pkt, 12 + f->left);
    assert_true(nflg_take(&f->h, OUTER, 12, 12, 12 + f->left));
    assert_true(nflg_take(&f->h, INNER, n, n, f->left));
    f->inner = f->pkt.data + 12;
}

static uint16_t full_sum(const struct frame *f, bool rest, bool pseudo)
{
    uint8_t copy[512];
    uint32_t start = pseudo ? ones_sum(f->pkt.data + 4, 8, 0) : 0;

    memcpy(copy, f->inner, f->left);
    set_sum(copy, 0);
    return (uint16_t)~ones_sum(copy, rest ? f->left : f->n, start);
}

static void fix(struct frame *f, struct nflg_sum k)
{
    const struct nflg_sums all = {&k, 1, spans, 2};

    nflg_fix_all(&f->h, &all);
}

/* Random changes to a packet with a right checksum: it is right again. */
static void against_recomputation(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 20000; i++) {
        struct nflg_sum k = {INNER, AT_SUM, i & 1, i >> 1 & 1, 0};
        struct frame f;
        uint16_t want, got;

        frame_init(&f, 4 + (unsigned)rand() % 30, (unsigned)rand() % 40);
        set_sum(f.inner, full_sum(&f, k.rest, k.pseudo));
        nflg_touch(&f.h);
        for (int changes = rand() % 6; changes > 0; changes--) {
            unsigned at = (unsigned)rand() % (12 + f.n);

            if (at != 12 + AT_SUM && at != 13 + AT_SUM)
                f.pkt.data[at] = (uint8_t)rand();
        }
        fix(&f, k);
        want = full_sum(&f, k.rest, k.pseudo);
        got = get_sum(f.inner);
        /* 0 and 0xffff mean the same; eqn. 3 and summing may differ there */
        assert_true(got == want || (want == 0xffff && got == 0) ||
                    (want == 0 && got == 0xffff));
        free(f.pkt.data);
    }
}

static void one_word(uint16_t sum, uint16_t m, uint16_t n, bool optional,
                     uint16_t want)
{
    struct nflg_sum k = {INNER, AT_SUM, 0, 0, optional};
    struct frame f;

    frame_init(&f, 8, 0);
    set_sum(f.inner, sum);
    f.inner[4] = (uint8_t)(m >> 8);
    f.inner[5] = (uint8_t)m;
    nflg_touch(&f.h);
    f.inner[4] = (uint8_t)(n >> 8);
    f.inner[5] = (uint8_t)n;
    fix(&f, k);
    assert_int_equal(get_sum(f.inner), want);
    free(f.pkt.data);
}

static void corner_cases(void **state)
{
    (void)state;
    one_word(0xdd2f, 0x5555, 0x3285, false, 0x0000); /* RFC 1624, section 4 */
    one_word(0xdd2f, 0x5555, 0x3285, true, 0xffff);  /* UDP has no zero */
    one_word(0x0000, 0x1234, 0x4321, true, 0x0000);  /* none stays none */
    one_word(0x0000, 0x1234, 0x1235, false, 0xfffe);
    one_word(0xffff, 0xffff, 0x0000, false, 0xffff); /* nothing to add */
    one_word(0xffff, 0x0000, 0xffff, false, 0x0000);
    one_word(0x1234, 0xabcd, 0xabcd, false, 0x1234); /* nothing changed */
    one_word(0x1234, 0x0000, 0xffff, false, 0x1234); /* +0 */
    one_word(0x1234, 0xffff, 0x0000, false, 0x1234);
}

/* A wrong checksum is as wrong as before. */
static void wrong_stays_wrong(void **state)
{
    struct nflg_sum k = {INNER, AT_SUM, 1, 1, 0};
    struct frame f;

    (void)state;
    frame_init(&f, 8, 5);
    set_sum(f.inner, (uint16_t)(full_sum(&f, true, true) ^ 0x0100));
    nflg_touch(&f.h);
    f.pkt.data[5] ^= 0x55;
    f.inner[7] ^= 0x11;
    fix(&f, k);
    assert_int_not_equal(get_sum(f.inner), full_sum(&f, true, true));
    free(f.pkt.data);
}

/* The outer checksum covers the inner one, which changes first. */
static void inner_before_outer(void **state)
{
    struct nflg_sum k[] = {{OUTER, AT_SUM, 1, 0, 0}, {INNER, AT_SUM, 0, 0, 0}};
    const struct nflg_sums all = {k, 2, NULL, 0};
    struct frame f;

    (void)state;
    frame_init(&f, 9, 4);
    set_sum(f.inner, full_sum(&f, false, false));
    set_sum(f.pkt.data, 0);
    set_sum(f.pkt.data, (uint16_t)~ones_sum(f.pkt.data, f.pkt.len, 0));
    nflg_touch(&f.h);
    f.inner[6] ^= 0xff;
    nflg_fix_all(&f.h, &all);
    assert_int_equal(ones_sum(f.inner, f.n, 0), 0xffff);
    assert_int_equal(ones_sum(f.pkt.data, f.pkt.len, 0), 0xffff);
    free(f.pkt.data);
}

/* The word of a device counts only where it can mean one header alone. */
static void what_devices_say(void **state)
{
    struct nflg_sum k[] = {{INNER, AT_SUM, 0, 0, 0}, {OUTER, AT_SUM, 0, 0, 0}};
    const struct nflg_sums one = {k, 1, NULL, 0}, two = {k, 2, NULL, 0};
    struct frame f;

    (void)state;
    frame_init(&f, 10, 4);
    set_sum(f.inner, (uint16_t)(full_sum(&f, false, false) ^ 1));
    assert_true(nflg_bad_checksum(&f.h, &one));
    f.pkt.sum_good = 1;
    assert_false(nflg_bad_checksum(&f.h, &one));
    assert_true(nflg_bad_checksum(&f.h, &two));
    free(f.pkt.data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fixed_part_must_fit),
        cmocka_unit_test(size_and_end_must_fit),
        cmocka_unit_test(at_most_256_bytes),
        cmocka_unit_test(at_most_16_headers),
        cmocka_unit_test(later_roles_win),
        cmocka_unit_test(against_recomputation),
        cmocka_unit_test(corner_cases),
        cmocka_unit_test(wrong_stays_wrong),
        cmocka_unit_test(inner_before_outer),
        cmocka_unit_test(what_devices_say),
    };

    srand(1);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
