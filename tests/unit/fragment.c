/* LANGUAGE.md, "Fragments": which frames are fragments, and what becomes of
 * them, rule by rule. */
#include "flow/fragment.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

enum { MORE = 0x2000, TCP = 6, UDP = 17, MANY = 4096 };

struct world {
    struct nfl_tracker *tracker;
    uint64_t time;
    unsigned entered, later, dropped[NFL_DROP_N];
    uint64_t order[MANY]; /* numbers of those that entered */
    uint16_t dport;       /* of the latest later one */
};

static uint8_t frame[14 + 4 + 40 + 16 + 64];

static void put16(uint8_t *to, unsigned v)
{
    to[0] = (uint8_t)(v >> 8);
    to[1] = (uint8_t)v;
}

/* An IPv4 packet of so many bytes of data; word: flags and offset. */
static uint32_t make4(unsigned id, unsigned word, unsigned proto, unsigned len)
{
    uint8_t *ip = frame + 14;

    memset(frame, 0, sizeof(frame));
    put16(frame + 12, 0x0800);
    ip[0] = 0x45;
    put16(ip + 2, 20 + len);
    put16(ip + 4, id);
    put16(ip + 6, word);
    ip[9] = (uint8_t)proto;
    ip[15] = 1;
    ip[19] = 2;
    put16(ip + 22, 53);
    return 14 + 20 + len;
}

/* An IPv6 one; offset and M as they lie; behind a hop-by-hop header. */
static uint32_t make6(unsigned word, unsigned len)
{
    uint8_t *ip = frame + 14;

    memset(frame, 0, sizeof(frame));
    put16(frame + 12, 0x86dd);
    ip[0] = 0x60;
    put16(ip + 4, 16 + len);
    ip[6] = 0;
    ip[23] = 1;
    ip[39] = 2;
    ip[40] = 44;
    ip[48] = UDP;
    put16(ip + 50, word);
    ip[55] = 9;
    return 14 + 56 + len;
}

static void finds_ipv4(void **state)
{
    struct nfl_fragment f;
    uint32_t n;

    (void)state;
    n = make4(7, MORE | 3, UDP, 16);
    assert_true(nfl_fragment_find(frame, n, &f));
    assert_int_equal(f.at, 24);
    assert_int_equal(f.len, 16);
    assert_int_equal(f.id, 7);
    assert_true(f.more && !f.v6 && f.src == 1 && f.dst == 2);
    assert_true(nfl_fragment_find(frame, n + 5, &f)); /* padding */
    assert_int_equal(f.len, 16);
    assert_false(nfl_fragment_find(frame, n - 1, &f));
    assert_false(nfl_fragment_find(frame, 13, &f));
    n = make4(7, 0x4000, UDP, 16);
    assert_false(nfl_fragment_find(frame, n, &f));
    n = make4(7, 1, UDP, 8);
    assert_true(nfl_fragment_find(frame, n, &f));
    assert_true(f.at == 8 && !f.more);
    frame[14] = 0x44;
    assert_false(nfl_fragment_find(frame, n, &f));
}

static void finds_ipv6(void **state)
{
    struct nfl_fragment f;
    uint32_t n;

    (void)state;
    n = make6(16 | 1, 16);
    assert_true(nfl_fragment_find(frame, n, &f));
    assert_true(f.v6 && f.more && f.at == 16 && f.len == 16 && f.id == 9);
    assert_true(f.proto == UDP && f.src == 1 && f.dst == 2);
    assert_false(nfl_fragment_find(frame, n - 1, &f));
    n = make6(0, 16); /* an atomic one */
    assert_false(nfl_fragment_find(frame, n, &f));
    n = make6(8, 16);
    frame[14 + 41] = 2; /* the hop-by-hop header is longer than the packet */
    assert_false(nfl_fragment_find(frame, n, &f));
}

static void finds_behind_tags(void **state)
{
    struct nfl_fragment f;
    uint32_t n = make4(7, 3, UDP, 16);

    (void)state;
    memmove(frame + 16, frame + 12, n - 12);
    put16(frame + 12, 0x88a8);
    assert_true(nfl_fragment_find(frame, n + 4, &f));
    assert_int_equal(f.at, 24);
}

/* ---- the tracker ---- */

static bool tuple_of(struct nfl_pkt *p, struct nfl_tuple *t)
{
    memset(t, 0, sizeof(*t));
    if (p->len < 14 + 20 + 8)
        return false; /* its header is cut */
    t->src = 1;
    t->dst = p->data[14 + 9] == 4 ? 3 : 2; /* in a tunnel another one */
    t->proto = p->data[14 + 9];
    t->dport = 53;
    return true;
}

static void enter(void *self, const struct nfl_pkt *p)
{
    struct world *w = self;

    w->order[w->entered++] = p->number;
    w->later += p->later;
    if (p->later)
        w->dport = p->dport;
}

static void drop(void *self, const struct nfl_pkt *p, enum nfl_drop reason)
{
    struct world *w = self;

    (void)p;
    w->dropped[reason]++;
}

static const struct nfl_module module = {.tuple = tuple_of};

static int begin(void **state)
{
    static struct world w;
    const struct nfl_fragment_sink to = {enter, drop, NULL, &w};

    memset(&w, 0, sizeof(w));
    w.time = 1000000000;
    w.tracker = nfl_tracker_new(&module, 1, false, &to);
    *state = &w;
    return w.tracker ? 0 : -1;
}

static int end(void **state)
{
    struct world *w = *state;

    nfl_tracker_free(w->tracker);
    return 0;
}

static void arrives(struct world *w, uint64_t number, unsigned id,
                    unsigned word, unsigned proto, unsigned len)
{
    struct nfl_pkt p = {.number = number, .time = w->time++};
    struct nfl_fragment f;

    p.len = make4(id, word, proto, len);
    p.data = frame;
    assert_true(nfl_fragment_find(frame, p.len, &f));
    nfl_tracker_take(w->tracker, &p, &f);
}

static void in_order(void **state)
{
    struct world *w = *state;

    arrives(w, 1, 7, MORE, UDP, 16);
    arrives(w, 2, 7, MORE | 2, UDP, 16);
    arrives(w, 3, 7, 4, UDP, 5);
    assert_int_equal(w->entered, 3);
    assert_int_equal(w->later, 2);
    assert_int_equal(w->dport, 53);
    /* It is complete, so it is known no more: the same id begins anew. */
    arrives(w, 4, 7, 4, UDP, 5);
    assert_int_equal(w->entered, 3);
    nfl_tracker_end(w->tracker);
    assert_int_equal(w->dropped[NFL_DROP_fragment_first], 1);
}

static void out_of_order(void **state)
{
    struct world *w = *state;
    static const uint64_t order[] = {4, 3, 2, 1};

    arrives(w, 3, 7, 4, UDP, 5);
    arrives(w, 9, 8, MORE | 2, UDP, 8); /* of another one */
    arrives(w, 2, 7, MORE | 2, UDP, 8);
    arrives(w, 1, 7, MORE | 3, UDP, 8);
    assert_int_equal(w->entered, 0);
    arrives(w, 4, 7, MORE, UDP, 16);
    assert_int_equal(w->entered, 4);
    assert_int_equal(w->later, 3);
    assert_int_equal(w->order[0], order[0]);
    assert_int_equal(w->order[1], 3);
    assert_int_equal(w->order[2], 2);
    assert_int_equal(w->order[3], 1);
}

static void overlaps(void **state)
{
    struct world *w = *state;

    arrives(w, 1, 7, MORE, UDP, 24);
    arrives(w, 2, 7, MORE | 2, UDP, 16);
    assert_int_equal(w->dropped[NFL_DROP_fragment_overlap], 1);
    arrives(w, 3, 7, 9, UDP, 16); /* all of it is bad now */
    assert_int_equal(w->dropped[NFL_DROP_fragment_overlap], 2);
    assert_int_equal(w->entered, 1);
    /* Behind the end, and another end. */
    arrives(w, 4, 8, MORE, UDP, 16);
    arrives(w, 5, 8, 4, UDP, 8);
    arrives(w, 6, 8, MORE | 6, UDP, 8);
    assert_int_equal(w->dropped[NFL_DROP_fragment_overlap], 3);
}

static void duplicates(void **state)
{
    struct world *w = *state;

    arrives(w, 1, 7, MORE, UDP, 16);
    arrives(w, 2, 7, MORE, UDP, 16);
    arrives(w, 3, 7, MORE | 4, UDP, 16);
    arrives(w, 4, 7, MORE | 4, UDP, 16);
    assert_int_equal(w->dropped[NFL_DROP_fragment_again], 2);
    assert_int_equal(w->entered, 2);
}

static void bad_ones(void **state)
{
    struct world *w = *state;

    arrives(w, 1, 7, MORE, UDP, 12);    /* no multiple of 8 */
    arrives(w, 2, 7, 0x1fff, UDP, 16);  /* ping of death */
    arrives(w, 3, 7, MORE | 9, UDP, 0); /* nothing in it */
    assert_int_equal(w->dropped[NFL_DROP_fragment_bad], 3);
    arrives(w, 4, 7, 1, TCP, 12); /* RFC 3128 */
    assert_int_equal(w->dropped[NFL_DROP_fragment_tiny], 1);
}

static void tunnels(void **state)
{
    struct world *w = *state;

    arrives(w, 1, 7, MORE, 4, 16);
    arrives(w, 2, 7, 2, 4, 16);
    assert_int_equal(w->entered, 2);
    assert_int_equal(w->later, 0);
}

static void too_late(void **state)
{
    struct world *w = *state;

    arrives(w, 1, 7, 2, UDP, 16);
    w->time += NFL_FRAGMENT_TIME;
    arrives(w, 2, 7, MORE, UDP, 16);
    assert_int_equal(w->dropped[NFL_DROP_fragment_first], 1);
    assert_int_equal(w->entered, 1);
}

/* One more than may wait, and than are known: the oldest goes. */
static void floods(void **state)
{
    struct world *w = *state;
    unsigned i;

    for (i = 0; i < NFL_FRAGMENT_HELD + 1; i++)
        arrives(w, i, i, 2, UDP, 8);
    assert_int_equal(w->dropped[NFL_DROP_fragment_first], 1);
    for (i = 1; i < NFL_FRAGMENT_DATAGRAMS + 2; i++)
        arrives(w, i, i, MORE, UDP, 16);
    assert_int_equal(w->entered,
                     NFL_FRAGMENT_DATAGRAMS + 1 + NFL_FRAGMENT_HELD);
    assert_int_equal(w->dropped[NFL_DROP_fragment_first], 1);
    w->entered = 0;
    for (i = 0; i < NFL_FRAGMENT_PARTS; i++)
        arrives(w, i, 5000, MORE | i * 2, UDP, 16);
    assert_int_equal(w->entered, NFL_FRAGMENT_PARTS);
    arrives(w, i, 5000, MORE | i * 2, UDP, 16);
    assert_int_equal(w->dropped[NFL_DROP_fragment_many], 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_ipv4),
        cmocka_unit_test(finds_ipv6),
        cmocka_unit_test(finds_behind_tags),
        cmocka_unit_test_setup_teardown(in_order, begin, end),
        cmocka_unit_test_setup_teardown(out_of_order, begin, end),
        cmocka_unit_test_setup_teardown(overlaps, begin, end),
        cmocka_unit_test_setup_teardown(duplicates, begin, end),
        cmocka_unit_test_setup_teardown(bad_ones, begin, end),
        cmocka_unit_test_setup_teardown(tunnels, begin, end),
        cmocka_unit_test_setup_teardown(too_late, begin, end),
        cmocka_unit_test_setup_teardown(floods, begin, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
