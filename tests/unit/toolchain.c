/* Files that are whole or not there, processes, and the names of CPUs, with a
 * compiler that is a script. */
#include "base/arena.h"
#include "tool/cpu.h"
#include "tool/output.h"
#include "tool/process.h"
#include "tool/scratch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

static struct arena *arena;
static const char *folder;

static const char *in_folder(const char *name)
{
    return arena_fmt(arena, "%s/%s", folder, name);
}

static void put(const char *path, const char *text)
{
    FILE *f = fopen(path, "w");

    assert_non_null(f);
    fputs(text, f);
    assert_int_equal(fclose(f), 0);
}

static void words_are_split(void **state)
{
    struct words w = words_new(arena, "cc", "-c", NULL);

    (void)state;
    words_split(&w, "  -lx\n\t-ly ");
    for (int i = 0; i < 40; i++)
        words_fmt(&w, "%d", i);
    assert_int_equal(w.n, 44);
    assert_string_equal(w.v[2], "-lx");
    assert_string_equal(w.v[3], "-ly");
    assert_string_equal(w.v[43], "39");
    assert_null(w.v[44]);
}

static void processes_tell_their_end(void **state)
{
    struct words echo =
        words_new(arena, "sh", "-c", "echo a; echo b >&2; exit 3", NULL);
    struct words killed = words_new(arena, "sh", "-c", "kill -9 $$", NULL);
    struct words many[5];
    const char *out;

    (void)state;
    assert_int_equal(process_capture(&echo, NULL, &out), 3);
    assert_string_equal(out, "a\nb\n");
    assert_int_equal(process_run(&killed, NULL), 128 + 9);
    for (int i = 0; i < 5; i++)
        many[i] = words_new(arena, "sh", "-c", i == 3 ? "exit 7" : ":", NULL);
    assert_int_equal(process_run_all(many, 5, NULL), 7);
    assert_int_equal(process_run_all(many, 3, NULL), 0);
    assert_int_equal(process_run_all(NULL, 0, NULL), 0);
    assert_null(process_find(arena, "no-such-program"));
    assert_non_null(process_find(arena, "sh"));
    assert_null(process_find(arena, ""));
}

static void output_is_whole_or_not_there(void **state)
{
    const char *path = in_folder("out");
    struct output o;
    struct stat st;

    (void)state;
    assert_true(output_open(&o, arena, path, false));
    assert_int_not_equal(access(path, F_OK), 0);
    put(o.part, "whole");
    assert_true(output_commit(&o));
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_size, 5);
    assert_int_not_equal(access(o.part, F_OK), 0);

    assert_true(output_open(&o, arena, path, true));
    put(o.part, "half");
    output_abort(&o);
    assert_int_not_equal(access(o.part, F_OK), 0);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_size, 5);
}

static void devices_take_text_only(void **state)
{
    struct output o;

    (void)state;
    assert_true(output_open(&o, arena, "/dev/null", false));
    assert_string_equal(o.part, "/dev/null");
    assert_true(output_commit(&o));
    assert_false(output_open(&o, arena, "/dev/null", true));
    assert_false(output_open(&o, arena, folder, false));
    assert_false(output_open(&o, arena, in_folder("no/out"), false));
}

/* A machine that its compiler takes for a znver4, without pku and avx512f, and
 * a znver3 with avx512f. */
static const char *fake_compiler(const char *native, const char *named)
{
    const char *path = in_folder("cc");

    put(path, arena_fmt(arena,
                        "#!/bin/sh\n"
                        "case \"$*\" in\n"
                        "*native*'###'*) echo '\"-target-cpu\" \"mine\"' ;;\n"
                        "*native*) printf '%s' ;;\n"
                        "*mine*) printf '%s' ;;\n"
                        "*) echo 'note: valid values are: mine, yours'\n"
                        "   exit 1 ;;\n"
                        "esac\n",
                        native, named));
    assert_int_equal(chmod(path, 0755), 0);
    return path;
}

static void native_is_this_very_machine(void **state)
{
    const char *cc = fake_compiler(
        "#define __AVX2__ 1\\n#define __SSE4_2__ 1\\n#define __SHA__ 1\\n",
        "#define __AVX2__ 1\\n#define __PKU__ 1\\n#define __AVX512F__ 1\\n"
        "#define __SSE4_2__ 1\\n");
    struct cpu c;

    (void)state;
    assert_int_equal(cpu_find(&c, arena, cc, "native"), -1);
    assert_string_equal(c.name, "mine");
    assert_int_equal(c.flags.n, 4);
    assert_string_equal(strchr(c.flags.v[0], '='), "=mine");
    assert_string_equal(c.flags.v[1], "-msha");
    assert_string_equal(c.flags.v[2], "-mno-pku");
    assert_string_equal(c.flags.v[3], "-mno-avx512f");
}

static void named_cpu_is_taken_as_it_is(void **state)
{
    const char *cc = fake_compiler("", "#define __PKU__ 1\\n");
    struct cpu c;

    (void)state;
    assert_int_equal(cpu_find(&c, arena, cc, "mine"), -1);
    assert_int_equal(c.flags.n, 1);
    assert_int_equal(cpu_find(&c, arena, cc, "nobodys"), 2);
}

static int start(void **state)
{
    (void)state;
    arena = arena_new();
    folder = scratch_new(arena);
    return folder ? 0 : -1;
}

static int end(void **state)
{
    (void)state;
    scratch_remove(folder);
    if (access(folder, F_OK) == 0)
        return -1;
    arena_free(arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_are_split),
        cmocka_unit_test(processes_tell_their_end),
        cmocka_unit_test(output_is_whole_or_not_there),
        cmocka_unit_test(devices_take_text_only),
        cmocka_unit_test(native_is_this_very_machine),
        cmocka_unit_test(named_cpu_is_taken_as_it_is),
    };

    return cmocka_run_group_tests(tests, start, end);
}
