/* The C writer: what a compiler believes of each line is what was meant. */
#include "emit/cw.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct loc line(const struct source *s, unsigned n)
{
    struct loc l = {s, 0, 1};

    while (--n)
        l.off = (uint32_t)(strchr(s->text + l.off, '\n') - s->text) + 1;
    return l;
}

/* Follows the #line directives; each line of text that ends in "@FILE:N" must
 * be at that place, "@" at its own. */
static void check(const char *text)
{
    char file[64] = "m.c", want[128], is[128];
    unsigned now = 1, real = 1;

    while (*text) {
        const char *end = strchr(text, '\n'), *mark;
        char *s = strndup(text, (size_t)(end - text));

        assert_non_null(s);
        mark = strchr(s, '@');
        if (mark && (mark[1] == 'x' || mark[1] == 'y'))
            snprintf(want, sizeof(want), "%s", mark + 1);
        else
            snprintf(want, sizeof(want), "m.c:%u", real);
        snprintf(is, sizeof(is), "%s:%u", file, now);
        if (mark)
            assert_string_equal(is, want);
        now++;
        real++;
        if (sscanf(s, "#line %u \"%63[^\"]\"", &now, file) == 1)
            fail_msg("a directive without a file: %s", s);
        text = end + 1;
        free(s);
    }
}

static void directives(void **state)
{
    struct arena *a = arena_new();
    struct cw *w = cw_new(a, "m.c");
    const struct source *x = source_text(a, "x.nfl", "1\n2\n3\n4\n5\n6\n");
    const struct source *y = source_text(a, "y.nfl", "1\n2\n3\n");
    size_t len;
    char *text;

    (void)state;
    cw(w, "@");
    cw_open(w, "@");
    cw_at(w, line(x, 3));
    cw(w, "@x.nfl:3");
    cw_at(w, line(x, 4)); /* follows by itself */
    cw(w, "@x.nfl:4");
    cw_any(w, "whatever");
    cw_at(w, line(x, 5));
    cw(w, "@x.nfl:5");
    cw(w, "@x.nfl:5");
    cw_at(w, line(y, 2));
    cw(w, "@y.nfl:2");
    cw_close(w, "");
    cw_blank(w);
    cw_home(w);
    cw(w, "@");
    cw(w, "@");
    cw_at(w, line(y, 1));
    cw_home(w);
    cw(w, "@");
    text = cw_end(w, &len);
    assert_int_equal(strlen(text), len);
    check(text);
    /* a directive only where it is needed */
    assert_null(strstr(text, "#line 4 "));
    arena_free(a);
}

static void quoting(void **state)
{
    struct arena *a = arena_new();

    (void)state;
    assert_string_equal(cw_quote(a, "plain"), "\"plain\"");
    assert_string_equal(cw_quote(a, "a\"b\\c\n"), "\"a\\\"b\\\\c\\012\"");
    assert_string_equal(cw_quote(a, "\303\251"
                                    "1"),
                        "\"\\303\\2511\"");
    assert_string_equal(cw_quote(a, "?"
                                    "?/"),
                        "\"\\077?/\"");
    assert_string_equal(cw_comment(a, "a */ b /* c\n"), "a  / b  * c ");
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(directives),
        cmocka_unit_test(quoting),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
