/* A table that is full, of both families, over and over: lines of references
 * overflow, entries are used again, and all sessions are found from both sides.
 */
#include <nfl/session.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static const struct nfl_nf_desc nfs[] = {{"A", 0, -1}, {"B", 1, -1}};

enum { MANY = 20000 };

static struct nfl_tuple many_tuple(unsigned i)
{
    struct nfl_tuple t = {.src = i, .dst = 1, .sport = 1, .proto = 17};

    if (i % 3 == 0) {
        t.src |= (nfl_u128)0xfd << 120;
        t.v6 = 1;
    }
    return t;
}

static struct nfl_session *many_packet(struct nfl_worker *w,
                                       const struct nfl_tuple *t, unsigned side,
                                       bool *back)
{
    const struct nfl_l4 l4 = {NULL, NFL_SET_SPORT | NFL_SET_DPORT};
    struct nfl_chain *c = w->chains;

    return nfl_session_packet(w, c, t, side, nfl_session_hash(c, t, side), &l4,
                              back);
}

/* Both ways; every other one leaves with another source. */
static void many_open(struct nfl_worker *w, unsigned i)
{
    struct nfl_tuple t = many_tuple(i), to = t;
    struct nfl_session *s;
    bool back;

    s = many_packet(w, &t, 0, &back);
    assert_non_null(s);
    assert_false(back);
    to.sport = 2;
    if (i % 2)
        assert_true(nfl_session_rewrite(w, w->chains, s, 0,
                                        NFL_SET_SRC | NFL_SET_SPORT, &to));
}

static void many_known(struct nfl_worker *w, unsigned i)
{
    struct nfl_tuple t = many_tuple(i), r;
    struct nfl_session *s, *again;
    bool back;

    s = many_packet(w, &t, 0, &back);
    assert_non_null(s);
    assert_false(back);
    t.sport = i % 2 ? 2 : 1;
    r = nfl_tuple_reverse(&t);
    again = many_packet(w, &r, 1, &back);
    assert_ptr_equal(again, s);
    assert_true(back);
}

static void a_full_table(void **state)
{
    static const struct nfl_flows_desc f = {
        .size = MANY,
        .opening = 1000,
        .idle = 1000,
        .closing = 1000,
        .entry_bytes = sizeof(struct nfl_session) + 16};
    static const struct nfl_chain_desc d = {.name = "c",
                                            .port = {0, 1},
                                            .two_way = true,
                                            .shards = 1,
                                            .key = NFL_KEY_TUPLE,
                                            .flows = &f,
                                            .nfs = nfs,
                                            .n_nfs = 2,
                                            .n_hops = 2};
    const struct nfl_chain_desc *list[] = {&d};
    struct nfl_module m = {NFL_MODULE_ABI, .chains = list, .n_chains = 1};
    struct nfl_worker w;
    char err[200];
    unsigned round, i;

    (void)state;
    assert_true(nfl_worker_init(&w, NULL, &m, NULL, 7, err, sizeof(err)));
    for (round = 0; round < 3; round++) {
        nfl_worker_clock(&w, (1 + (uint64_t)round * 4000) * 1000000);
        for (i = 0; i < MANY; i++)
            many_open(&w, i);
        nfl_worker_clock(&w, (501 + (uint64_t)round * 4000) * 1000000);
        for (i = 0; i < MANY; i += 2)
            many_known(&w, i);
        nfl_worker_clock(&w, (1301 + (uint64_t)round * 4000) * 1000000);
        for (i = 0; i < MANY; i += 2)
            many_known(&w, i);
        for (i = 1; i < MANY; i += 2)
            many_open(&w, i + 2 * MANY); /* the others have ended */
        for (i = 0; i < MANY; i++)
            many_known(&w, i % 2 ? i + 2 * MANY : i);
    }
    nfl_worker_fini(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_full_table),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
