/* The figures of a run add up, or it is said how they do not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <nfl/report.h>

static void balance(void **state)
{
    struct nfl_report_port ports[] = {
        {.name = "lan", .rx_packets = 5, .tx_packets = 2},
        {.name = "wan", .rx_packets = 4, .tx_packets = 3},
    };
    struct nfl_report_drop drops[] = {{.packets = 1}, {.packets = 3}};
    struct nfl_report r = {
        .ports = ports, .n_ports = 2, .drops = drops, .n_drops = 2};
    char err[256] = "";

    (void)state;
    assert_true(nfl_report_balanced(&r, err, sizeof(err)));
    assert_string_equal(err, "");
    drops[1].packets = 2;
    assert_false(nfl_report_balanced(&r, err, sizeof(err)));
    assert_string_equal(
        err,
        "packets are unaccounted for: 9 received, 0 made and 0 cut off, but 5 "
        "sent and 3 dropped; this is a bug in nflc");
    drops[1].packets = 4;
    assert_false(nfl_report_balanced(&r, err, sizeof(err)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(balance)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
