/* The rules for pairs of NFs, fed with what NFP says of its NFs (Sun et al.,
 * SIGCOMM 2017): they give NFP's figures. */
#include "base/arena.h"
#include "plan/rule.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

enum { SIP = 1, DIP, SPORT, DPORT, FIELDS };

/* Of each field, then of the payload: r, w, b (both) or -. */
struct nf {
    const char *name;
    double weight; /* share of deployed middleboxes, % */
    const char *does;
    bool resizes, drops;
};

static const struct nf table[] = {
    {"Firewall", 26, "rrrr-", false, true},
    {"NIDS", 20, "rrrrr", false, false},
    {"Gateway", 19, "rr---", false, false},
    {"Load balancer", 10, "bbrr-", false, false},
    {"Caching", 10, "r-r-r", false, false},
    {"VPN", 7, "rr--b", true, false},
};
enum { NFS = sizeof(table) / sizeof(table[0]) };

static struct act *add(struct arena *a, acts *to, enum act_kind kind,
                       enum act_of of, uintptr_t id)
{
    struct act *x = ARENA_NEW(a, struct act);

    x->kind = kind;
    x->of = of;
    x->id = (const void *)id;
    LIST_ADD(to, x);
    return x;
}

static acts acts_of(struct arena *a, const struct nf *n)
{
    acts all = {0};

    for (unsigned i = 0; n->does[i]; i++) {
        enum act_of of = i + 1 == FIELDS ? OF_PAYLOAD : OF_FIELD;

        if (strchr("rb", n->does[i]))
            add(a, &all, ACT_READ, of, i + 1);
        if (strchr("wb", n->does[i]))
            add(a, &all, ACT_WRITE, of, i + 1);
    }
    if (n->resizes)
        add(a, &all, ACT_RESIZE, OF_FRAME, 0);
    if (n->drops)
        add(a, &all, ACT_DROP, OF_NONE, 0);
    return all;
}

struct shares { /* of all pairs, % */
    double parallel, no_copy;
};

static struct shares shares_of(struct arena *a, bool buffered)
{
    struct shares s = {0};
    double all = 0;

    for (unsigned i = 0; i < NFS; i++) {
        for (unsigned k = 0; k < NFS; k++) {
            double weight = table[i].weight * table[k].weight;
            acts first = acts_of(a, &table[i]), second = acts_of(a, &table[k]);
            enum answer answer;
            struct dep d;

            if (i == k)
                continue;
            rule_pair(&first, &second, &d);
            answer = buffered ? d.buffered : d.answer;
            all += weight;
            s.parallel += answer != ANSWER_ORDERED ? weight : 0;
            s.no_copy += answer == ANSWER_PARALLEL ? weight : 0;
        }
    }
    s.parallel *= 100 / all;
    s.no_copy *= 100 / all;
    return s;
}

static void gives_nfps_figures(void **state)
{
    struct shares s = shares_of(*state, false);

    assert_float_equal(s.parallel, 53.81, 0.005);
    assert_float_equal(s.no_copy, 41.52, 0.005);
}

static void gives_more_if_effects_wait(void **state)
{
    struct shares s = shares_of(*state, true);

    assert_float_equal(s.parallel, 79.1, 0.05);
    assert_float_equal(s.no_copy, 60.3, 0.05);
}

static struct dep pair(struct arena *a, enum act_kind first, enum act_of of1,
                       enum act_kind second, enum act_of of2)
{
    acts x = {0}, y = {0};
    struct dep d;

    add(a, &x, first, of1, 0);
    add(a, &y, second, of2, 0);
    rule_pair(&x, &y, &d);
    return d;
}

static void orders_what_has_no_copy(void **state)
{
    struct dep d = pair(*state, ACT_READ, OF_EVENT, ACT_WRITE, OF_EVENT);

    assert_int_equal(d.answer, ANSWER_ORDERED);
    d = pair(*state, ACT_READ, OF_TUPLE, ACT_WRITE, OF_TUPLE);
    assert_int_equal(d.answer, ANSWER_COPY);
}

static void merges_verdicts(void **state)
{
    struct dep d = pair(*state, ACT_KEEP, OF_OTHER, ACT_DROP, OF_NONE);

    assert_int_equal(d.answer, ANSWER_PARALLEL);
    assert_non_null(d.why[NEED_MERGE].first);
    d = pair(*state, ACT_DROP, OF_NONE, ACT_KEEP, OF_OTHER);
    assert_int_equal(d.answer, ANSWER_ORDERED);
    assert_int_equal(d.buffered, ANSWER_PARALLEL);
}

static void copies_payload_only_where_both_touch_it(void **state)
{
    struct dep d = pair(*state, ACT_READ, OF_PAYLOAD, ACT_WRITE, OF_PAYLOAD);

    assert_int_equal(d.answer, ANSWER_COPY);
    assert_true(d.whole);
    d = pair(*state, ACT_READ, OF_FIELD, ACT_WRITE, OF_FIELD);
    assert_false(d.whole);
}

static void keeps_what_stands_alone(void **state)
{
    for (enum act_kind k = ACT_READ; k < ACT_N; k++) {
        struct dep d = pair(*state, ACT_BAR, OF_OTHER, k, OF_FIELD);

        assert_int_equal(d.buffered, ANSWER_ORDERED);
        d = pair(*state, k, OF_FIELD, ACT_BAR, OF_OTHER);
        assert_int_equal(d.buffered, ANSWER_ORDERED);
    }
}

static int set_up(void **state)
{
    *state = arena_new();
    return 0;
}

static int tear_down(void **state)
{
    arena_free(*state);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_nfps_figures),
        cmocka_unit_test(gives_more_if_effects_wait),
        cmocka_unit_test(orders_what_has_no_copy),
        cmocka_unit_test(merges_verdicts),
        cmocka_unit_test(copies_payload_only_where_both_touch_it),
        cmocka_unit_test(keeps_what_stands_alone),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
