/* The hash of the buckets: what meets in a bucket under one key does not under
 * another, no bit of a tuple is lost, and it is not linear. By both ways that
 * the runtime knows. */
#include "flow/bucket.h"
#include <nfl/session.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

enum { BUCKETS = 1 << 10, PORTS = 1 << 16, MANY = PORTS / BUCKETS };

static struct nfl_bucket_key key_of(uint64_t seed, bool aes)
{
    struct nfl_bucket_key k;

    nfl_bucket_key_init(&k, seed);
    if (!aes)
        k.aes = false;
    return k;
}

static struct nfl_tuple tuple(bool v6, unsigned sport)
{
    struct nfl_tuple t = {.proto = 6, .v6 = v6, .dport = 443};

    t.src = v6 ? (nfl_u128)0x20010db8 << 96 | 1 : 0x0a000001;
    t.dst = v6 ? (nfl_u128)0x20010db8 << 96 | 2 : 0xc6336401;
    t.sport = (uint16_t)sport;
    return t;
}

static uint64_t hash(const struct nfl_bucket_key *k, const struct nfl_tuple *t)
{
    struct nfl_probe key;

    nfl_probe_make(&key, t, true, 0);
    return nfl_bucket_hash(k, key.w, key.v6);
}

static unsigned bucket(const struct nfl_bucket_key *k, bool v6, unsigned sport)
{
    struct nfl_tuple t = tuple(v6, sport);

    return (unsigned)(hash(k, &t) % BUCKETS);
}

/* All source ports that one key puts into one bucket, under another key. */
static void collide(bool aes, bool v6)
{
    struct nfl_bucket_key one = key_of(1, aes), two = key_of(2, aes);
    static unsigned left[BUCKETS];
    unsigned i, n = 0, most = 0;

    memset(left, 0, sizeof(left));
    for (i = 0; i < PORTS; i++) {
        unsigned b;

        if (bucket(&one, v6, i) != 7)
            continue;
        n++;
        b = bucket(&two, v6, i);
        left[b]++;
        most = left[b] > most ? left[b] : most;
    }
    assert_in_range(n, MANY / 2, MANY * 2);
    assert_in_range(most, 1, 6);
}

/* Each bit that is hashed changes about half of the bits of the hash. */
static void avalanche(bool aes, bool v6)
{
    struct nfl_bucket_key k = key_of(3, aes);
    unsigned bits = v6 ? 128 : 32, i, n, total = 0, turns = 2 * bits + 32;
    struct nfl_tuple t = tuple(v6, 5), u;
    uint64_t h = hash(&k, &t);

    for (i = 0; i < turns; i++) {
        u = t;
        if (i < bits)
            u.src ^= (nfl_u128)1 << i;
        else if (i < 2 * bits)
            u.dst ^= (nfl_u128)1 << (i - bits);
        else if (i < 2 * bits + 16)
            u.sport ^= (uint16_t)(1u << (i - 2 * bits));
        else
            u.dport ^= (uint16_t)(1u << (i - 2 * bits - 16));
        n = (unsigned)__builtin_popcountll(h ^ hash(&k, &u));
        assert_in_range(n, 10, 54);
        total += n;
    }
    assert_in_range(total / turns, 28, 36);
    t.proto = 17;
    assert_true(h != hash(&k, &t));
}

/* Of a linear hash, h(a) ^ h(b) ^ h(c) = h(a ^ b ^ c) for all keys. */
static void linear(bool aes, bool v6)
{
    struct nfl_bucket_key k = key_of(4, aes);
    unsigned i, n = 0;

    for (i = 0; i < PORTS; i += 4)
        n += (bucket(&k, v6, i) ^ bucket(&k, v6, i | 1) ^
              bucket(&k, v6, i | 2)) == bucket(&k, v6, i | 3);
    assert_in_range(n, 0, 64); /* 16 by chance */
}

static void each(void (*test)(bool aes, bool v6))
{
    unsigned i;

    for (i = 0; i < 4; i++)
        test(i & 1, i & 2);
}

static void test_collide(void **state)
{
    (void)state;
    each(collide);
}

static void test_avalanche(void **state)
{
    (void)state;
    each(avalanche);
}

static void test_linear(void **state)
{
    (void)state;
    each(linear);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_collide),
        cmocka_unit_test(test_avalanche),
        cmocka_unit_test(test_linear),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
