/* The cache gives back what was put there, or nothing; never anything else. */
#include "tool/cache.h"

#include "tool/digest.h"
#include "tool/probe.h"
#include "tool/process.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

static struct arena *arena;
static const char *folder; /* a new one for each test */
static struct cache *cache;
static char key[2][DIGEST_HEX + 1];

static int set_up(void **state)
{
    (void)state;
    arena = arena_new();
    folder = mkdtemp(arena_fmt(arena, "%s/cache.XXXXXX",
                               getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp"));
    assert_non_null(folder);
    setenv("XDG_CACHE_HOME", folder, 1);
    cache = cache_open(arena, false);
    digest_of("a", 1, key[0]);
    digest_of("b", 1, key[1]);
    return cache ? 0 : -1;
}

static int tear_down(void **state)
{
    struct words rm = words_new(arena, "rm", "-r", "--", folder, NULL);

    (void)state;
    cache_close(cache);
    assert_int_equal(process_run(&rm, NULL), 0);
    arena_free(arena);
    return 0;
}

static void put(unsigned k, const char *text)
{
    struct blob b = {arena_str(arena, text), strlen(text)};

    cache_put(cache, key[k], &b);
}

static const char *get(unsigned k)
{
    struct blob b;

    return cache_get(cache, key[k], &b) ? arena_strn(arena, b.data, b.n) : NULL;
}

static const char *file(unsigned k)
{
    return arena_fmt(arena, "%s/nflc/%s", folder, key[k]);
}

/* A file of zeros in the cache, used so many seconds ago. */
static void big(const char *name, off_t size, long ago)
{
    struct timespec times[2];
    int fd = openat(cache->folder, name, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

    clock_gettime(CLOCK_REALTIME, &times[1]);
    times[1].tv_sec -= ago;
    times[0] = times[1];
    assert_true(fd >= 0);
    assert_int_equal(ftruncate(fd, size), 0);
    assert_int_equal(futimens(fd, times), 0);
    close(fd);
}

static void digests_are_sha256(void **state)
{
    struct digest d;
    char one[DIGEST_HEX + 1], two[DIGEST_HEX + 1];

    (void)state;
    digest_of("abc", 3, one); /* FIPS 180-2, appendix B.1 */
    assert_string_equal(one, "ba7816bf8f01cfea414140de5dae2223"
                             "b00361a396177a9cb410ff61f20015ad");
    digest_init(&d);
    digest_text(&d, "ab");
    digest_text(&d, "c");
    digest_end(&d, one);
    digest_init(&d);
    digest_text(&d, "a");
    digest_text(&d, "bc");
    digest_end(&d, two);
    assert_string_not_equal(one, two);
}

static void entries_come_back(void **state)
{
    (void)state;
    assert_null(get(0));
    put(0, "one");
    put(1, "");
    assert_string_equal(get(0), "one");
    assert_string_equal(get(1), "");
    put(0, "another");
    assert_string_equal(get(0), "another");
}

static void damage_is_found(void **state)
{
    struct stat st;
    FILE *f;

    (void)state;
    put(0, "the content");
    assert_int_equal(stat(file(0), &st), 0);
    for (off_t size = st.st_size - 1; size >= 0; size -= 10) {
        put(0, "the content");
        assert_int_equal(truncate(file(0), size), 0);
        assert_null(get(0));
        assert_int_not_equal(access(file(0), F_OK), 0);
    }
    for (long at = 0; at < st.st_size; at++) {
        put(0, "the content");
        f = fopen(file(0), "r+");
        assert_non_null(f);
        fseek(f, at, SEEK_SET);
        fputc('#', f);
        fclose(f);
        assert_null(get(0));
    }
}

/* Content under another key, a link, a folder. */
static void names_are_not_believed(void **state)
{
    (void)state;
    put(0, "one");
    assert_int_equal(rename(file(0), file(1)), 0);
    assert_null(get(1));
    put(0, "one");
    assert_int_equal(symlink(file(0), file(1)), 0);
    assert_null(get(1));
    unlink(file(1));
    assert_int_equal(mkfifo(file(1), 0600), 0);
    assert_null(get(1));
    assert_string_equal(get(0), "one");
}

static void what_was_not_used_goes_first(void **state)
{
    char other[DIGEST_HEX + 1];

    (void)state;
    cache->limit = 3000;
    digest_of("c", 1, other);
    big(other, 2500, 50);
    put(0, "one");
    assert_int_equal(faccessat(cache->folder, other, F_OK, 0), 0);
    big(key[1], 2500, 100); /* older, but then it is the one to go */
    big("foreign", 100000, 1000);
    put(0, "one");
    assert_int_not_equal(faccessat(cache->folder, key[1], F_OK, 0), 0);
    assert_int_equal(faccessat(cache->folder, other, F_OK, 0), 0);
    assert_int_equal(faccessat(cache->folder, "foreign", F_OK, 0), 0);
    assert_string_equal(get(0), "one");
}

static void parts_of_crashes_go(void **state)
{
    (void)state;
    big("part.1.1", 10, 100000);
    big("part.2.2", 10, 10);
    put(0, "one");
    assert_int_not_equal(faccessat(cache->folder, "part.1.1", F_OK, 0), 0);
    assert_int_equal(faccessat(cache->folder, "part.2.2", F_OK, 0), 0);
}

static void what_is_too_large_stays_out(void **state)
{
    (void)state;
    cache->limit = 100;
    put(0, "no entry is so small that it fits with its head");
    assert_null(get(0));
}

static void no_cache_is_no_error(void **state)
{
    struct cache *kept = cache;

    (void)state;
    cache = NULL;
    put(0, "one");
    assert_null(get(0));
    cache = kept;
}

/* The second answer comes from the cache: the compiler has gone. */
static void a_cpu_is_remembered(void **state)
{
    const char *cc = arena_fmt(arena, "%s/cc", folder);
    FILE *f = fopen(cc, "w");
    struct cpu one, two;

    (void)state;
    assert_non_null(f);
    fprintf(f,
            "#!/bin/sh\n"
            "echo '#define __clang_major__ 19'\n"
            "echo '#define __VERSION__ \"a b\"'\n"
            "test ! -e %s/gone\n",
            folder);
    fclose(f);
    chmod(cc, 0700);
    assert_int_equal(probe_cpu(&one, arena, cc, "some", cache), -1);
    close(creat(arena_fmt(arena, "%s/gone", folder), 0600));
    assert_int_equal(probe_cpu(&two, arena, cc, "some", cache), -1);
    assert_string_equal(two.name, "some");
    assert_string_equal(two.version, "\"a b\"");
    assert_int_equal(two.clang, 19);
    assert_int_equal(two.flags.n, one.flags.n);
    assert_string_equal(two.flags.v[0], one.flags.v[0]);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(digests_are_sha256),
        TEST(entries_come_back),
        TEST(damage_is_found),
        TEST(names_are_not_believed),
        TEST(what_was_not_used_goes_first),
        TEST(parts_of_crashes_go),
        TEST(what_is_too_large_stays_out),
        TEST(no_cache_is_no_error),
        TEST(a_cpu_is_remembered),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
