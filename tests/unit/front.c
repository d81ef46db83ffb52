/* The front end: messages, texts of numbers, and that no input at all makes
 * it crash or hang. */
#include "base/arena.h"
#include "base/diag.h"
#include "base/text.h"
#include "front/build.h"
#include "front/pass.h"
#include "tool/paths.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void arena_gives_zeroed_memory(void **state)
{
    struct arena *a = arena_new();
    unsigned char *p;
    size_t size, i;

    (void)state;
    for (size = 1; size < 300000; size = size * 3 + 1) {
        p = arena_alloc(a, size);
        assert_int_equal((uintptr_t)p % 16, 0);
        for (i = 0; i < size; i++)
            assert_int_equal(p[i], 0);
        memset(p, 0xff, size);
    }
    assert_string_equal(arena_fmt(a, "%s-%d", "x", 7), "x-7");
    assert_string_equal(arena_strn(a, "abc", 2), "ab");
    arena_free(a);
}

static void numbers_as_text(void **state)
{
    char buf[NUM_TEXT];

    (void)state;
    assert_string_equal(num_text(buf, 0), "0");
    assert_string_equal(num_text(buf, num_mask(128)),
                        "340282366920938463463374607431768211455");
    assert_string_equal(ipv4_text(buf, 0xc0000201), "192.0.2.1");
    assert_string_equal(ipv6_text(buf, (num_t)0x20010db8 << 96 | 1),
                        "2001:db8::1");
    assert_string_equal(mac_text(buf, 0x020000000001), "02:00:00:00:00:01");
}

static void places(void **state)
{
    struct arena *a = arena_new();
    struct source *s = source_text(a, "x", "one\n\ntwo three\n");
    struct loc two = {s, 5, 3}, three = {s, 9, 5};

    (void)state;
    assert_int_equal(loc_linecol(two).line, 3);
    assert_int_equal(loc_linecol(two).col, 1);
    assert_int_equal(loc_linecol(three).col, 5);
    assert_int_equal(loc_span(two, three).len, 9);
    three.off = 100; /* behind the end */
    assert_int_equal(loc_linecol(three).line, 4);
    arena_free(a);
}

static void files_that_are_none(void **state)
{
    struct arena *a = arena_new();
    const char *why = NULL;

    (void)state;
    assert_null(source_read(a, "/nowhere/at/all", &why));
    assert_string_equal(why, "No such file or directory");
    assert_null(source_read(a, "/", &why));
    assert_string_equal(why, "Is a directory");
    assert_null(source_read(a, "/dev/zero", &why));
    assert_string_equal(why, "the file is larger than 16 MiB");
    arena_free(a);
}

static void nearest_name(void **state)
{
    static const char *const names[] = {"tcp", "udp", "icmp", "monitor"};

    (void)state;
    assert_string_equal(diag_nearest("tpc", names, 4), "tcp");
    assert_string_equal(diag_nearest("Monitr", names, 4), "monitor");
    assert_string_equal(diag_nearest("UDP", names, 4), "udp");
    assert_null(diag_nearest("vlan", names, 4));
    assert_null(diag_nearest("x", names, 4));
    assert_null(diag_nearest("", names, 4));
}

static char *printed(struct diags *d)
{
    static char text[8192];
    FILE *f = fmemopen(text, sizeof(text), "w");

    text[0] = '\0';
    diags_print(d, f, false);
    fclose(f);
    return text;
}

static void messages_are_sorted(void **state)
{
    struct arena *a = arena_new();
    struct diags *d = diags_new(a);
    struct source *one = source_text(a, "one", "abc\n");
    struct source *two = source_text(a, "two", "abc\n");
    struct loc at_two = {two, 0, 1}, at_one = {one, 1, 2};
    struct diag *m;

    (void)state;
    one->next = two;
    diag_error(d, at_two, "second");
    diag_error(d, at_two, "second"); /* said once */
    m = diag_error(d, at_one, "first");
    diag_hint(m, "a hint");
    diag_also(m, at_two, "related");
    diag_remark(d, at_one, "not asked for");
    assert_int_equal(diags_errors(d), 2);
    assert_string_equal(printed(d), "one:1:2: error: first\n"
                                    "    1 | abc\n"
                                    "      |  ^~\n"
                                    "two:1:1: note: related\n"
                                    "    1 | abc\n"
                                    "      | ^\n"
                                    "  hint: a hint\n"
                                    "two:1:1: error: second\n"
                                    "    1 | abc\n"
                                    "      | ^\n"
                                    "nflc: 2 errors\n");
    assert_string_equal(printed(d), "");
    assert_int_equal(diags_errors(d), 2);
    arena_free(a);
}

static void messages_have_an_end(void **state)
{
    struct arena *a = arena_new();
    struct diags *d = diags_new(a);
    struct loc nowhere = {NULL, 0, 0};
    char *text;
    int i;

    (void)state;
    for (i = 0; i < 100; i++)
        diag_note(diag_error(d, nowhere, "error %d", i), "with a note");
    assert_true(diags_full(d));
    assert_int_equal(diags_errors(d), 20);
    text = printed(d);
    assert_non_null(strstr(text, "nflc: error: error 19\n"));
    assert_null(strstr(text, "error 20\n"));
    assert_non_null(strstr(text, "\nnflc: too many errors, stopped after 20"));
    arena_free(a);
}

/* ---- broken programs ---- */

enum { MOST = 100, ROOM = 1 << 16, RUNS = 4000, SECONDS = 100 };

struct broken {
    char *programs[MOST];
    unsigned n;
    uint64_t seed;
    char text[2 * ROOM];
};

static unsigned any(struct broken *b, size_t below)
{
    b->seed = b->seed * 6364136223846793005u + 1442695040888963407u;
    return below ? (unsigned)((b->seed >> 33) % below) : 0;
}

static void read_programs(struct broken *b, struct arena *a, const char *sub)
{
    const char *why;
    struct source *s;
    glob_t found;
    size_t i;
    char *pattern = arena_fmt(a, "%s/%s*.nfl", paths_get()->stdlib, sub);

    if (glob(pattern, 0, NULL, &found) != 0)
        return;
    for (i = 0; i < found.gl_pathc && b->n < MOST; i++) {
        s = source_read(a, found.gl_pathv[i], &why);
        if (s && s->size < ROOM / 4)
            b->programs[b->n++] = arena_str(a, s->text);
    }
    globfree(&found);
}

static void insert(struct broken *b, size_t at, const char *text, size_t n)
{
    size_t len = strlen(b->text);

    if (len + n >= ROOM)
        return;
    memmove(b->text + at + n, b->text + at, len - at + 1);
    memcpy(b->text + at, text, n);
}

static void break_once(struct broken *b)
{
    static const char signs[] = " \n(){}[]\"/.:,;=<>-!&|\\'#\t0az_";
    static const char *const words[] = {
        "->", "<->", "or ", "||", "..",    "if ",    "else ",   "let ",
        "on", "nf ", "::",  "\n", "///x ", "header", "return ", "5min",
        "/*", "fn ", "{",   "}",  "\xff",  "drop ",  "1.2.3.4", "has "};
    size_t len = strlen(b->text), at = any(b, len), n = any(b, 60), other_len;
    const char *word, *other;

    switch (any(b, 5)) {
    case 0:
        n = at + n < len ? n : len - at;
        memmove(b->text + at, b->text + at + n, len - at - n + 1);
        break;
    case 1:
        word = words[any(b, sizeof(words) / sizeof(words[0]))];
        insert(b, at, word, strlen(word));
        break;
    case 2:
        if (len)
            b->text[at] = signs[any(b, sizeof(signs) - 1)];
        break;
    case 3:
        if (len)
            b->text[at] = (char)(1 + any(b, 255));
        break;
    default:
        other = b->programs[any(b, b->n)];
        other_len = strlen(other);
        other += any(b, other_len);
        insert(b, at, other, strnlen(other, n * 4));
    }
}

static void parse_broken(struct broken *b, FILE *null)
{
    struct arena *a = arena_new();
    struct diags *d = diags_new(a);
    struct source *s = source_text(a, "broken.nfl", b->text);
    ast_decls decls = parse_source(a, d, s);
    struct ast ast = {.main = s};

    LIST_MOVE(ast.decls, decls);
    ast_dump(&ast, null);
    diags_print(d, null, true);
    arena_free(a);
}

static void broken_programs(void **state)
{
    static struct broken b = {.seed = 1};
    struct arena *a = arena_new();
    FILE *null = fopen("/dev/null", "w");
    unsigned i, n;

    (void)state;
    assert_non_null(null);
    read_programs(&b, a, "");
    read_programs(&b, a, "*/");
    assert_true(b.n > 10);
    alarm(SECONDS); /* for an endless loop */
    for (i = 0; i < RUNS; i++) {
        strcpy(b.text, b.programs[any(&b, b.n)]);
        for (n = any(&b, 12); n; n--)
            break_once(&b);
        parse_broken(&b, null);
    }
    alarm(0);
    fclose(null);
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arena_gives_zeroed_memory),
        cmocka_unit_test(numbers_as_text),
        cmocka_unit_test(places),
        cmocka_unit_test(files_that_are_none),
        cmocka_unit_test(nearest_name),
        cmocka_unit_test(messages_are_sorted),
        cmocka_unit_test(messages_have_an_end),
        cmocka_unit_test(broken_programs),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
