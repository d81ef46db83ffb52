/* Backend files: what is read, and what is said of what cannot be read. */
#include <nfl/backend_text.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char folder[] = "/tmp/backends-XXXXXX";
static char err[300];

static struct nfl_backends *read_text(const char *text)
{
    FILE *f = fopen("web", "w");

    assert_non_null(f);
    assert_int_equal(fwrite(text, 1, strlen(text), f), strlen(text));
    assert_int_equal(fclose(f), 0);
    err[0] = '\0';
    return nfl_backends_read("web", err, sizeof(err));
}

static void nothing(void **state)
{
    static const char *const texts[] = {"", "\n\n", "# x", " \t# x\r\n"};
    struct nfl_backends *b;
    unsigned i;

    (void)state;
    for (i = 0; i < 4; i++) {
        b = read_text(texts[i]);
        assert_non_null(b);
        assert_int_equal(b->n, 0);
        nfl_backends_free(b);
    }
    nfl_backends_free(NULL);
}

static void is(const struct nfl_backend *b, uint64_t hi, uint64_t lo,
               unsigned v6, unsigned port, unsigned weight, unsigned line)
{
    assert_true(b->addr == ((nfl_u128)hi << 64 | lo));
    assert_int_equal(b->v6, v6);
    assert_int_equal(b->port, port);
    assert_int_equal(b->weight, weight);
    assert_int_equal(b->line, line);
}

static void forms(void **state)
{
    struct nfl_backends *b = read_text("# web\n"
                                       "10.0.0.2:8080\n"
                                       "  10.0.0.1\tweight 3 # big\r\n"
                                       "\n"
                                       "[2001:db8::1]:443 weight 0\n"
                                       "[2001:DB8::1]\n"
                                       "10.0.0.1:65535 weight 65535\n"
                                       "[::10.0.0.1]:1\n"
                                       "10.0.0.1:080");

    (void)state;
    if (!b)
        fail_msg("%s", err);
    assert_int_equal(b->n, 7);
    is(&b->backends[0], 0, 0x0a000002, 0, 8080, 1, 2);
    is(&b->backends[1], 0, 0x0a000001, 0, 0, 3, 3);
    is(&b->backends[2], 0x20010db800000000, 1, 1, 443, 0, 5);
    is(&b->backends[3], 0x20010db800000000, 1, 1, 0, 1, 6);
    is(&b->backends[4], 0, 0x0a000001, 0, 65535, 65535, 7);
    is(&b->backends[5], 0, 0x0a000001, 1, 1, 1, 8);
    is(&b->backends[6], 0, 0x0a000001, 0, 80, 1, 9);
    nfl_backends_free(b);
}

static void drained(void **state)
{
    struct nfl_backends *b = read_text("10.0.0.1 drain\n"
                                       "10.0.0.2 weight 3 drain\n"
                                       "10.0.0.3 drain weight 4 id 7\n"
                                       "10.0.0.4\n[::1] id 7\n"
                                       "10.0.0.5 id 4294967295");
    unsigned i;

    (void)state;
    if (!b)
        fail_msg("%s", err);
    assert_int_equal(b->n, 6);
    for (i = 0; i < 6; i++) {
        assert_int_equal(b->backends[i].drain, i < 3);
        assert_int_equal(b->backends[i].named, i == 2 || i > 3);
    }
    assert_int_equal(b->backends[2].id, 7);
    assert_int_equal(b->backends[5].id, 4294967295u);
    assert_int_equal(b->backends[1].weight, 3);
    assert_int_equal(b->backends[2].weight, 4);
    nfl_backends_free(b);
}

static void wrong(const char *text, const char *want)
{
    struct nfl_backends *b = read_text(text);

    assert_null(b);
    assert_string_equal(err, want);
}

static void addresses(void **state)
{
    (void)state;
    wrong("10.0.0.1\nexample.org:80\n",
          "web:2: 'example.org' is not an address; write 10.0.0.1, "
          "10.0.0.1:80 or [2001:db8::1]:80");
    wrong("10.0.0:80", "web:1: '10.0.0' is not an address; write 10.0.0.1, "
                       "10.0.0.1:80 or [2001:db8::1]:80");
    wrong("[2001:db8::1", "web:1: '[2001:db8::1' is not an address; write "
                          "10.0.0.1, 10.0.0.1:80 or [2001:db8::1]:80");
    wrong("[2001:db8::1]80", "web:1: '[2001:db8::1]80' is not an address; "
                             "write 10.0.0.1, 10.0.0.1:80 or "
                             "[2001:db8::1]:80");
    wrong("[]", "web:1: '' is not an address; write 10.0.0.1, 10.0.0.1:80 or "
                "[2001:db8::1]:80");
    wrong("2001:db8::1", "web:1: an IPv6 address stands in brackets: "
                         "[2001:db8::1], or [2001:db8::1]:80 with a port");
    wrong("2001:db8:1:2:3:4:5:6:80",
          "web:1: an IPv6 address stands in brackets: [2001:db8:1:2:3:4:5:6],"
          " or [2001:db8:1:2:3:4:5:6]:80 with a port");
    wrong("[10.0.0.1]:80", "web:1: '10.0.0.1' is not an IPv6 address, so it "
                           "stands without brackets");
}

static void numbers(void **state)
{
    static const char *const bad[] = {"0", "65536", "", "http", "+1", "1e1"};
    char text[80], want[120];
    unsigned i;

    (void)state;
    for (i = 0; i < 6; i++) {
        snprintf(text, sizeof(text), "10.0.0.1:%s", bad[i]);
        snprintf(want, sizeof(want),
                 "web:1: port '%s' is not a number from 1 to 65535", bad[i]);
        wrong(text, want);
    }
    wrong("[::1]:", "web:1: port '' is not a number from 1 to 65535");
    wrong("10.0.0.1 weight", "web:1: weight needs a number from 0 to 65535");
    wrong("10.0.0.1 weight 65536",
          "web:1: weight needs a number from 0 to 65535");
    wrong("10.0.0.1 weight -1", "web:1: weight needs a number from 0 to 65535");
}

static void words(void **state)
{
    (void)state;
    wrong("10.0.0.1 wieght 3",
          "web:1: no such word 'wieght'; did you mean weight?");
    wrong("10.0.0.1 80",
          "web:1: no such word '80'; use weight N, id N, drain, or nothing");
    wrong("10.0.0.1 weight 1 2",
          "web:1: no such word '2'; use weight N, id N, drain, or nothing");
    wrong("10.0.0.1 drian", "web:1: no such word 'drian'; did you mean drain?");
    wrong("10.0.0.1 drain weight 2 drain", "web:1: 'drain' twice");
    wrong("10.0.0.1 weight 2 weight 3", "web:1: 'weight' twice");
    wrong("10.0.0.1 id", "web:1: id needs a number from 0 to 4294967295");
    wrong("10.0.0.1 id 4294967296",
          "web:1: id needs a number from 0 to 4294967295");
    wrong("10.0.0.1 id 7\n10.0.0.2\n10.0.0.3 id 7",
          "web:3: the backend of line 1 has this id already");
}

static void twice(void **state)
{
    (void)state;
    wrong("10.0.0.1:80\n[::1]:80\n10.0.0.1:81\n10.0.0.1\n10.0.0.1:80",
          "web:5: this backend stands in line 1 already; give one of the two "
          "a weight for both");
}

static void many(void **state)
{
    struct nfl_backends *b;
    char *text, *at;
    unsigned i;

    (void)state;
    text = at = malloc((NFL_BACKENDS_MAX + 1) * 16);
    assert_non_null(text);
    for (i = 0; i < NFL_BACKENDS_MAX; i++)
        at += sprintf(at, "10.1.%u.%u\n", i / 256, i % 256);
    b = read_text(text);
    assert_non_null(b);
    assert_int_equal(b->n, NFL_BACKENDS_MAX);
    nfl_backends_free(b);
    strcpy(at, "10.2.0.0");
    wrong(text, "web:4097: more than 4096 backends");
    free(text);
}

static void files(void **state)
{
    (void)state;
    assert_null(nfl_backends_read("none", err, sizeof(err)));
    assert_string_equal(err, "none: No such file or directory");
    assert_null(nfl_backends_read("/tmp", err, sizeof(err)));
    assert_string_equal(err, "/tmp: is a directory, not a file of backends");
}

static int set_up(void **state)
{
    (void)state;
    return mkdtemp(folder) && chdir(folder) == 0 ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    return unlink("web") == 0 && chdir("/") == 0 && rmdir(folder) == 0 ? 0 : -1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing),   cmocka_unit_test(forms),
        cmocka_unit_test(addresses), cmocka_unit_test(numbers),
        cmocka_unit_test(words),     cmocka_unit_test(twice),
        cmocka_unit_test(many),      cmocka_unit_test(files),
        cmocka_unit_test(drained),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
