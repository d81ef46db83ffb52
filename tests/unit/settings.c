/* The command line of nflc, as far as it is right. What is wrong with others
 * is in tests/golden/cli. */
#include "base/arena.h"
#include "tool/settings.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

enum { MOST = 16 };

static struct arena *arena;

/* Parses words; argc and argv as main() gets them. */
static int parse(struct settings *s, const char *const *words)
{
    static char *argv[MOST + 2];
    int argc = 1;

    argv[0] = arena_str(arena, "nflc");
    for (; words[argc - 1] && argc <= MOST; argc++)
        argv[argc] = arena_str(arena, words[argc - 1]);
    argv[argc] = NULL;
    return settings_parse(s, arena, argc, argv);
}

#define PARSE(s, ...) parse((s), (const char *const[]){__VA_ARGS__, NULL})

static void order_is_free(void **state)
{
    struct settings s;

    (void)state;
    assert_int_equal(PARSE(&s, "-Ia", "build", "x.nfl", "-I", "b", "-o", "y"),
                     -1);
    assert_int_equal(s.command, CMD_build);
    assert_int_equal(s.n_files, 1);
    assert_string_equal(s.files[0], "x.nfl");
    assert_string_equal(s.include[0], "a");
    assert_string_equal(s.include[1], "b");
    assert_null(s.include[2]);
    assert_string_equal(s.out, "y");
    assert_string_equal(s.cpu, "native");
    assert_int_equal(s.last, PASS_emit);
    assert_false(s.stopped);
}

static void print_c_needs_no_command(void **state)
{
    struct settings s;

    (void)state;
    assert_int_equal(PARSE(&s, "-S", "x.nfl"), -1);
    assert_int_equal(s.command, CMD_build);
    assert_true(s.print_c);
    assert_int_equal(PARSE(&s, "x.nfl", "-S"), -1);
    assert_int_equal(PARSE(&s, "build", "x.nfl", "-S", "-o", "-"), -1);
    assert_string_equal(s.out, "-");
}

static void passes_have_other_names(void **state)
{
    struct settings s;

    (void)state;
    assert_int_equal(PARSE(&s, "check", "x.nfl", "--dump=effect", "--dump",
                           "tree", "--stop=type"),
                     -1);
    assert_int_equal(s.dump, 1u << PASS_effects | 1u << PASS_types);
    assert_int_equal(s.last, PASS_types);
    assert_true(s.stopped);
    assert_int_equal(PARSE(&s, "check", "--stop=s", "x.nfl"), 2);
}

static void check_takes_many(void **state)
{
    struct settings s;

    (void)state;
    assert_int_equal(PARSE(&s, "check", "a", "--remarks", "--", "-b", "--"),
                     -1);
    assert_int_equal(s.n_files, 3);
    assert_string_equal(s.files[1], "-b");
    assert_string_equal(s.files[2], "--");
    assert_true(s.remarks);
    assert_int_equal(s.last, PASS_plan);
}

static void rest_is_the_programs(void **state)
{
    struct settings s;

    (void)state;
    assert_int_equal(
        PARSE(&s, "interp", "--stdlib=l", "x.nfl", "--help", "-o", "--cpu"),
        -1);
    assert_string_equal(s.stdlib, "l");
    assert_int_equal(s.n_rest, 4);
    assert_string_equal(s.rest[0], "x.nfl");
    assert_string_equal(s.rest[3], "--cpu");
    assert_null(s.rest[4]);
    assert_int_equal(s.last, PASS_effects);
}

static int start(void **state)
{
    (void)state;
    arena = arena_new();
    return 0;
}

static int end(void **state)
{
    (void)state;
    arena_free(arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(order_is_free),
        cmocka_unit_test(print_c_needs_no_command),
        cmocka_unit_test(passes_have_other_names),
        cmocka_unit_test(check_takes_many),
        cmocka_unit_test(rest_is_the_programs),
    };

    return cmocka_run_group_tests(tests, start, end);
}
