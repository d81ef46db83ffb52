/* Sketches keep what is said of their errors, on streams that are drawn. */
#include <nfl/ctx.h>
#include <nfl/report.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

void *nfs_count_min_new(struct nfl_chain *c, struct nfl_setup *setup,
                        const struct nfl_key_desc *key, uint64_t width,
                        uint64_t depth);
void nfs_count_min_free(void *object);
uint64_t nfs_count_min_add(struct nfl_ctx *c, void *object, const char *name,
                           const uint64_t *key, unsigned words, uint64_t n);
uint64_t nfs_count_min_count(struct nfl_ctx *c, void *object, const char *name,
                             const uint64_t *key, unsigned words);
void *nfs_hyperloglog_new(struct nfl_chain *c, struct nfl_setup *setup,
                          const struct nfl_key_desc *key, uint64_t precision);
void nfs_hyperloglog_free(void *object);
void nfs_hyperloglog_add(struct nfl_ctx *c, void *object, const char *name,
                         const uint64_t *key, unsigned words);
uint64_t nfs_hyperloglog_count(struct nfl_ctx *c, void *object,
                               const char *name);
void nfs_hyperloglog_report(const void *object, struct nfl_report *r,
                            const struct nfl_report_object *who);
void *nfs_topk_new(struct nfl_chain *c, struct nfl_setup *setup,
                   const struct nfl_key_desc *key, uint64_t size);
void nfs_topk_free(void *object);
uint64_t nfs_topk_add(struct nfl_ctx *c, void *object, const char *name,
                      const uint64_t *key, unsigned words, uint64_t n);
uint64_t nfs_topk_count(struct nfl_ctx *c, void *object, const char *name,
                        const uint64_t *key, unsigned words);
void nfs_topk_report(const void *object, struct nfl_report *r,
                     const struct nfl_report_object *who);

enum { KEYS = 5000, ADDED = 200000 };

static const struct nfl_part_desc part = {
    .before = "", .after = "", .fmt = NFL_FMT_INT, .bits = 64};
static const struct nfl_key_desc number = {&part, 1, 1, false};
static const struct nfl_report_object who = {"c", "N", "x", "split"};
static struct nfl_setup setup = {.shards = 2, .seed = 1};

static uint64_t next(uint64_t *x)
{
    *x ^= *x << 13;
    *x ^= *x >> 7;
    *x ^= *x << 17;
    return *x;
}

/* Key k about twice as often as key 2 k. */
static uint64_t skewed(uint64_t *x)
{
    uint64_t n = next(x) % KEYS;

    return n * n / KEYS;
}

static void count_min(void **state)
{
    enum { WIDTH = 512, DEPTH = 4 };
    void *m = nfs_count_min_new(NULL, &setup, &number, WIDTH, DEPTH);
    struct nfl_ctx ctx = {.shard = 1};
    uint64_t x = 88172645463325252, i, k, is, too_much = 0;
    static uint64_t truth[KEYS];

    (void)state;
    assert_non_null(m);
    for (i = 0; i < ADDED; i++) {
        k = skewed(&x);
        truth[k]++;
        is = nfs_count_min_add(&ctx, m, "x", &k, 1, 1);
        assert_true(is >= truth[k]);
    }
    for (k = 0; k < KEYS; k++) {
        is = nfs_count_min_count(&ctx, m, "x", &k, 1);
        assert_true(is >= truth[k]);
        too_much += (double)(is - truth[k]) > 2.72 / WIDTH * ADDED;
    }
    assert_true(too_much <= 0.0183 * KEYS); /* e^-4 */
    k = 3;
    ctx.shard = 0;
    assert_int_equal(nfs_count_min_count(&ctx, m, "x", &k, 1), 0);
    nfs_count_min_free(m);
    assert_null(nfs_count_min_new(NULL, &setup, &number, 0, 4));
    assert_null(nfs_count_min_new(NULL, &setup, &number, 5, 17));
}

/* Within four standard errors, from none to many. */
static void hyperloglog(void **state)
{
    struct nfl_report_value value;
    struct nfl_report r = {.values = &value};
    struct nfl_ctx ctx = {.shard = 0};
    uint64_t k = 0, until, n;
    double wrong;
    void *h = nfs_hyperloglog_new(NULL, &setup, &number, 12);

    (void)state;
    assert_non_null(h);
    assert_int_equal(nfs_hyperloglog_count(&ctx, h, "x"), 0);
    for (until = 1; until <= 3000000; until = until * 3 / 2 + 1) {
        for (; k < until; k++) {
            ctx.shard = k % 2;
            nfs_hyperloglog_add(&ctx, h, "x", &k, 1);
            nfs_hyperloglog_add(&ctx, h, "x", &k, 1);
        }
        nfs_hyperloglog_report(h, &r, &who);
        r.n_values = 0;
        wrong = (double)value.value / (double)k - 1;
        assert_true(wrong < 4 * 0.01625 && wrong > -4 * 0.01625);
    }
    n = nfs_hyperloglog_count(&ctx, h, "x");
    assert_in_range(n, k / 2 * 93 / 100, k / 2 * 107 / 100);
    nfs_hyperloglog_free(h);
    assert_null(nfs_hyperloglog_new(NULL, &setup, &number, 3));
    assert_null(nfs_hyperloglog_new(NULL, &setup, &number, 17));
}

static void topk(void **state)
{
    enum { SIZE = 50 };
    void *t = nfs_topk_new(NULL, &setup, &number, SIZE);
    static uint64_t truth[KEYS];
    struct nfl_report_table row;
    struct nfl_report r = {.tables = &row, .top = 1};
    struct nfl_ctx ctx = {.shard = 0};
    uint64_t x = 88172645463325252, i, k, is;

    (void)state;
    assert_non_null(t);
    for (i = 0; i < ADDED; i++) {
        k = skewed(&x) / 3;
        truth[k]++;
        is = nfs_topk_add(&ctx, t, "x", &k, 1, 1);
        assert_true(is >= truth[k] && is <= truth[k] + (i + 1) / SIZE + 1);
    }
    for (k = 0; k < KEYS; k++) {
        is = nfs_topk_count(&ctx, t, "x", &k, 1);
        assert_true(is == 0 ? truth[k] <= ADDED / SIZE : is >= truth[k]);
    }
    nfs_topk_report(t, &r, &who);
    assert_int_equal(row.entries, SIZE);
    assert_int_equal(row.n_top, 1);
    nfl_report_entries_free(&row);
    nfs_topk_free(t);
    assert_null(nfs_topk_new(NULL, &setup, &number, 0));
}

/* Who makes room: the least count, of equals the one taken in first. */
static void topk_order(void **state)
{
    void *t = nfs_topk_new(NULL, &setup, &number, 3);
    struct nfl_ctx ctx = {.shard = 1};
    uint64_t k;

    (void)state;
    for (k = 1; k <= 3; k++)
        assert_int_equal(nfs_topk_add(&ctx, t, "x", &k, 1, 5), 5);
    k = 1;
    assert_int_equal(nfs_topk_add(&ctx, t, "x", &k, 1, 0), 5);
    k = 4; /* in the place of 1 */
    assert_int_equal(nfs_topk_add(&ctx, t, "x", &k, 1, 2), 7);
    k = 1;
    assert_int_equal(nfs_topk_count(&ctx, t, "x", &k, 1), 0);
    k = 5; /* in that of 2 */
    assert_int_equal(nfs_topk_add(&ctx, t, "x", &k, 1, 0), 5);
    k = 3; /* taken in before 5 */
    assert_int_equal(nfs_topk_count(&ctx, t, "x", &k, 1), 5);
    k = 6;
    assert_int_equal(nfs_topk_add(&ctx, t, "x", &k, 1, 1), 6);
    k = 3;
    assert_int_equal(nfs_topk_count(&ctx, t, "x", &k, 1), 0);
    nfs_topk_free(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(count_min),
        cmocka_unit_test(hyperloglog),
        cmocka_unit_test(topk),
        cmocka_unit_test(topk_order),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
