/* maglev(backends, key): shares, weights, how few flows move, and the same
 * table as the interpreter's. */
#include "base/arena.h"
#include "interp/object.h"
#include "interp/world.h"
#include <nfl/backend_text.h>
#include <nfl/ctx.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void *nfs_maglev_new(struct nfl_chain *c, struct nfl_setup *setup,
                     const char *backends, uint64_t key);
void nfs_maglev_free(void *object);
bool nfs_maglev_pick(struct nfl_ctx *c, void *object, const char *name,
                     struct nfl_session *f, uint64_t by,
                     struct nfl_ipaddr *addr, uint64_t *port);
uint64_t nfs_maglev_look(struct nfl_ctx *c, void *object, const char *name,
                         struct nfl_ipaddr addr);
void nfs_maglev_state(const void *object, struct nfl_state *s,
                      const char *prefix);

enum { FLOWS = 200000, MAX = 64 };

static char folder[] = "/tmp/maglev-XXXXXX";
static const struct nfl_nf_desc nfs[] = {{"Maglev", -1, -1}};
static const struct nfl_flows_desc flows = {.entry_bytes =
                                                sizeof(struct nfl_session)};
static const struct nfl_chain_desc desc = {
    .name = "web", .nfs = nfs, .flows = &flows};
static struct nfl_chain chain = {.desc = &desc};
static struct nfl_options options;
static const struct nfl_module module = {.srcdir = folder};

static void write_file(const char *text)
{
    FILE *f = fopen("web", "w");

    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(fclose(f), 0);
}

static char told[160]; /* of the last one */

static void *make_anew(const char *text, uint64_t key, const void *before)
{
    struct nfl_setup setup = {
        .module = &module, .options = &options, .before = before};
    void *m;

    write_file(text);
    m = nfs_maglev_new(&chain, &setup, "web", key);
    if (!m)
        fail_msg("%s", setup.err);
    strcpy(told, setup.told);
    return m;
}

static void *make(const char *text, uint64_t key)
{
    return make_anew(text, key, NULL);
}

/* The i-th flow of a long list. */
static struct nfl_tuple flow(unsigned i, bool v6)
{
    struct nfl_tuple t = {.dst = 0xcb007101, .dport = 80, .proto = 6};

    t.src = 0x0a000000 + i / 1000;
    t.sport = (uint16_t)(1024 + i % 1000);
    if (v6) {
        t.src |= (nfl_u128)0x20010db8 << 96;
        t.dst |= (nfl_u128)0x20010db8 << 96;
        t.v6 = 1;
    }
    return t;
}

static bool pick(void *m, const struct nfl_tuple *t, struct nfl_ipaddr *addr,
                 uint64_t *port)
{
    struct {
        struct nfl_session s;
        uint8_t tail[256];
    } entry = {0};
    struct nfl_ctx ctx = {.chain = &chain, .session = &entry.s};

    nfl_session_begin(chain.desc, &entry.s, t, 0);
    return nfs_maglev_pick(&ctx, m, "backends", &entry.s, 0, addr, port);
}

/* The last byte of the address, which tells the backends of a test apart. */
static unsigned pick_last(void *m, unsigned i, bool v6)
{
    struct nfl_tuple t = flow(i, v6);
    struct nfl_ipaddr addr;
    uint64_t port;

    assert_true(pick(m, &t, &addr, &port));
    assert_int_equal(addr.v6, v6);
    return (unsigned)(addr.a & 0xff);
}

static void count(void *m, unsigned got[256])
{
    unsigned i;

    memset(got, 0, 256 * sizeof(*got));
    for (i = 0; i < FLOWS; i++)
        got[pick_last(m, i, false)]++;
}

/* Lines for 10.0.0.1 to 10.0.0.n, without `skip`. */
static const char *equals(unsigned n, unsigned skip)
{
    static char text[MAX * 16];
    char *at = text;
    unsigned i;

    *at = '\0';
    for (i = 1; i <= n; i++)
        if (i != skip)
            at += sprintf(at, "10.0.0.%u\n", i);
    return text;
}

/* ---- what is picked ---- */

static void endpoints(void **state)
{
    void *m = make("10.0.0.1:8080\n[2001:db8::1]\n", 0);
    struct nfl_tuple t = flow(7, false);
    struct nfl_ipaddr addr;
    uint64_t port;

    (void)state;
    assert_true(pick(m, &t, &addr, &port));
    assert_true(addr.a == 0x0a000001 && !addr.v6);
    assert_int_equal(port, 8080);
    t = flow(7, true);
    assert_true(pick(m, &t, &addr, &port));
    assert_true(addr.a == ((nfl_u128)0x20010db8 << 96 | 1) && addr.v6 == 1);
    assert_int_equal(port, 80); /* the flow's own */
    nfs_maglev_state(m, NULL, "web Maglev backends");
    nfs_maglev_free(m);
    nfs_maglev_free(NULL);
}

static void none_of_the_family(void **state)
{
    static const char *const texts[] = {"", "[::1]\n10.0.0.1 weight 0\n"};
    struct nfl_tuple t = flow(7, false);
    struct nfl_ipaddr addr;
    uint64_t port;
    unsigned i;
    void *m;

    (void)state;
    for (i = 0; i < 2; i++) {
        m = make(texts[i], 0);
        assert_false(pick(m, &t, &addr, &port));
        nfs_maglev_free(m);
    }
}

/* From a program that shares nothing with ours: the table may not change. */
static void frozen(void **state)
{
    static const uint8_t want4[16] = {2, 2, 3, 1, 3, 2, 2, 1,
                                      2, 2, 3, 1, 1, 1, 2, 1};
    static const uint8_t want6[16] = {4, 4, 5, 4, 4, 4, 5, 4,
                                      4, 5, 4, 4, 4, 4, 5, 5};
    static const uint8_t want_key[16] = {2, 3, 3, 2, 1, 3, 2, 2,
                                         3, 2, 3, 2, 2, 2, 3, 2};
    static const char *const text =
        "10.0.0.3:80 weight 2\n10.0.0.1\n10.0.0.2:8080 weight 3\n"
        "[2001:db8::5]:80\n[2001:db8::4] weight 2\n";
    void *m = make(text, 0), *keyed = make(text, 0x0123456789abcdef);
    unsigned i;

    (void)state;
    for (i = 0; i < 16; i++) {
        assert_int_equal(pick_last(m, i, false), want4[i]);
        assert_int_equal(pick_last(m, i, true), want6[i]);
        assert_int_equal(pick_last(keyed, i, false), want_key[i]);
    }
    nfs_maglev_free(m);
    nfs_maglev_free(keyed);
}

/* ---- shares ---- */

/* Entries differ by one at most; the rest is the luck of the flows. */
static void even(void **state)
{
    unsigned got[256], n = 20, i;
    void *m = make(equals(n, 0), 0);

    (void)state;
    count(m, got);
    for (i = 1; i <= n; i++)
        assert_in_range(got[i], FLOWS / n * 96 / 100, FLOWS / n * 104 / 100);
    nfs_maglev_free(m);
}

static void weights(void **state)
{
    static const unsigned parts[] = {0, 1, 2, 3, 4, 10};
    void *m = make("10.0.0.1\n10.0.0.4 weight 4\n10.0.0.3 weight 3\n"
                   "10.0.0.2 weight 2\n10.0.0.5 weight 10\n"
                   "10.0.0.6 weight 0\n",
                   5);
    unsigned got[256], i;

    (void)state;
    count(m, got);
    assert_int_equal(got[6], 0);
    for (i = 1; i <= 5; i++)
        assert_in_range(got[i], FLOWS / 20 * parts[i] * 96 / 100,
                        FLOWS / 20 * parts[i] * 104 / 100);
    nfs_maglev_free(m);
}

static void order_of_lines(void **state)
{
    void *a = make("10.0.0.1\n10.0.0.2:80 weight 3\n10.0.0.2:79\n[::1]\n", 0);
    void *b = make("10.0.0.2:79\n[::1]\n10.0.0.2:80 weight 3\n10.0.0.1\n", 0);
    struct nfl_ipaddr x, y;
    uint64_t p, q;
    unsigned i;

    (void)state;
    for (i = 0; i < FLOWS; i++) {
        struct nfl_tuple t = flow(i, false);

        assert_true(pick(a, &t, &x, &p) && pick(b, &t, &y, &q));
        assert_true(nfl_ipaddr_eq(x, y) && p == q);
    }
    nfs_maglev_free(a);
    nfs_maglev_free(b);
}

/* Of n backends one goes: its flows must move, few others may. */
static void disruption_of(unsigned n, unsigned gone, unsigned per_mille)
{
    void *all = make(equals(n, 0), 0), *rest = make(equals(n, gone), 0);
    unsigned own = 0, others = 0, i, a, b;

    for (i = 0; i < FLOWS; i++) {
        a = pick_last(all, i, false);
        b = pick_last(rest, i, false);
        assert_int_not_equal(b, gone);
        own += a == gone;
        others += a != gone && a != b;
    }
    print_message("%u backends less one: %.2f %% of the flows were its own, "
                  "%.2f %% of the others moved\n",
                  n, 100.0 * own / FLOWS, 100.0 * others / (FLOWS - own));
    assert_in_range(others * 1000ull / (FLOWS - own), 0, per_mille);
    nfs_maglev_free(all);
    nfs_maglev_free(rest);
}

static void disruption(void **state)
{
    (void)state;
    disruption_of(2, 1, 0);
    disruption_of(3, 2, 10);
    disruption_of(10, 1, 10);
    disruption_of(10, 7, 10);
    disruption_of(60, 33, 10);
}

/* What a new file changes, in the words of its maker. */
static void changes(void **state)
{
    static const char *const three = "10.0.0.1\n10.0.0.2 weight 2\n10.0.0.3\n";
    void *a = make(three, 0), *b;
    double moved = -1;

    (void)state;
    assert_string_equal(told, "");
    b = make_anew("10.0.0.3\n10.0.0.2 weight 2\n10.0.0.1 weight 1\n", 0, a);
    assert_string_equal(told, "");
    nfs_maglev_free(b);
    b = make_anew("10.0.0.1\n10.0.0.2 weight 2\n10.0.0.3 drain\n", 0, a);
    assert_int_equal(
        sscanf(told, "3 -> 2 backends for new flows, %lf %%", &moved), 1);
    assert_true(moved >= 0 && moved < 1);
    nfs_maglev_free(a);
    a = make_anew("[2001:db8::1]\n", 0, b);
    assert_string_equal(told, "2 -> 1 backends for new flows, 0.00 % of the "
                              "share of those that stay moved among them");
    nfs_maglev_free(a);
    nfs_maglev_free(b);
}

/* Checks take backends out, and put them in again: the file is not read. */
static void taken_out(void **state)
{
    struct nfl_backend list[] = {{.addr = 0x0a000002, .port = 80},
                                 {.addr = 0x0a000009}};
    struct nfl_backends down = {list, 2};
    struct nfl_ipaddr two = {0x0a000002, 0};
    struct nfl_setup setup = {.module = &module, .again = true, .down = &down};
    void *all = make("10.0.0.3\n10.0.0.2:80 weight 2\n10.0.0.1\n", 0), *m, *b;
    unsigned got[256], was[256];

    (void)state;
    setup.before = all;
    write_file("nonsense");
    m = nfs_maglev_new(&chain, &setup, "web", 0);
    if (!m)
        fail_msg("%s", setup.err);
    assert_memory_equal(setup.told, "3 -> 2 backends for new flows", 29);
    count(m, got);
    assert_int_equal(got[2], 0);
    assert_int_equal(nfs_maglev_look(NULL, m, "", two), 1);
    setup.before = m;
    setup.down = NULL;
    b = nfs_maglev_new(&chain, &setup, "web", 0);
    assert_non_null(b);
    count(b, got);
    count(all, was);
    assert_memory_equal(got, was, sizeof(got));
    nfs_maglev_free(all);
    nfs_maglev_free(m);
    nfs_maglev_free(b);
}

/* ---- how a backend stands ---- */

static void look(void **state)
{
    static const struct {
        uint32_t addr;
        uint8_t v6;
        unsigned want;
    } rows[] = {{0x0a000001, 0, 3}, {0x0a000001, 1, 3}, {0x0a000002, 0, 2},
                {0x0a000002, 1, 1}, {0x0a000003, 0, 3}, {0x0a000003, 1, 2},
                {0x0a000004, 0, 1}, {0, 0, 1}};
    struct world w = {.options = &options, .srcdir = folder};
    struct ival file = {.str = "web"}, number = {.u = 0}, addr = {0}, result;
    const struct ival *made[] = {&file, &number}, *args[] = {&addr};
    void *m = make("10.0.0.1\n10.0.0.1:80 drain\n10.0.0.2:80 weight 0\n"
                   "[::10.0.0.1]:7\n10.0.0.3:9\n[::10.0.0.3]:9 drain\n",
                   0);
    struct call c = {.self = maglev_make(&w, 64, made), .args = args};
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct nfl_ipaddr a = {rows[i].addr, rows[i].v6};

        assert_int_equal(nfs_maglev_look(NULL, m, "", a), rows[i].want);
        addr = (struct ival){.u = a.a, .alt = a.v6};
        assert_true(maglev_look(&c, &result));
        assert_int_equal((unsigned)result.u, rows[i].want);
    }
    maglev_free(c.self);
    nfs_maglev_free(m);
}

/* ---- the interpreter's ---- */

static bool oracle(const struct world *w, void *self, const struct nfl_tuple *t,
                   struct nfl_ipaddr *addr, uint64_t *port)
{
    unsigned only = 0;
    struct passage c0 = {.n = 1, .order = {&only, &only}};
    struct session s = {.t0 = *t, .chain = &c0};
    struct position at = {.index = 0};
    struct station station = {.at = &at};
    struct world scratch = {.scratch = w->scratch};
    struct moment m = {.world = &scratch, .session = &s, .station = &station};
    struct ival by = {0}, result = {0};
    const struct ival *args[] = {NULL, &by};
    struct call c = {.moment = &m, .self = self, .args = args};

    if (!maglev_pick(&c, &result))
        return false;
    addr->a = result.parts[0].u;
    addr->v6 = (uint8_t)result.parts[0].alt;
    *port = (uint64_t)result.parts[1].u;
    return true;
}

static void compare(struct world *w, const char *text, uint64_t key)
{
    struct ival file = {.str = "web"}, number = {.u = key};
    const struct ival *args[] = {&file, &number};
    void *m = make(text, key), *o = maglev_make(w, 64, args);
    struct nfl_ipaddr x = {0, 0}, y = {0, 0};
    uint64_t p = 0, q = 0;
    unsigned i;
    bool found;

    if (!o)
        fail_msg("%s", w->err);
    w->scratch = arena_new();
    for (i = 0; i < FLOWS; i++) {
        struct nfl_tuple t = flow(i, i % 2);

        found = pick(m, &t, &x, &p);
        assert_int_equal(found, oracle(w, o, &t, &y, &q));
        if (found)
            assert_true(nfl_ipaddr_eq(x, y) && p == q);
    }
    arena_free(w->scratch);
    maglev_free(o);
    nfs_maglev_free(m);
}

static void like_the_oracle(void **state)
{
    struct world w = {.options = &options, .srcdir = folder};
    char text[MAX * 60], *at = text;
    unsigned i;

    (void)state;
    compare(&w, "", 0);
    compare(&w, "10.0.0.1\n", 1);
    compare(&w, equals(50, 0), UINT64_MAX);
    srandom(7);
    for (i = 0; i < MAX; i++)
        at += sprintf(at,
                      i % 3 ? "10.%ld.0.%u:%ld weight %ld\n"
                            : "[2001:%lx::%x]:%ld weight %ld\n",
                      random() % 4, i, 1 + random() % 3, random() % 12);
    compare(&w, text, 0xfedcba9876543210);
    compare(&w, "10.0.0.1 weight 65535\n10.0.0.2\n[::1] weight 9999\n[::2]\n",
            3);
}

static void no_file(void **state)
{
    struct nfl_setup setup = {.module = &module, .options = &options};

    (void)state;
    write_file("10.0.0.1:http\n");
    assert_null(nfs_maglev_new(&chain, &setup, "web", 0));
    assert_non_null(strstr(setup.err, "web:1: port 'http' is not a number"));
    assert_null(nfs_maglev_new(&chain, &setup, "none", 0));
    assert_non_null(strstr(setup.err, "none"));
}

static int set_up(void **state)
{
    (void)state;
    return mkdtemp(folder) && chdir(folder) == 0 ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    return unlink("web") == 0 && chdir("/") == 0 && rmdir(folder) == 0 ? 0 : -1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(endpoints),  cmocka_unit_test(none_of_the_family),
        cmocka_unit_test(frozen),     cmocka_unit_test(even),
        cmocka_unit_test(weights),    cmocka_unit_test(order_of_lines),
        cmocka_unit_test(disruption), cmocka_unit_test(like_the_oracle),
        cmocka_unit_test(no_file),    cmocka_unit_test(changes),
        cmocka_unit_test(look),       cmocka_unit_test(taken_out),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
