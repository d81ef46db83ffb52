/* Both indices of an acl answer alike: DPDK's tries as the scan. */
#include "../../stdlib/type/acl.h"

struct scan_index;
struct scan_index *scan_new(const struct nfl_acl_rules *rules, char *err,
                            size_t errlen);
const struct nfl_acl_rule *scan_find(const struct scan_index *x,
                                     const struct nfs_acl_question *q);
void scan_free(struct scan_index *x);

#define nfs_acl_index      scan_index
#define nfs_acl_index_new  scan_new
#define nfs_acl_index_find scan_find
#define nfs_acl_index_free scan_free
#include "../../stdlib/type/acl_scan.c"
#undef nfs_acl_index
#undef nfs_acl_index_new
#undef nfs_acl_index_find
#undef nfs_acl_index_free

#include <rte_eal.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

/* Few different values, so that rules overlap and tuples meet them. */
static nfl_u128 some_addr(bool v6)
{
    nfl_u128 net = (unsigned)rand() % 3, host = (unsigned)rand() % 6;

    return v6 ? (nfl_u128)0x20010db8 << 96 | net << 64 | host
              : 0x0a000000 | net << 16 | host;
}

static uint8_t some_len(bool v6)
{
    static const uint8_t v4_len[] = {0, 8, 14, 16, 24, 30, 31, 32};
    static const uint8_t v6_len[] = {0, 16, 32, 63, 64, 65, 96, 126, 127, 128};

    return v6 ? v6_len[rand() % 10] : v4_len[rand() % 8];
}

static nfl_u128 network(nfl_u128 addr, unsigned len, bool v6)
{
    unsigned bits = v6 ? 128 : 32;

    return len ? addr >> (bits - len) << (bits - len) : 0;
}

static void some_ports(uint16_t *lo, uint16_t *hi)
{
    *lo = 0;
    *hi = 65535;
    if (rand() % 2)
        return;
    *lo = (uint16_t)(rand() % 10);
    *hi = rand() % 3 ? *lo : (uint16_t)(*lo + rand() % 300);
}

static uint8_t some_proto(void)
{
    static const uint8_t protos[] = {0, 1, 6, 17, 58, 255};

    return protos[rand() % 6];
}

static struct nfl_acl_rule some_rule(void)
{
    struct nfl_acl_rule r = {
        .deny = rand() % 2,
        .v6 = rand() % 2,
        .any_dir = rand() % 2,
        .out = rand() % 2,
        .any_proto = rand() % 2,
        .proto = some_proto(),
    };

    r.src_len = some_len(r.v6);
    r.dst_len = some_len(r.v6);
    r.src = network(some_addr(r.v6), r.src_len, r.v6);
    r.dst = network(some_addr(r.v6), r.dst_len, r.v6);
    some_ports(&r.sport_lo, &r.sport_hi);
    some_ports(&r.dport_lo, &r.dport_hi);
    if (rand() % 3 == 0) {
        r.first_mask = rand() % 2 ? 0x1200 : rand() % 2 ? 0xff00 : 0xffff;
        r.first = (uint16_t)((rand() % 20 << 8 | rand() % 3) & r.first_mask);
    }
    return r;
}

static struct nfl_tuple some_tuple(void)
{
    uint8_t v6 = rand() % 2;
    struct nfl_tuple t = {
        .src = some_addr(v6),
        .dst = some_addr(v6),
        .sport = (uint16_t)(rand() % 12),
        .dport = (uint16_t)(rand() % 400),
        .proto = some_proto(),
        .v6 = v6,
    };

    return t;
}

static void compare(unsigned n, unsigned lookups)
{
    struct nfl_acl_rule *rules = calloc(n + 1, sizeof(*rules));
    struct nfl_acl_rules all = {rules, n, rand() % 2, 0};
    struct nfs_acl_index *x;
    struct scan_index *y;
    char err[200];
    unsigned i;

    for (i = 0; i < n; i++)
        rules[i] = some_rule();
    x = nfs_acl_index_new(&all, err, sizeof(err));
    y = scan_new(&all, err, sizeof(err));
    assert_non_null(x);
    assert_non_null(y);
    for (i = 0; i < lookups; i++) {
        struct nfl_tuple t = some_tuple();
        struct nfs_acl_question q = {&t, rand() % 2, rand() % 2,
                                     (uint16_t)(rand() % 20 << 8 | rand() % 3)};

        assert_ptr_equal(nfs_acl_index_find(x, &q), scan_find(y, &q));
    }
    nfs_acl_index_free(x);
    scan_free(y);
    free(rules);
}

static void small_sets(void **state)
{
    unsigned i;

    (void)state;
    srand(5);
    for (i = 0; i < 300; i++)
        compare((unsigned)rand() % 8, 500);
}

static void larger_sets(void **state)
{
    (void)state;
    srand(6);
    compare(100, 20000);
    compare(1000, 20000);
}

static void default_only(void **state)
{
    (void)state;
    compare(0, 10);
}

static int start(void **state)
{
    char name[] = "acl_index", huge[] = "--no-huge", pci[] = "--no-pci",
         shconf[] = "--no-shconf", telemetry[] = "--no-telemetry", m[] = "-m",
         megabytes[] = "128", level[] = "--log-level=error";
    char *argv[] = {name, huge,      pci,   shconf, telemetry,
                    m,    megabytes, level, NULL};

    (void)state;
    return rte_eal_init(8, argv) < 0;
}

static int stop(void **state)
{
    (void)state;
    return rte_eal_cleanup();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(default_only),
        cmocka_unit_test(small_sets),
        cmocka_unit_test(larger_sets),
    };

    return cmocka_run_group_tests(tests, start, stop);
}
