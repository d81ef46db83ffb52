/* Tables from files find what a walk over their rows finds: the longest prefix,
 * the first row, of a key of several parts. */
#include <nfl/options.h>
#include <nfl/rows.h>
#include <nfl/ctx.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ROWS = 300, LOOKUPS = 20000 };

struct value {
    uint32_t v0;
};

#define COLUMN(k, n, m)                                                        \
    {.is = {.type = "t", .kind = NFL_PARAM_##k, .bits = n, .object = -1},      \
     .match = NFL_MATCH_##m}
#define VALUE                                                                  \
    {.is = {.type = "u32", .kind = NFL_PARAM_NUMBER, .bits = 32},              \
     .offset = offsetof(struct value, v0),                                     \
     .bytes = 4}

static uint64_t seed = 88172645463325252;

static uint64_t draw(uint64_t below)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return seed % below;
}

/* Few networks, so that prefixes lie in each other. */
static void prefix(FILE *f)
{
    unsigned len = (unsigned)draw(33);
    uint32_t a =
        (uint32_t)(0x0a000000 | draw(4) << 16 | draw(3) << 8 | draw(256));

    if (draw(4) == 0) {
        len = 16 * (unsigned)draw(9);
        fprintf(f, "%s",
                len == 0     ? "::/0"
                : len < 33   ? "2001:db8::/32"
                : len == 128 ? "2001:db8:0:1::5"
                             : "2001:db8:0:1::/64");
        return;
    }
    if (len == 0)
        a = 0;
    else
        a &= UINT32_MAX << (32 - len);
    fprintf(f, "%u.%u.%u.%u/%u", a >> 24, a >> 16 & 255, a >> 8 & 255, a & 255,
            len);
}

static void *make(const struct nfl_rows_desc *d, const char *path)
{
    static const struct nfl_module module = {.srcdir = "."};
    static const struct nfl_options options = {.n_ports = 0};
    struct nfl_setup setup = {.module = &module, .options = &options};
    void *x = nfs_rows_new(NULL, &setup, d, path);

    if (!x)
        print_error("%s\n", setup.err);
    assert_non_null(x);
    return x;
}

static bool holds(const struct nfl_cell *c, nfl_u128 v, uint8_t v6)
{
    return c->any || (c->v6 == v6 && c->lo <= v && v <= c->hi);
}

static void addr(uint64_t *key)
{
    static const uint64_t low[] = {0, 5, 6, 1ull << 32};

    if (draw(4) == 0) {
        key[0] = low[draw(4)];
        key[1] = 0x20010db800000000 | draw(2);
        key[2] = 1;
        return;
    }
    key[0] = 0x0a000000 | draw(5) << 16 | draw(4) << 8 | draw(256);
    key[1] = key[2] = 0;
}

static nfl_u128 number(const uint64_t *key)
{
    return key[0] | (nfl_u128)key[1] << 64;
}

static void longest(void **state)
{
    static const struct nfl_column cols[] = {COLUMN(IPADDR, 128, PREFIX),
                                             VALUE};
    static const struct nfl_rows_desc d = {.name = "x",
                                           .columns = cols,
                                           .n_key = 1,
                                           .n = 2,
                                           .longest = true,
                                           .entry_bytes = sizeof(struct value)};
    char err[200], line[64], seen[ROWS][64];
    FILE *f = fopen("longest", "w");
    const struct value *v;
    struct nfl_rows *rows;
    unsigned i, k, n = 0;
    uint64_t key[3];
    void *x;

    (void)state;
    for (i = 0; i < ROWS; i++) {
        FILE *to = fmemopen(line, sizeof(line), "w");

        prefix(to);
        fclose(to);
        for (k = 0; k < n && strcmp(seen[k], line) != 0; k++)
            continue;
        if (k < n)
            continue;
        strcpy(seen[n++], line);
        fprintf(f, "%s, %u\n", line, i);
    }
    fclose(f);
    rows = nfl_rows_read("longest", &d, err, sizeof(err));
    assert_non_null(rows);
    x = make(&d, "longest");
    for (i = 0; i < LOOKUPS; i++) {
        const struct nfl_cell *best = NULL;

        addr(key);
        for (k = 0; k < rows->n; k++) {
            const struct nfl_cell *c = nfl_row(rows, k);

            if (holds(c, number(key), (uint8_t)key[2]) &&
                (!best || c->plen > best->plen))
                best = c;
        }
        v = nfs_rows_find(x, key, 3);
        assert_true(best ? v && v->v0 == best[1].lo : !v);
    }
    nfs_rows_free(x);
    nfl_rows_free(rows);
    unlink("longest");
}

static void one_range(FILE *f, uint64_t most)
{
    uint64_t lo = draw(most), hi = lo + draw(most - lo);

    if (draw(3) == 0)
        fprintf(f, " any");
    else if (draw(2))
        fprintf(f, " %llu", (unsigned long long)lo);
    else
        fprintf(f, " %llu..%llu", (unsigned long long)lo,
                (unsigned long long)hi);
}

/* Rules over an address, a port, a number of 40 bits. */
static void first_of(uint64_t most)
{
    const struct nfl_column cols[] = {
        COLUMN(IPADDR, 128, PREFIX),
        COLUMN(NUMBER, 16, RANGE),
        {.is = {.type = "t", .kind = NFL_PARAM_NUMBER, .bits = 40},
         .match = most ? NFL_MATCH_RANGE : NFL_MATCH_EXACT},
        VALUE};
    const struct nfl_rows_desc d = {.name = "x",
                                    .columns = cols,
                                    .n_key = 3,
                                    .n = 4,
                                    .first = true,
                                    .entry_bytes = sizeof(struct value)};
    FILE *f = fopen("first", "w");
    const struct value *v;
    struct nfl_rows *rows;
    uint64_t key[5];
    char err[200];
    unsigned i, k;
    void *x;

    for (i = 0; i < ROWS; i++) {
        draw(3) ? prefix(f) : (void)fprintf(f, "any");
        one_range(f, 40);
        if (most)
            one_range(f, most);
        else if (draw(3))
            fprintf(f, " 0x%llx",
                    (unsigned long long)(draw(3) << 33 | draw(3)));
        else
            fprintf(f, " any");
        fprintf(f, " %u\n", i);
    }
    fclose(f);
    rows = nfl_rows_read("first", &d, err, sizeof(err));
    assert_non_null(rows);
    x = make(&d, "first");
    for (i = 0; i < LOOKUPS; i++) {
        const struct nfl_cell *c = NULL;

        addr(key);
        key[3] = draw(42);
        key[4] = most ? draw(most + 2) : draw(3) << 33 | draw(3);
        for (k = 0; k < rows->n; k++) {
            c = nfl_row(rows, k);
            if (holds(&c[0], number(key), (uint8_t)key[2]) &&
                holds(&c[1], key[3], 0) && holds(&c[2], key[4], 0))
                break;
        }
        v = nfs_rows_find(x, key, 5);
        assert_true(k < rows->n ? v && v->v0 == c[3].lo : !v);
    }
    nfs_rows_free(x);
    nfl_rows_free(rows);
    unlink("first");
}

static void first(void **state)
{
    (void)state;
    first_of(0);
}

static void first_by_ranges(void **state)
{
    (void)state;
    first_of(100);
}

static int start(void **state)
{
    char folder[] = "/tmp/nfl-rows.XXXXXX";

    (void)state;
    return mkdtemp(folder) ? chdir(folder) : -1;
}

static int stop(void **state)
{
    char folder[200];

    (void)state;
    if (getcwd(folder, sizeof(folder)))
        rmdir(folder);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(longest),
        cmocka_unit_test(first),
        cmocka_unit_test(first_by_ranges),
    };

    return cmocka_run_group_tests(tests, start, stop);
}
