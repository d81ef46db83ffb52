/* pool(address, ports): slices, first in first out, owners, final state. */
#include <nfl/ctx.h>
#include <nfl/trace.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void *nfs_pool_new(struct nfl_chain *c, struct nfl_setup *setup,
                   uint64_t address, uint64_t lo, uint64_t hi,
                   bool has_forwards, const void *forwards, bool has_addresses,
                   const void *addresses, uint64_t count);
void nfs_pool_free(void *object);
bool nfs_pool_take(struct nfl_ctx *c, void *object, const char *name,
                   struct nfl_session *f, uint64_t *result);
bool nfs_pool_keep(struct nfl_ctx *c, void *object, const char *name,
                   struct nfl_session *f, uint64_t like, bool parity,
                   uint64_t *result);
uint64_t nfs_pool_address(struct nfl_ctx *c, void *object, const char *name,
                          struct nfl_session *f);
void nfs_pool_give(struct nfl_ctx *c, void *object, const char *name,
                   struct nfl_session *f, uint64_t which);
void nfs_pool_state(const void *object, struct nfl_state *s,
                    const char *prefix);

static const struct nfl_chain_desc desc = {.name = "edge"};

static void *make_several(struct nfl_chain *c, uint32_t shards, uint64_t lo,
                          uint64_t hi, uint64_t count)
{
    struct nfl_setup setup = {.shards = shards};

    return nfs_pool_new(c, &setup, 0xcb007107, lo, hi, false, NULL, false, NULL,
                        count);
}

static void *make(struct nfl_chain *c, uint32_t shards, uint64_t lo,
                  uint64_t hi)
{
    void *p = make_several(c, shards, lo, hi, 1);

    assert_non_null(p);
    return p;
}

static uint64_t take(void *pool, struct nfl_session *s)
{
    struct nfl_ctx ctx = {.session = s, .nf = 3};
    uint64_t port = 0;

    return nfs_pool_take(&ctx, pool, "free", s, &port) ? port : 0;
}

static uint64_t keep(void *pool, struct nfl_session *s)
{
    struct nfl_ctx ctx = {.session = s, .nf = 3};
    uint64_t port = 0;

    return nfs_pool_keep(&ctx, pool, "free", s, 0, false, &port) ? port : 0;
}

static void give(void *pool, struct nfl_session *s, uint64_t port)
{
    struct nfl_ctx ctx = {.session = s, .nf = 3};

    nfs_pool_give(&ctx, pool, "free", s, port);
}

static void session(struct nfl_session *s, unsigned shard)
{
    memset(s, 0, sizeof(*s));
    s->shard = (uint16_t)shard;
}

static void end(struct nfl_session *s)
{
    struct nfl_lease *l, *next;

    for (l = nfl_lease_next(s, NULL); l; l = next) {
        next = nfl_lease_next(s, l);
        l->release(l);
    }
}

static void slices(void **state)
{
    struct nfl_chain c = {.desc = &desc};
    void *p = make(&c, 4, 1000, 1009); /* 3, 3, 2, 2 */
    static const int want[10] = {0, 0, 0, 1, 1, 1, 2, 2, 3, 3};
    unsigned i;

    (void)state;
    for (i = 0; i < 10; i++)
        assert_int_equal(
            c.owner(c.owner_object, 0xcb007107, 0, (uint16_t)(1000 + i), 6),
            want[i]);
    assert_int_equal(c.owner(c.owner_object, 0xcb007107, 0, 999, 6), -1);
    assert_int_equal(c.owner(c.owner_object, 0xcb007107, 0, 1010, 6), -1);
    assert_int_equal(c.owner(c.owner_object, 0xcb007107, 1, 1000, 6), -1);
    assert_int_equal(c.owner(c.owner_object, 0xcb007108, 0, 1000, 6), -1);
    nfs_pool_free(p);
}

/* What is said to come next is what the next flow takes. */
static void next_one(void **state)
{
    struct nfl_chain c = {.desc = &desc};
    void *p = make(&c, 4, 1000, 1009);
    struct nfl_session s[3];
    uint32_t addr = 0;
    uint16_t port = 0;
    unsigned i;

    (void)state;
    for (i = 0; i < 3; i++) {
        session(&s[i], 1);
        assert_true(c.next(c.next_object, 1, &addr, &port));
        assert_int_equal(NFL_BE(32, addr), 0xcb007107);
        assert_int_equal(NFL_BE(16, port), take(p, &s[i]));
    }
    assert_false(c.next(c.next_object, 1, &addr, &port));
    end(&s[2]);
    assert_true(c.next(c.next_object, 1, &addr, &port));
    assert_int_equal(NFL_BE(16, port), 1005);
    nfs_pool_free(p);
}

/* Shards have the addresses in turns, and share the ports of each. */
static void addresses(void **state)
{
    struct nfl_chain c = {.desc = &desc};
    void *p = make_several(&c, 5, 1000, 1006, 3); /* 0 3, 1 4, 2 */
    static const int want[3][7] = {
        {0, 0, 0, 0, 3, 3, 3}, {1, 1, 1, 1, 4, 4, 4}, {2, 2, 2, 2, 2, 2, 2}};
    struct nfl_ctx ctx = {.nf = 3};
    struct nfl_session s;
    unsigned i, k;

    (void)state;
    assert_non_null(p);
    for (k = 0; k < 3; k++)
        for (i = 0; i < 7; i++)
            assert_int_equal(c.owner(c.owner_object, 0xcb007107 + k, 0,
                                     (uint16_t)(1000 + i), 17),
                             want[k][i]);
    assert_int_equal(c.owner(c.owner_object, 0xcb00710a, 0, 1000, 17), -1);
    assert_int_equal(c.owner(c.owner_object, 0xcb007106, 0, 1000, 17), -1);
    for (k = 0; k < 5; k++) {
        session(&s, k);
        assert_int_equal(nfs_pool_address(&ctx, p, "free", &s),
                         0xcb007107 + k % 3);
        assert_int_equal(keep(p, &s), k < 3 ? 1000 : 1004);
        give(p, &s, k < 3 ? 1000 : 1004);
    }
    nfs_pool_free(p);
    assert_null(make_several(&c, 5, 1000, 1006, 6));
    assert_null(make_several(&c, 5, 1000, 1006, 0));
}

static uint64_t keep_like(void *pool, struct nfl_session *s, uint64_t like)
{
    struct nfl_ctx ctx = {.session = s, .nf = 3};
    uint64_t port = 0;

    return nfs_pool_keep(&ctx, pool, "free", s, like, true, &port) ? port : 0;
}

/* Those before the one that is preferred stay in their order, also around the
 * end of the queue. */
static void parity(void **state)
{
    struct nfl_chain c = {.desc = &desc};
    void *p = make(&c, 1, 1000, 1199);
    struct nfl_session s;
    unsigned i;

    (void)state;
    session(&s, 0);
    assert_int_equal(keep_like(p, &s, 7), 1001);
    assert_int_equal(keep_like(p, &s, 9), 1003);
    assert_int_equal(keep_like(p, &s, 8), 1000);
    assert_int_equal(keep(p, &s), 1002);
    for (i = 1004; i < 1198; i++)
        assert_int_equal(keep(p, &s), i);
    give(p, &s, 1002);
    give(p, &s, 1004);
    give(p, &s, 1005);
    assert_int_equal(keep_like(p, &s, 1), 1199);
    assert_int_equal(keep_like(p, &s, 1), 1005);
    assert_int_equal(keep_like(p, &s, 1), 1198); /* there is no odd one */
    assert_int_equal(keep(p, &s), 1002);
    assert_int_equal(keep(p, &s), 1004);
    assert_int_equal(keep_like(p, &s, 1), 0);
    nfs_pool_free(p);
}

static void fewer_ports_than_shards(void **state)
{
    struct nfl_chain c = {.desc = &desc};
    void *p = make(&c, 64, 65534, 65535);
    struct nfl_session a, b;

    (void)state;
    session(&a, 1);
    session(&b, 2);
    assert_int_equal(c.owner(c.owner_object, 0xcb007107, 0, 65534, 6), 0);
    assert_int_equal(c.owner(c.owner_object, 0xcb007107, 0, 65535, 6), 1);
    assert_int_equal(take(p, &a), 65535);
    assert_int_equal(take(p, &a), 0);
    assert_int_equal(take(p, &b), 0);
    nfs_pool_free(p);
}

/* A second pool of a chain does not hide the first one's owners. */
static void two_pools(void **state)
{
    struct nfl_chain c = {.desc = &desc};
    struct nfl_setup setup = {.shards = 2};
    void *p = make(&c, 2, 1000, 1003);
    void *q =
        nfs_pool_new(&c, &setup, 7, 1000, 1003, false, NULL, false, NULL, 1);

    (void)state;
    assert_int_equal(c.owner(c.owner_object, 0xcb007107, 0, 1002, 6), 1);
    assert_int_equal(c.owner(c.owner_object, 7, 0, 1001, 6), 0);
    assert_int_equal(c.owner(c.owner_object, 8, 0, 1001, 6), -1);
    nfs_pool_free(q);
    nfs_pool_free(p);
}

/* Only what was kept, by whose shard it is, once. */
static void kept_and_given(void **state)
{
    struct nfl_chain c = {.desc = &desc};
    void *p = make(&c, 2, 10, 13); /* shard 0: 10, 11; shard 1: 12, 13 */
    struct nfl_session a, b;

    (void)state;
    session(&a, 0);
    session(&b, 1);
    assert_int_equal(keep(p, &a), 10);
    assert_int_equal(take(p, &a), 11);
    assert_int_equal(keep(p, &a), 0);
    give(p, &a, 11);
    give(p, &b, 10);
    give(p, &a, 9);
    give(p, &a, 14);
    give(p, &a, UINT64_MAX);
    assert_int_equal(keep(p, &a), 0);
    give(p, &a, 10);
    give(p, &a, 10);
    assert_int_equal(take(p, &a), 10);
    give(p, &a, 10);
    assert_int_equal(take(p, &a), 0);
    end(&a);
    assert_int_equal(keep(p, &a), 11);
    assert_int_equal(keep(p, &a), 10);
    assert_int_equal(keep(p, &a), 0);
    nfs_pool_free(p);
}

static void first_in_first_out(void **state)
{
    struct nfl_chain c = {.desc = &desc};
    void *p = make(&c, 2, 10, 15); /* shard 1: 13, 14, 15 */
    struct nfl_session a, b;

    (void)state;
    session(&a, 1);
    session(&b, 1);
    assert_int_equal(take(p, &a), 13);
    assert_int_equal(take(p, &b), 14);
    assert_int_equal(take(p, &a), 15);
    assert_int_equal(take(p, &b), 0);
    end(&a); /* gives 13, then 15 back */
    session(&a, 1);
    assert_int_equal(take(p, &b), 13);
    assert_int_equal(take(p, &a), 15);
    end(&b); /* 14, 13 */
    session(&b, 1);
    assert_int_equal(take(p, &a), 14);
    assert_int_equal(nfl_lease_next(&a, NULL)->value, 15);
    assert_int_equal(a.leases->value, 14);
    assert_int_equal(a.leases->nf, 3);
    assert_string_equal(a.leases->name, "free");
    nfs_pool_free(p);
}

/* Against an array that is moved up. */
static void as_the_model(void **state)
{
    enum { PORTS = 7, FLOWS = 5 };
    struct nfl_chain c = {.desc = &desc};
    void *p = make(&c, 1, 100, 100 + PORTS - 1);
    struct nfl_session s[FLOWS];
    uint64_t queue[PORTS], held[FLOWS][PORTS];
    unsigned n = PORTS, n_held[FLOWS] = {0}, i, step, k;

    (void)state;
    srand(3);
    for (i = 0; i < PORTS; i++)
        queue[i] = 100 + i;
    for (i = 0; i < FLOWS; i++)
        session(&s[i], 0);
    for (step = 0; step < 20000; step++) {
        i = (unsigned)rand() % FLOWS;
        if (rand() % 3 && n > 0) {
            assert_int_equal(take(p, &s[i]), queue[0]);
            held[i][n_held[i]++] = queue[0];
            memmove(queue, queue + 1, --n * sizeof(*queue));
        } else if (rand() % 3) {
            end(&s[i]);
            session(&s[i], 0);
            for (k = 0; k < n_held[i]; k++)
                queue[n++] = held[i][k];
            n_held[i] = 0;
        } else if (n == 0) {
            assert_int_equal(take(p, &s[i]), 0);
        }
    }
    nfs_pool_free(p);
}

static void final_state(void **state)
{
    struct nfl_chain c = {.desc = &desc};
    void *p = make(&c, 3, 1000, 1006);
    struct nfl_session a, b;
    struct nfl_state *st = nfl_state_new();
    char path[] = "/tmp/pool-XXXXXX", text[256] = "", err[200];
    int fd = mkstemp(path);
    FILE *f;

    (void)state;
    assert_true(fd >= 0);
    close(fd);
    session(&a, 0);
    session(&b, 2);
    take(p, &a);
    take(p, &b);
    take(p, &b);
    nfs_pool_state(p, st, "edge Nat free");
    assert_true(nfl_state_write(st, path, err, sizeof(err)));
    f = fopen(path, "r");
    assert_non_null(f);
    assert_true(fread(text, 1, sizeof(text) - 1, f) > 0);
    fclose(f);
    unlink(path);
    assert_string_equal(text, "object edge Nat free shard 0 free 2 next 1001\n"
                              "object edge Nat free shard 2 free 0 next 0\n");
    nfs_pool_free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slices),
        cmocka_unit_test(next_one),
        cmocka_unit_test(addresses),
        cmocka_unit_test(parity),
        cmocka_unit_test(fewer_ports_than_shards),
        cmocka_unit_test(two_pools),
        cmocka_unit_test(kept_and_given),
        cmocka_unit_test(first_in_first_out),
        cmocka_unit_test(as_the_model),
        cmocka_unit_test(final_state),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
