/* Cycles per packet of bursts and rounds: sums, and percentiles that are right
 * to a thousandth at any size. */
#include "core/measure.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static struct nfl_measure_row row;

static int make(void **state)
{
    (void)state;
    return nfl_measure_init(&row, "a", "A", 100) ? 0 : -1;
}

static int drop(void **state)
{
    (void)state;
    nfl_measure_fini(&row);
    return 0;
}

static void assert_near(double a, double b)
{
    assert_true(fabs(a - b) <= b / 1000);
}

static void bursts_by_rank(void **state)
{
    unsigned i;

    (void)state;
    for (i = 1; i <= 100; i++)
        nfl_measure_burst(&row, 32 * i, 32);
    assert_int_equal(row.packets, 3200);
    assert_int_equal(row.cycles, 32 * 5050);
    assert_near(nfl_measure_bursts(&row, .1), 10);
    assert_near(nfl_measure_bursts(&row, .5), 50);
    assert_near(nfl_measure_bursts(&row, .99), 99);
    assert_near(nfl_measure_bursts(&row, 0), 1);
    assert_near(nfl_measure_bursts(&row, 1), 100);
}

static void bursts_of_any_size(void **state)
{
    uint64_t v;

    (void)state;
    for (v = 1; v < (uint64_t)1 << 58; v = v * 3 + 1) {
        nfl_measure_fini(&row);
        assert_int_equal(make(NULL), 0);
        nfl_measure_burst(&row, v, 1);
        assert_near(nfl_measure_bursts(&row, .5), (double)v);
    }
}

static void rounds_of_their_own(void **state)
{
    (void)state;
    nfl_measure_round(&row); /* nothing happened */
    assert_int_equal(row.n_rounds, 0);
    nfl_measure_burst(&row, 600, 2);
    nfl_measure_burst(&row, 400, 2);
    nfl_measure_round(&row);
    nfl_measure_burst(&row, 40, 4);
    nfl_measure_round(&row);
    assert_int_equal(row.n_rounds, 2);
    assert_near(nfl_measure_rounds(&row, .1), 10);
    assert_near(nfl_measure_rounds(&row, .9), 250);
}

static void empty_rows(void **state)
{
    (void)state;
    assert_true(nfl_measure_bursts(&row, .5) == 0);
    assert_true(nfl_measure_rounds(&row, .5) == 0);
}

/* What a program of people may rely on. */
static void as_json(void **state)
{
    struct nfl_measure m = {.program = "edge",
                            .hz = 2e9,
                            .packets = 32,
                            .burst = 32,
                            .rows = &row,
                            .n_rows = 1};
    char *text = NULL;
    size_t len = 0;
    FILE *f = open_memstream(&text, &len);
    json_t *o, *r;

    (void)state;
    assert_non_null(f);
    nfl_measure_burst(&row, 3200, 32);
    nfl_measure_round(&row);
    nfl_measure_json(&m, f);
    fclose(f);
    o = json_loads(text, 0, NULL);
    r = json_array_get(json_object_get(o, "rows"), 0);
    assert_string_equal(json_string_value(json_object_get(r, "name")), "a");
    assert_near(json_real_value(json_object_get(r, "cycles")), 100);
    assert_near(json_real_value(json_object_get(r, "mpps")), 20);
    assert_near(
        json_real_value(json_object_get(json_object_get(r, "round"), "p10")),
        100);
    json_decref(o);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(bursts_by_rank, make, drop),
        cmocka_unit_test_setup_teardown(bursts_of_any_size, make, drop),
        cmocka_unit_test_setup_teardown(rounds_of_their_own, make, drop),
        cmocka_unit_test_setup_teardown(empty_rows, make, drop),
        cmocka_unit_test_setup_teardown(as_json, make, drop),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
