/* LANGUAGE.md, "Fragments": datagrams that are put together, and leave in
 * fragments again. */
#include "flow/cut.h"
#include "flow/fragment.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

enum { ROOM = 128, UDP = 17, FRAMES = 64, ETH = 14 };

struct world {
    struct nfl_tracker *tracker;
    struct nfl_pkt whole;
    unsigned entered, dropped[NFL_DROP_N];
};

static void put16(uint8_t *to, unsigned v)
{
    to[0] = (uint8_t)(v >> 8);
    to[1] = (uint8_t)v;
}

static unsigned get16(const uint8_t *p)
{
    return (unsigned)p[0] << 8 | p[1];
}

static unsigned sum(const uint8_t *p, unsigned bytes)
{
    unsigned long s = 0;

    for (unsigned i = 0; i < bytes; i += 2)
        s += get16(p + i);
    while (s >> 16)
        s = (s & 0xffff) + (s >> 16);
    return (unsigned)s;
}

/* A packet in a block of its own, as the back ends have them. */
static struct nfl_pkt block(const uint8_t *frame, uint32_t len)
{
    struct nfl_pkt p = {.headroom = ROOM, .len = len};

    p.buffer = malloc(ROOM + len);
    assert_non_null(p.buffer);
    p.data = (uint8_t *)p.buffer + ROOM;
    memcpy(p.data, frame, len);
    return p;
}

static bool grow(struct nfl_pkt *p, uint32_t len)
{
    uint8_t *b = malloc(p->headroom + len);

    assert_non_null(b);
    memcpy(b + p->headroom, p->data, p->len < len ? p->len : len);
    free(p->buffer);
    p->buffer = b;
    p->data = b + p->headroom;
    return true;
}

static void enter(void *self, const struct nfl_pkt *p)
{
    struct world *w = self;

    free(w->whole.buffer);
    w->whole = *p;
    w->entered++;
}

static void drop(void *self, const struct nfl_pkt *p, enum nfl_drop reason)
{
    struct world *w = self;

    w->dropped[reason]++;
    free(p->buffer);
}

static int begin(void **state)
{
    static const struct nfl_module module;
    static struct world w;
    const struct nfl_fragment_sink to = {enter, drop, grow, &w};

    memset(&w, 0, sizeof(w));
    w.tracker = nfl_tracker_new(&module, 1, true, &to);
    *state = &w;
    return w.tracker ? 0 : -1;
}

static int end(void **state)
{
    struct world *w = *state;

    nfl_tracker_end(w->tracker);
    nfl_tracker_free(w->tracker);
    free(w->whole.buffer);
    return 0;
}

/* An IPv4 packet of so many bytes of data, with options of 8 bytes: one for
 * each fragment, one that is not. */
static uint32_t make4(uint8_t *frame, unsigned data)
{
    uint8_t *ip = frame + ETH;
    unsigned i;

    memset(frame, 0, ETH + 28);
    put16(frame + 12, 0x0800);
    ip[0] = 0x47;
    put16(ip + 2, 28 + data);
    put16(ip + 4, 77);
    ip[8] = 64;
    ip[9] = UDP;
    ip[15] = 1;
    ip[19] = 2;
    memcpy(ip + 20, "\x82\x03x\x07\x04yz", 8);
    put16(ip + 10, ~sum(ip, 28) & 0xffff);
    for (i = 0; i < data; i++)
        ip[28 + i] = (uint8_t)(i * 7 + i / 256);
    return ETH + 28 + data;
}

/* An IPv6 one behind a tag, with a hop-by-hop and a destination header, the
 * second of which is cut, too. */
static uint32_t make6(uint8_t *frame, unsigned data)
{
    uint8_t *ip = frame + ETH + 4;
    unsigned i;

    memset(frame, 0, ETH + 4 + 40 + 16);
    put16(frame + 12, 0x8100);
    put16(frame + 16, 0x86dd);
    ip[0] = 0x60;
    put16(ip + 4, 16 + data);
    ip[23] = 1;
    ip[39] = 2;
    ip[40] = 60;
    ip[48] = UDP;
    for (i = 0; i < data; i++)
        ip[56 + i] = (uint8_t)(i * 5 + i / 256);
    return ETH + 4 + 56 + data;
}

/* Cuts it into frames; how many. */
static unsigned cut(const uint8_t *frame, uint32_t len, unsigned most,
                    struct nfl_pkt to[FRAMES])
{
    struct nfl_pkt p = block(frame, len);
    uint8_t one[4096];
    struct nfl_cut c;
    uint32_t n;
    unsigned frames = 0;

    p.cut = (uint16_t)most;
    p.cut_id = 0x12345678;
    p.joined = 1;
    if (nfl_cut_begin(&c, &p))
        while ((n = nfl_cut_next(&c, one))) {
            assert_true(n <= nfl_cut_longest(&c));
            to[frames++] = block(one, n);
        }
    free(p.buffer);
    return frames;
}

/* The fragments arrive, from number `from` on, and around. */
static void arrive(struct world *w, struct nfl_pkt *p, unsigned n,
                   unsigned from)
{
    struct nfl_fragment f;
    unsigned i;

    for (i = 0; i < n; i++) {
        struct nfl_pkt *one = &p[(from + i) % n];

        one->time = 1000 + i;
        assert_true(nfl_fragment_find(one->data, one->len, &f));
        nfl_tracker_take(w->tracker, one, &f);
    }
}

static void there_and_back(struct world *w, const uint8_t *frame, uint32_t len,
                           unsigned most)
{
    struct nfl_pkt p[FRAMES];
    unsigned from, n = 1;

    for (from = 0; from < n; from++) {
        n = cut(frame, len, most, p);
        assert_true(n > 1);
        w->entered = 0;
        arrive(w, p, n, from);
        assert_int_equal(w->entered, 1);
        assert_int_equal(w->whole.len, len);
        assert_memory_equal(w->whole.data, frame, len);
        assert_true(w->whole.cut <= most && w->whole.cut > most - 8);
        assert_int_equal(w->whole.time, 1000 + n - 1);
    }
}

static void ipv4(void **state)
{
    uint8_t frame[4096];

    there_and_back(*state, frame, make4(frame, 1000), 300);
    there_and_back(*state, frame, make4(frame, 17), 28 + 8);
    there_and_back(*state, frame, make4(frame, 2000), 1500);
}

static void ipv6(void **state)
{
    struct world *w = *state;
    uint8_t frame[4096];

    there_and_back(w, frame, make6(frame, 1000), 300);
    assert_int_equal(w->whole.cut_id, 0x12345678);
    there_and_back(w, frame, make6(frame, 2000), 1280);
}

/* What each fragment of IPv4 is. */
static void headers4(void **state)
{
    struct nfl_pkt p[FRAMES];
    uint8_t frame[4096];
    unsigned i, n;

    (void)state;
    n = cut(frame, make4(frame, 1000), 300, p);
    assert_int_equal(n, 4);
    for (i = 0; i < n; i++) {
        const uint8_t *ip = p[i].data + ETH;

        assert_true(get16(ip + 2) <= 300);
        assert_int_equal(get16(ip + 6) & 0x1fff, i * 272 / 8);
        assert_int_equal(!!(get16(ip + 6) & 0x2000), i < n - 1);
        assert_int_equal(sum(ip, 28), 0xffff);
        assert_int_equal(ip[20], 0x82);
        assert_int_equal(ip[23], i == 0 ? 7 : 1);
        free(p[i].buffer);
    }
}

static void as_they_are(void **state)
{
    struct nfl_pkt p[FRAMES];
    uint8_t frame[4096];
    uint32_t len = make4(frame, 100);

    (void)state;
    assert_int_equal(cut(frame, len, 0, p), 0);
    assert_int_equal(cut(frame, len, 128, p), 0); /* short enough */
    assert_int_equal(cut(frame, len, 30, p), 0);  /* no room for data */
    assert_int_equal(cut(frame, len - 1, 100, p), 0);
    assert_int_equal(cut(frame, 13, 100, p), 0);
    frame[12] = 9;
    assert_int_equal(cut(frame, len, 100, p), 0);
}

/* A wrong sum of the header stays wrong. */
static void wrong_sum(void **state)
{
    struct world *w = *state;
    struct nfl_pkt p[FRAMES];
    uint8_t frame[4096];
    uint32_t len = make4(frame, 1000);

    put16(frame + ETH + 10, get16(frame + ETH + 10) ^ 0x0100);
    arrive(w, p, cut(frame, len, 300, p), 2);
    assert_int_equal(w->entered, 1);
    assert_memory_equal(w->whole.data, frame, len);
}

static void too_long(void **state)
{
    struct world *w = *state;
    uint8_t *frame = malloc(NFL_FRAGMENT_FRAME);
    struct nfl_pkt p[FRAMES];
    uint32_t len;

    assert_non_null(frame);
    len = make4(frame, NFL_FRAGMENT_WHOLE);
    there_and_back(w, frame, len, 1500);
    len = make4(frame, NFL_FRAGMENT_WHOLE + 1);
    w->entered = 0;
    arrive(w, p, cut(frame, len, 1500, p), 0);
    assert_int_equal(w->entered, 0);
    assert_int_equal(w->dropped[NFL_DROP_fragment_long], 7);
    free(frame);
}

/* Who does not complete them holds up nobody for long. */
static void floods(void **state)
{
    struct world *w = *state;
    struct nfl_pkt p[FRAMES];
    uint8_t frame[4096];
    unsigned i, n;

    for (i = 0; i < NFL_FRAGMENT_JOINING + 10; i++) {
        n = cut(frame, make4(frame, 500), 300, p);
        put16(p[0].data + ETH + 4, i);
        free(p[1].buffer);
        assert_int_equal(n, 2);
        arrive(w, p, 1, 0);
    }
    assert_int_equal(w->dropped[NFL_DROP_fragment_missing], 10);
    there_and_back(w, frame, make4(frame, 1000), 300);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(headers4),
        cmocka_unit_test(as_they_are),
        cmocka_unit_test_setup_teardown(ipv4, begin, end),
        cmocka_unit_test_setup_teardown(ipv6, begin, end),
        cmocka_unit_test_setup_teardown(wrong_sum, begin, end),
        cmocka_unit_test_setup_teardown(too_long, begin, end),
        cmocka_unit_test_setup_teardown(floods, begin, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
