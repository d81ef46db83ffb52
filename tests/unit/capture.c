/* Captures: what is written is read, in the order of the law; files that are
 * cut off, spoilt or no captures are told, never half-believed. */
#include <nfl/capture.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <dirent.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FRAMES = 5, BYTES = 4096 };

static char err[512];

static const uint64_t times[FRAMES] = {1, 1000000000, 1700000000123456789,
                                       1700000000123456790,
                                       4294967295999999999};

static void make_frame(unsigned i, uint8_t *data, uint32_t *len)
{
    unsigned k;

    *len = 60 + 7 * i;
    for (k = 0; k < *len; k++)
        data[k] = (uint8_t)(k * (i + 3));
}

static void write_all(const char *path)
{
    struct nfl_capture_out *c = nfl_capture_create(path, err, sizeof(err));
    uint8_t data[256];
    uint32_t len;
    unsigned i;

    assert_non_null(c);
    for (i = 0; i < FRAMES; i++) {
        make_frame(i, data, &len);
        assert_true(nfl_capture_write(c, times[i], data, len));
    }
    assert_int_not_equal(access(path, F_OK), 0);
    assert_true(nfl_capture_finish(c, true, err, sizeof(err)));
}

static void check_read(const char *path)
{
    struct nfl_capture_in *c = nfl_capture_open(path, err, sizeof(err));
    uint8_t data[256];
    struct nfl_frame f;
    uint32_t len;
    unsigned i;

    assert_non_null(c);
    for (i = 0; i < FRAMES; i++) {
        make_frame(i, data, &len);
        assert_int_equal(nfl_capture_next(c, &f, err, sizeof(err)), 1);
        assert_int_equal(f.time, times[i]);
        assert_int_equal(f.len, len);
        assert_int_equal(f.wire, len);
        assert_memory_equal(f.data, data, len);
    }
    assert_int_equal(nfl_capture_next(c, &f, err, sizeof(err)), 0);
    assert_false(nfl_capture_note(c, err, sizeof(err)));
    nfl_capture_close(c);
}

static void round_trip(void **state)
{
    (void)state;
    write_all("a.pcap");
    check_read("a.pcap");
    write_all("a.pcapng");
    check_read("a.pcapng");
    assert_int_equal(unlink("a.pcap"), 0);
    assert_int_equal(unlink("a.pcapng"), 0);
}

static unsigned files_here(void)
{
    DIR *d = opendir(".");
    unsigned n = 0;

    while (readdir(d))
        n++;
    closedir(d);
    return n;
}

static void given_up(void **state)
{
    unsigned before = files_here();
    struct nfl_capture_out *c = nfl_capture_create("b.pcap", err, sizeof(err));

    (void)state;
    assert_non_null(c);
    assert_true(nfl_capture_write(c, 1, (const uint8_t *)"x", 1));
    assert_true(nfl_capture_finish(c, false, err, sizeof(err)));
    assert_int_equal(files_here(), before);
}

/* ---- what cannot be written ---- */

static void full(void **state)
{
    static const char *const paths[] = {"full.pcap", "full.pcapng"};
    uint8_t data[BYTES] = {0};
    unsigned i, k;

    (void)state;
    for (i = 0; i < 2; i++) {
        struct nfl_capture_out *c;
        bool ok = true;

        assert_int_equal(symlink("/dev/full", paths[i]), 0);
        c = nfl_capture_create(paths[i], err, sizeof(err));
        assert_non_null(c);
        for (k = 0; k < 100; k++)
            ok = nfl_capture_write(c, k, data, sizeof(data)) && ok;
        assert_false(ok);
        assert_false(nfl_capture_finish(c, true, err, sizeof(err)));
        assert_non_null(strstr(err, "No space left on device"));
        assert_int_equal(unlink(paths[i]), 0);
    }
}

/* Small enough to lie in a buffer until the end. */
static void full_at_the_end(void **state)
{
    struct nfl_capture_out *c;

    (void)state;
    assert_int_equal(symlink("/dev/full", "f.pcap"), 0);
    c = nfl_capture_create("f.pcap", err, sizeof(err));
    assert_non_null(c);
    nfl_capture_write(c, 1, (const uint8_t *)"x", 1);
    assert_false(nfl_capture_finish(c, true, err, sizeof(err)));
    assert_int_equal(unlink("f.pcap"), 0);
}

static void no_folder(void **state)
{
    (void)state;
    assert_null(nfl_capture_create("no/such/x.pcap", err, sizeof(err)));
    assert_string_equal(err, "cannot write no/such/x.pcap: folder no/such: No "
                             "such file or directory; create it first");
    assert_null(nfl_capture_create(".", err, sizeof(err)));
    assert_string_equal(err, "cannot write .: it is a folder");
    assert_null(nfl_capture_create("-", err, sizeof(err)));
    assert_string_equal(err, "cannot write -: standard output is /dev/stdout, "
                             "a file ./-");
}

/* ---- what cannot be read ---- */

static void put_file(const char *path, const void *data, size_t len)
{
    FILE *f = fopen(path, "w");

    assert_non_null(f);
    assert_int_equal(fwrite(data, 1, len, f), len);
    fclose(f);
}

static size_t get_file(const char *path, uint8_t *data, size_t room)
{
    FILE *f = fopen(path, "r");
    size_t n;

    assert_non_null(f);
    n = fread(data, 1, room, f);
    fclose(f);
    return n;
}

static void no_capture(void **state)
{
    static const struct {
        const char *bytes;
        size_t len;
        const char *what;
    } cases[] = {
        {"", 0, "cannot read capture x: the file is empty"},
        {"\x1f\x8b\x08\x00", 4,
         "cannot read capture x: the file is compressed; gunzip it first"},
        {"packets, many", 13,
         "cannot read capture x: it is neither pcap nor pcapng"},
        {"\xa1\xb2", 2, "cannot read capture x: it is neither pcap nor pcapng"},
    };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        put_file("x", cases[i].bytes, cases[i].len);
        assert_null(nfl_capture_open("x", err, sizeof(err)));
        assert_string_equal(err, cases[i].what);
    }
    unlink("x");
    assert_null(nfl_capture_open("x", err, sizeof(err)));
    assert_string_equal(err,
                        "cannot read capture x: No such file or directory");
    assert_null(nfl_capture_open(".", err, sizeof(err)));
    assert_string_equal(err, "cannot read capture .: it is a folder");
    assert_null(nfl_capture_open("-", err, sizeof(err)));
    assert_string_equal(err, "cannot read capture -: No such file or "
                             "directory; standard input is /dev/stdin");
}

static void other_link(void **state)
{
    pcap_t *p = pcap_open_dead(DLT_RAW, 65535);
    pcap_dumper_t *d = pcap_dump_open(p, "raw.pcap");

    (void)state;
    pcap_dump_close(d);
    pcap_close(p);
    assert_null(nfl_capture_open("raw.pcap", err, sizeof(err)));
    assert_non_null(strstr(err, "raw.pcap: its link type is Raw IP, and only "
                                "Ethernet is understood"));
    unlink("raw.pcap");
}

/* Reads all there is: how many frames; *bad: how often it failed. */
static unsigned read_all(const char *path, unsigned *bad)
{
    struct nfl_capture_in *c = nfl_capture_open(path, err, sizeof(err));
    struct nfl_frame f;
    unsigned n = 0, sum = 0;
    uint32_t i;
    int r;

    *bad = 0;
    if (!c) {
        *bad = 1;
        return 0;
    }
    while ((r = nfl_capture_next(c, &f, err, sizeof(err))) != 0) {
        if (r < 0) {
            ++*bad;
            continue;
        }
        n++;
        for (i = 0; i < f.len; i++)
            sum += f.data[i];
    }
    assert_true(*bad <= 1);
    nfl_capture_close(c);
    return sum ? n : 0;
}

/* After each byte in turn. */
static void cut_off(void **state)
{
    static const char *const paths[] = {"c.pcap", "c.pcapng"};
    static uint8_t data[BYTES];
    unsigned i, bad, n, last;
    size_t len, k;

    (void)state;
    for (i = 0; i < 2; i++) {
        write_all(paths[i]);
        len = get_file(paths[i], data, sizeof(data));
        for (k = last = 0; k < len; k++) {
            put_file(paths[i], data, k);
            n = read_all(paths[i], &bad);
            assert_true(n >= last && n < FRAMES);
            assert_non_null(strstr(bad ? err : paths[i], paths[i]));
            last = n;
        }
        put_file(paths[i], data, len - 1);
        read_all(paths[i], &bad);
        assert_non_null(strstr(err, "corrupt or cut off at packet 5: "));
        unlink(paths[i]);
    }
}

static void spoilt(void **state)
{
    static const char *const paths[] = {"d.pcap", "d.pcapng"};
    static const uint8_t with[] = {0x00, 0x01, 0x7f, 0x80, 0xff};
    static uint8_t data[BYTES];
    unsigned i, bad, w;
    size_t len, k;
    uint8_t was;

    (void)state;
    for (i = 0; i < 2; i++) {
        write_all(paths[i]);
        len = get_file(paths[i], data, sizeof(data));
        for (k = 0; k < len; k++) {
            was = data[k];
            for (w = 0; w < sizeof(with); w++) {
                data[k] = with[w];
                put_file(paths[i], data, len);
                read_all(paths[i], &bad);
            }
            data[k] = was;
        }
        unlink(paths[i]);
    }
}

static void snapped(void **state)
{
    pcap_t *p = pcap_open_dead_with_tstamp_precision(
        DLT_EN10MB, 65535, PCAP_TSTAMP_PRECISION_MICRO);
    pcap_dumper_t *d = pcap_dump_open(p, "s.pcap");
    struct pcap_pkthdr h = {.ts = {3, 4}, .caplen = 20, .len = 60};
    struct nfl_capture_in *c;
    struct nfl_frame f;

    (void)state;
    pcap_dump((u_char *)d, &h, (const u_char *)"01234567890123456789");
    pcap_dump_close(d);
    pcap_close(p);
    c = nfl_capture_open("s.pcap", err, sizeof(err));
    assert_int_equal(nfl_capture_next(c, &f, err, sizeof(err)), 1);
    assert_int_equal(f.time, 3000004000);
    assert_int_equal(f.len, 20);
    assert_int_equal(f.wire, 60);
    assert_true(nfl_capture_note(c, err, sizeof(err)));
    assert_non_null(strstr(err, "s.pcap: 1 of 1 packets were cut short"));
    nfl_capture_close(c);
    unlink("s.pcap");
}

/* ---- several ---- */

/* Frames whose only byte is their name; the file is cut off by `less`. */
static void add(struct nfl_merge *m, const char *path, unsigned port,
                const uint64_t *t, const char *names, int less)
{
    struct stat st;
    struct nfl_capture_out *o = nfl_capture_create(path, err, sizeof(err));
    unsigned i;

    for (i = 0; names[i]; i++)
        assert_true(nfl_capture_write(o, t[i], (const uint8_t *)names + i, 1));
    assert_true(nfl_capture_finish(o, true, err, sizeof(err)));
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(truncate(path, st.st_size - less), 0);
    assert_true(
        nfl_merge_add(m, nfl_capture_open(path, err, sizeof(err)), port));
}

/* By time, then port, then position; a file that steps back keeps its order. */
static void merged(void **state)
{
    static const uint64_t a[] = {10, 5, 30, 30}, b[] = {5, 10, 30}, z[] = {30};
    struct nfl_merge *m = nfl_merge_new();
    char order[16] = "", ports[16] = "";
    struct nfl_frame f;
    unsigned port, n = 0;

    (void)state;
    add(m, "b.pcap", 2, b, "BCD", 0);
    add(m, "z.pcap", 0, z, "Z", 0);
    add(m, "a.pcapng", 1, a, "abcd", 0);
    while (nfl_merge_next(m, &f, &port, err, sizeof(err)) == 1) {
        order[n] = (char)f.data[0];
        ports[n++] = (char)('0' + port);
    }
    assert_string_equal(order, "BabCZcdD");
    assert_string_equal(ports, "21120112");
    nfl_merge_free(m);
    unlink("a.pcapng");
    unlink("b.pcap");
    unlink("z.pcap");
}

/* One file ends early; the other goes on. */
static void merged_with_spoilt(void **state)
{
    static const uint64_t a[] = {1, 4}, b[] = {2, 3, 5};
    struct nfl_merge *m = nfl_merge_new();
    struct nfl_frame f;
    unsigned port, n = 0, bad = 0;
    char order[16] = "";
    int r;

    (void)state;
    add(m, "a.pcap", 0, a, "ab", 9);
    add(m, "b.pcap", 1, b, "ABC", 0);
    while ((r = nfl_merge_next(m, &f, &port, err, sizeof(err))) != 0) {
        if (r == 1) {
            order[n++] = (char)f.data[0];
        } else {
            bad++;
            assert_int_equal(port, 0);
        }
    }
    assert_string_equal(order, "aABC");
    assert_int_equal(bad, 1);
    assert_non_null(strstr(err, "a.pcap is corrupt or cut off at packet 2"));
    nfl_merge_free(m);
    unlink("a.pcap");
    unlink("b.pcap");
}

static int in_own_folder(void **state)
{
    static char folder[] = "/tmp/nfl-capture.XXXXXX";

    *state = folder;
    return !mkdtemp(folder) || chdir(folder) != 0;
}

static int leave(void **state)
{
    return chdir("/") != 0 || rmdir((const char *)*state) != 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(round_trip), cmocka_unit_test(given_up),
        cmocka_unit_test(full),       cmocka_unit_test(full_at_the_end),
        cmocka_unit_test(no_folder),  cmocka_unit_test(no_capture),
        cmocka_unit_test(other_link), cmocka_unit_test(cut_off),
        cmocka_unit_test(spoilt),     cmocka_unit_test(snapped),
        cmocka_unit_test(merged),     cmocka_unit_test(merged_with_spoilt),
    };

    return cmocka_run_group_tests(tests, in_own_folder, leave);
}
