/* Buckets and meters: filling, the edges of 64 bits, the examples of RFC 2697
 * and RFC 2698 by their text. */
#include <nfl/ctx.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

bool nfs_bucket_take(struct nfl_ctx *c, uint64_t rate, uint64_t burst,
                     uint64_t *missing, uint64_t *at, uint64_t n);
uint64_t nfs_srtcm_mark(struct nfl_ctx *c, uint64_t rate, uint64_t burst,
                        uint64_t excess, uint64_t *missing, uint64_t *over,
                        uint64_t *at, uint64_t bytes, uint64_t was);
uint64_t nfs_trtcm_mark(struct nfl_ctx *c, uint64_t rate, uint64_t burst,
                        uint64_t peak, uint64_t peak_burst, uint64_t *missing,
                        uint64_t *over, uint64_t *at, uint64_t bytes,
                        uint64_t was);

enum { GREEN, YELLOW, RED };

static struct nfl_worker worker;
static struct nfl_ctx ctx = {.worker = &worker};
static uint64_t n[3]; /* the numbers of the cell at hand */

static void fresh(uint64_t now)
{
    worker.now = now;
    n[0] = n[1] = n[2] = 0;
}

static bool take(uint64_t rate, uint64_t burst, uint64_t tokens)
{
    return nfs_bucket_take(&ctx, rate, burst, &n[0], &n[1], tokens);
}

static void bucket(void **state)
{
    (void)state;
    fresh(1000000);
    assert_true(take(10, 3, 3)); /* full at first */
    assert_false(take(10, 3, 1));
    worker.now += 99;
    assert_false(take(10, 3, 1)); /* 0.99 tokens */
    worker.now += 1;
    assert_true(take(10, 3, 1));
    assert_false(take(10, 3, 1));
    worker.now += 1000000;
    assert_false(take(10, 3, 4)); /* never more than the burst */
    assert_true(take(10, 3, 3));
    assert_true(take(10, 3, 0));
}

/* A failed call takes nothing, and loses nothing of what came in. */
static void bucket_fails(void **state)
{
    unsigned i;

    (void)state;
    fresh(5);
    assert_true(take(1, 1, 1));
    for (i = 0; i < 999; i++) {
        worker.now++;
        assert_false(take(1, 1, 1));
    }
    worker.now++;
    assert_true(take(1, 1, 1));
}

static void bucket_edges(void **state)
{
    (void)state;
    fresh(UINT64_MAX - 1);
    assert_true(take(UINT64_MAX, UINT64_MAX, UINT64_MAX));
    assert_int_equal(n[0], UINT64_MAX);
    worker.now++;
    assert_true(take(UINT64_MAX, UINT64_MAX, 1));
    fresh(1);
    assert_false(take(0, 0, 1));
    assert_true(take(0, 0, 0));
    assert_true(take(0, 5, 5));
    worker.now = UINT64_MAX;
    assert_false(take(0, 5, 1)); /* no rate: it stays empty */
    /* Settings that became smaller: more is missing than the burst. */
    assert_false(take(0, 4, 0));
}

static uint64_t sr(uint64_t bytes, uint64_t was)
{
    return nfs_srtcm_mark(&ctx, 1000, 1500, 3000, &n[0], &n[1], &n[2], bytes,
                          was);
}

/* RFC 2697 section 3: Tc first, then Te; the excess fills when Tc is full. */
static void single_rate(void **state)
{
    (void)state;
    fresh(77);
    assert_int_equal(sr(1500, GREEN), GREEN);
    assert_int_equal(sr(1500, GREEN), YELLOW);
    assert_int_equal(sr(1500, GREEN), YELLOW);
    assert_int_equal(sr(1, GREEN), RED);
    worker.now += 1499;
    assert_int_equal(sr(1500, GREEN), RED); /* 1,499 bytes came in */
    worker.now += 1;
    assert_int_equal(sr(1500, GREEN), GREEN);
    worker.now += 1600; /* 1,500 fill Tc, 100 go to Te */
    assert_int_equal(sr(100, YELLOW), YELLOW);
    assert_int_equal(sr(1, YELLOW), RED);
    assert_int_equal(sr(1500, GREEN), GREEN);
    assert_int_equal(sr(0, RED), RED);
    assert_int_equal(sr(0, 7), RED); /* no color of the RFC */
}

static uint64_t tr(uint64_t bytes, uint64_t was)
{
    return nfs_trtcm_mark(&ctx, 1000, 1000, 2000, 3000, &n[0], &n[1], &n[2],
                          bytes, was);
}

/* RFC 2698 section 3: Tp first, then Tc. */
static void two_rates(void **state)
{
    (void)state;
    fresh(12345);
    assert_int_equal(tr(1000, GREEN), GREEN);
    assert_int_equal(tr(1000, GREEN), YELLOW);
    assert_int_equal(tr(1000, GREEN), YELLOW);
    assert_int_equal(tr(1, GREEN), RED);
    worker.now += 500; /* Tc 500, Tp 1,000 */
    assert_int_equal(tr(500, YELLOW), YELLOW);
    assert_int_equal(tr(500, GREEN), GREEN);
    assert_int_equal(tr(0, RED), RED);
    assert_int_equal(tr(1, GREEN), RED);
    worker.now += 10000;
    assert_int_equal(tr(3001, GREEN), RED);
    assert_int_equal(tr(3000, GREEN), YELLOW);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bucket),       cmocka_unit_test(bucket_fails),
        cmocka_unit_test(bucket_edges), cmocka_unit_test(single_rate),
        cmocka_unit_test(two_rates),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
