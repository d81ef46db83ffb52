/* Queues of packets that wait: who goes on, in which order, and who makes room.
 * What the packets hold is compared byte by byte. */
#include <nfl/ctx.h>
#include <nfl/module.h>
#include <nfl/queue.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

enum { SIZE = 5, EACH = 2, TICKS = 10, SLOTS = 64 };

struct scene {
    struct nfl_worker worker;
    struct nfl_chain chain;
    struct nfl_ctx ctx;
    struct nfl_queue queue;
    struct nfl_session *flow; /* two of them, which are only compared */
    uint64_t drops[NFL_DROP_N];
};

static int set_up(void **state)
{
    struct scene *s = calloc(1, sizeof(*s));

    s->worker.drops = s->drops;
    s->worker.made = calloc(SLOTS, sizeof(*s->worker.made));
    s->worker.now = 100;
    s->flow = calloc(2, sizeof(*s->flow));
    s->chain.wake = UINT64_MAX;
    s->ctx = (struct nfl_ctx){.worker = &s->worker, .chain = &s->chain};
    assert_true(nfl_queue_init(&s->queue, &s->chain, SIZE, EACH, TICKS, 1));
    *state = s;
    return 0;
}

static int tear_down(void **state)
{
    struct scene *s = *state;

    nfl_queue_fini(&s->queue);
    free(s->worker.made);
    free(s->flow);
    free(s);
    return 0;
}

/* A packet of one byte, its name. */
static bool hold(struct scene *s, uint64_t key, uint8_t name)
{
    struct nfl_pkt p = {.data = &name, .len = 1};

    return nfl_queue_hold(&s->queue, &s->ctx, &p, NULL, &key);
}

static void release(struct scene *s, uint64_t key)
{
    nfl_queue_release(&s->queue, &s->ctx, &key);
}

/* The names of those that go on behind a packet. */
static void goes_on(struct scene *s, const char *names)
{
    struct nfl_pkt behind = {.time = 7, .number = 9};
    struct nfl_turn t = nfl_queues_turn(&s->worker, &s->chain, &behind);
    const struct nfl_made *m;

    s->worker.n_made = s->worker.n_passed = 0;
    for (; *names; names++) {
        m = nfl_queues_next(&s->worker, &s->chain, &t);
        assert_non_null(m);
        assert_int_equal(m->pkt.len, 1);
        assert_int_equal(m->pkt.data[0], *names);
        assert_int_equal(m->pkt.time, 7);
        assert_ptr_equal(m->cause, &behind);
    }
    assert_null(nfl_queues_next(&s->worker, &s->chain, &t));
    assert_null(s->worker.behind);
}

static void in_order(void **state)
{
    struct scene *s = *state;

    assert_true(hold(s, 1, 'a') && hold(s, 2, 'b') && hold(s, 1, 'c'));
    assert_int_equal(s->chain.wake, 110);
    release(s, 3);
    assert_int_equal(s->chain.wake, 110);
    goes_on(s, "");
    release(s, 1);
    assert_int_equal(s->chain.wake, 0);
    goes_on(s, "ac");
    assert_int_equal(s->chain.wake, 110);
    s->worker.now = 110;
    goes_on(s, "b");
    assert_int_equal(s->chain.wake, UINT64_MAX);
    goes_on(s, "");
}

/* Those that are ready before those whose time is over, so many at a time. */
static void so_many(void **state)
{
    struct scene *s = *state;

    assert_true(hold(s, 1, 'a') && hold(s, 2, 'b') && hold(s, 3, 'c'));
    s->worker.now = 110;
    assert_true(hold(s, 4, 'd'));
    release(s, 4);
    goes_on(s, "da");
    goes_on(s, "bc");
    goes_on(s, "");
}

static void bounds(void **state)
{
    struct scene *s = *state;
    struct nfl_pkt made = {.origin = NFL_GENERATED};
    uint8_t frame[NFL_MADE_FRAME + 1] = {0};
    struct nfl_pkt p = {.data = frame, .len = sizeof(frame)};
    uint64_t key = 9;

    assert_true(hold(s, 1, 'a') && hold(s, 1, 'b') && hold(s, 1, 'c'));
    assert_int_equal(s->drops[NFL_DROP_waits_room], 1);
    key = 1;
    assert_int_equal(nfl_queue_count(&s->queue, &key), 2);
    assert_true(hold(s, 2, 'd') && hold(s, 3, 'e') && hold(s, 4, 'f'));
    assert_false(hold(s, 5, 'g'));
    release(s, 1);
    assert_false(hold(s, 5, 'g')); /* they take room until they go on */
    goes_on(s, "bc");
    assert_false(nfl_queue_hold(&s->queue, &s->ctx, &p, NULL, &key));
    assert_false(nfl_queue_hold(&s->queue, &s->ctx, &made, NULL, &key));
    p.len--;
    assert_true(nfl_queue_hold(&s->queue, &s->ctx, &p, NULL, &key));
    assert_int_equal(s->queue.held, 7);
    assert_int_equal(s->queue.refused, 2);
}

static void flows_end(void **state)
{
    struct scene *s = *state;

    s->ctx.session = &s->flow[0];
    assert_true(hold(s, 1, 'a') && hold(s, 2, 'b'));
    s->ctx.session = &s->flow[1];
    assert_true(hold(s, 1, 'c') && hold(s, 3, 'd'));
    release(s, 1);
    nfl_queues_forget(&s->worker, &s->chain, &s->flow[0]);
    assert_int_equal(s->drops[NFL_DROP_waits_flow], 2);
    goes_on(s, "c");
    nfl_queues_end(&s->worker, &s->chain);
    assert_int_equal(s->drops[NFL_DROP_waits_end], 1);
    s->worker.now = 200;
    goes_on(s, "");
    assert_true(hold(s, 1, '1') && hold(s, 1, '2') && hold(s, 2, '3') &&
                hold(s, 2, '4') && hold(s, 3, '5'));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(in_order),
        TEST(so_many),
        TEST(bounds),
        TEST(flows_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
