/* The command line of compiled programs: what is right is taken, what is
 * wrong is told with its mend, in one line. */
#include <nfl/options.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const ports[] = {"lan", "wan"};
static struct nfl_options options;
static char said[4096];

/* Runs with stdout and stderr in a file; what was said is in `said`. */
static int parse(bool live, char **words, int n)
{
    char *argv[32] = {(char *)"prog"};
    int out = dup(1), error = dup(2), status;
    FILE *f = tmpfile();
    size_t len;

    assert_non_null(f);
    memcpy(argv + 1, words, (size_t)n * sizeof(*words));
    fflush(NULL);
    dup2(fileno(f), 1);
    dup2(fileno(f), 2);
    status = nfl_options_parse(&options, n + 1, argv, "edge", ports, 2, live);
    fflush(NULL);
    dup2(out, 1);
    dup2(error, 2);
    close(out);
    close(error);
    rewind(f);
    len = fread(said, 1, sizeof(said) - 1, f);
    said[len] = '\0';
    fclose(f);
    return status;
}

/* Words separated by one blank; a tilde stands for a blank inside a word. */
static int parse_line(bool live, const char *line)
{
    static char copy[1024];
    char *words[31], *p, *rest = copy;
    int n = 0;

    snprintf(copy, sizeof(copy), "%s", line);
    while ((p = strsep(&rest, " ")) != NULL) {
        if (!*p)
            continue;
        words[n++] = p;
        for (; *p; p++)
            if (*p == '~')
                *p = ' ';
    }
    return parse(live, words, n);
}

#define BOTH " --port lan=pcap:a --port wan=pcap:b"

static void taken(void **state)
{
    (void)state;
    assert_int_equal(parse_line(true, "--port=wan=pcap:,out.pcap --json "
                                      "--port lan=pcap:in.pcap --stats=5 "
                                      "--trace=t --state s --files d "
                                      "--seed 0x10 --quiet"),
                     -1);
    assert_string_equal(said, "");
    assert_string_equal(options.ports[0].in, "in.pcap");
    assert_null(options.ports[0].out);
    assert_null(options.ports[1].in);
    assert_string_equal(options.ports[1].out, "out.pcap");
    assert_int_equal(options.ports[0].mtu, 65535);
    assert_int_equal(nfl_port_frame_max(&options.ports[0]), 65535);
    assert_true(options.offline && options.json && options.quiet);
    assert_int_equal(options.stats, 5);
    assert_string_equal(options.trace, "t");
    assert_string_equal(options.state, "s");
    assert_string_equal(options.files, "d");
    assert_int_equal(nfl_options_seed(&options), 16);
    nfl_options_fini(&options);
}

static void taken_live(void **state)
{
    (void)state;
    assert_int_equal(parse_line(true,
                                "--port lan=iface:eth0,mtu=9000 "
                                "--port wan=vdev:net_tap0,iface=tap0 "
                                "--eal -l~1~'a~b'\"c\\\"\"~d\\~e --stats"),
                     -1);
    assert_int_equal(options.ports[0].kind, NFL_PORT_IFACE);
    assert_string_equal(options.ports[0].arg, "eth0");
    assert_int_equal(options.ports[0].mtu, 9000);
    assert_int_equal(nfl_port_frame_max(&options.ports[0]), 9022);
    assert_string_equal(options.ports[1].arg, "net_tap0");
    assert_string_equal(options.ports[1].devargs, "iface=tap0");
    assert_int_equal(options.n_eal, 4);
    assert_string_equal(options.eal[0], "-l");
    assert_string_equal(options.eal[1], "1");
    assert_string_equal(options.eal[2], "a bc\"");
    assert_string_equal(options.eal[3], "d e");
    assert_int_equal(options.stats, 1);
    assert_false(options.offline);
    nfl_options_fini(&options);
}

/* Commas in names, as DPDK's users write them. */
static void taken_names(void **state)
{
    static const struct {
        const char *spec, *in, *out;
    } pcaps[] = {
        {"pcap:a\\,b.pcap", "a,b.pcap", NULL},
        {"pcap:\"a,b.pcap\",'c,d'", "a,b.pcap", "c,d"},
        {"pcap:,o\\\\\\,p", NULL, "o\\,p"},
        {"pcap:it's\\x,b", "it's\\x", "b"},
        {"pcap:\"a,b", "\"a", "b"},
    };
    char word[64];
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(pcaps) / sizeof(*pcaps); i++) {
        char *words[] = {word, (char *)"--port=wan=pcap:z"};

        snprintf(word, sizeof(word), "--port=lan=%s", pcaps[i].spec);
        assert_int_equal(parse(true, words, 2), -1);
        assert_true((pcaps[i].in != NULL) == (options.ports[0].in != NULL));
        assert_true((pcaps[i].out != NULL) == (options.ports[0].out != NULL));
        if (pcaps[i].in)
            assert_string_equal(options.ports[0].in, pcaps[i].in);
        if (pcaps[i].out)
            assert_string_equal(options.ports[0].out, pcaps[i].out);
        nfl_options_fini(&options);
    }
}

static void taken_devices(void **state)
{
    (void)state;
    assert_int_equal(parse_line(true, "--port lan=tap:t0,mtu=9000 "
                                      "--port wan=xdp:eth0,promisc=off"),
                     -1);
    assert_int_equal(options.ports[0].kind, NFL_PORT_TAP);
    assert_string_equal(options.ports[0].arg, "t0");
    assert_int_equal(options.ports[0].mtu, 9000);
    assert_false(options.ports[0].no_promisc);
    assert_int_equal(options.ports[1].kind, NFL_PORT_XDP);
    assert_int_equal(options.ports[1].mtu, 0);
    assert_true(options.ports[1].no_promisc);
    nfl_options_fini(&options);
    assert_int_equal(
        parse_line(true, "--port lan=3:00.0,mtu=9000 --port "
                         "wan=0001:af:1f.7,a=[1,2],mtu=1280,b,promisc=on"),
        -1);
    assert_int_equal(options.ports[0].kind, NFL_PORT_PCI);
    assert_string_equal(options.ports[0].arg, "0000:03:00.0");
    assert_null(options.ports[0].devargs);
    assert_string_equal(options.ports[1].arg, "0001:af:1f.7");
    assert_string_equal(options.ports[1].devargs, "a=[1,2],b");
    assert_int_equal(options.ports[1].mtu, 1280);
    nfl_options_fini(&options);
}

static void told(void **state)
{
    (void)state;
    assert_int_equal(parse_line(true, "--help"), 0);
    assert_int_equal(parse_line(true, "-h"), 0);
    assert_non_null(strstr(said, "Every port must be bound: lan, wan."));
    assert_non_null(strstr(said, "iface:"));
    assert_int_equal(parse_line(false, "--help"), 0);
    assert_null(strstr(said, "iface:"));
    assert_int_equal(parse_line(true, "--version"), 0);
    assert_memory_equal(said, "edge (nflc ", 11);
}

static const struct {
    bool live;
    const char *line, *said;
} wrong[] = {
    {true, "", "no --port for 'lan'; this program has ports lan, wan"},
    {true, "--port lan=pcap:a",
     "no --port for 'wan'; this program has ports lan, wan"},
    {true, "--port lan=pcap:a --port dmz=pcap:b",
     "--port dmz=pcap:b: no port 'dmz'; this program has ports lan, wan"},
    {true, "--port lan=pcap:a --port lan=pcap:b", "--port lan is given twice"},
    {true, "--port lan",
     "--port lan: does not say what the port is; write for example --port "
     "NAME=pcap:in.pcap,out.pcap"},
    {true, "--port lan=in.pcap",
     "--port lan: 'in.pcap' does not say its kind; write --port "
     "lan=pcap:in.pcap"},
    {true, "--port lan=in.pcap,out.pcap",
     "--port lan: 'in.pcap,out.pcap' does not say its kind; write --port "
     "lan=pcap:in.pcap,out.pcap"},
    {true, "--port lan=lo",
     "--port lan: 'lo' does not say its kind; write --port lan=iface:lo"},
    {true, "--port lan=wlan",
     "--port lan: 'wlan' is no kind of port; write pcap:IN[,OUT], "
     "iface:NAME, tap:NAME, xdp:NAME, vdev:ARGS or a PCI address"},
    {true, "--port lan=0000:03:00.8",
     "--port lan: '0000:03:00.8' is no kind of port; write pcap:IN[,OUT], "
     "iface:NAME, tap:NAME, xdp:NAME, vdev:ARGS or a PCI address"},
    {true, "--port lan=tap:",
     "--port lan: tap: names no interface; write "
     "tap:NAME"},
    {true, "--port lan=xdp:a,promisc=1",
     "--port lan: promisc=1: write promisc=on or promisc=off"},
    {true, "--port lan=xdp:a --port wan=iface:a",
     "ports lan and wan are both interface a; give each port one of its own"},
    {true, "--port lan=03:00.0 --port wan=0000:03:00.0",
     "ports lan and wan are both device 0000:03:00.0; give each port one of "
     "its own"},
    {false, "--port lan=03:00.0",
     "--port lan: '03:00.0' is no capture; write pcap:IN[,OUT]"},
    {false, "--port lan=iface:eth0",
     "--port lan: 'iface:eth0' is no capture; write pcap:IN[,OUT]"},
    {true, "--port lan=pcap:",
     "--port lan: pcap: names no file; write pcap:IN, pcap:IN,OUT or "
     "pcap:,OUT"},
    {true, "--port lan=pcap:a,b,c",
     "--port lan: more than two files; write pcap:IN,OUT, and '\\,' for a "
     "comma in a name"},
    {true, "--port lan=iface:",
     "--port lan: iface: names no interface; write iface:NAME"},
    {true, "--port lan=iface:sixteen-letters-",
     "--port lan: 'sixteen-letters-' is no interface; names have at most 15 "
     "letters"},
    {true, "--port lan=iface:a,promisc",
     "--port lan: 'promisc' is unknown; after the interface may follow mtu=N "
     "and promisc=off"},
    {true, "--port lan=iface:a,mtu=65536",
     "--port lan: '65536' is no MTU; write a number from 68 to 65535"},
    {true, "--port lan=iface:a,mtu=-1",
     "--port lan: '-1' is no MTU; write a number from 68 to 65535"},
    {true, "--port lan=vdev:",
     "--port lan: vdev: names no device; write for example vdev:net_null0"},
    {true, "--port lan=pcap:a --port wan=iface:b",
     "port lan is a capture and port wan is live; captures run on their own "
     "clock, so all ports must be captures or none"},
    {true, "--port lan=iface:a --port wan=iface:a",
     "ports lan and wan are both interface a; give each port one of its own"},
    {true, "--prot x" BOTH, "unknown option '--prot'"},
    {true, "-p x" BOTH, "unknown option '-p'"},
    {true, "--json=yes" BOTH, "--json=yes: the option takes no value"},
    {true, "--port", "--port needs a value"},
    {true, "in.pcap" BOTH, "what is 'in.pcap'? Options begin with --"},
    {true, "--stats 5" BOTH,
     "what is '5'? Options begin with --; --stats takes its number as "
     "--stats=N"},
    {true, "--stats=0" BOTH, "--stats=0: write a number from 1 to 86400"},
    {true, "--stats=1s" BOTH, "--stats=1s: write a number from 1 to 86400"},
    {true, "--seed=-1" BOTH,
     "--seed=-1: write a number from 0 to 18446744073709551615"},
    {true, "--seed=18446744073709551616" BOTH,
     "--seed=18446744073709551616: write a number from 0 to "
     "18446744073709551615"},
    {true, "--eal 'x" BOTH, "--eal: a quote is not closed in: 'x"},
    {true, "--bench=0" BOTH, "--bench=0: write a number from 1 to 1000000"},
    {true, "--bench --bench-burst=0" BOTH,
     "--bench-burst=0: write a number from 1 to 32"},
    {true, "--bench-burst=1" BOTH, "--bench-burst says something of --bench"},
    {true, "--bench 5" BOTH,
     "what is '5'? Options begin with --; --bench takes its number as "
     "--bench=N"},
    {true, "--bench --trace=x" BOTH, "--bench cannot be combined with --trace"},
    {true, "--bench --state=x" BOTH, "--bench cannot be combined with --state"},
    {true, "--bench --port lan=iface:a --port wan=iface:b",
     "--bench replays captures, and port wan is live"},
    {false, "--cores=0" BOTH,
     "--cores=0: write how many, from 1 to 127, or which CPUs, as 1,3 or 4-7"},
    {true, "--cores=200" BOTH,
     "--cores=200: write how many, from 1 to 127, or which CPUs, as 1,3 or "
     "4-7"},
    {true, "--cores=two" BOTH,
     "--cores=two: write how many, from 1 to 127, or which CPUs, as 1,3 or "
     "4-7"},
    {true, "--cores=4-2" BOTH,
     "--cores=4-2: write how many, from 1 to 127, or which CPUs, as 1,3 or "
     "4-7"},
    {true, "--cores=1,,2" BOTH,
     "--cores=1,,2: write how many, from 1 to 127, or which CPUs, as 1,3 or "
     "4-7"},
    {true, "--cores=1,0-3" BOTH, "--cores=1,0-3: CPU 1 is there twice"},
    {true, "--cores=0-200" BOTH, "--cores=0-200: more than 127 CPUs"},
    {false, "--bench" BOTH, "--bench: only programs on DPDK are measured"},
    {false, "--eal x" BOTH, "--eal: the interpreter has no use for it"},
    {false, "--user x" BOTH,
     "--user: the interpreter opens no ports, and runs as whoever starts it"},
    {true, "--user=" BOTH, "--user: names no user"},
    {false, "--telemetry" BOTH, "--telemetry: only DPDK has it"},
    {false, "--health a.b.c=/bin/true" BOTH,
     "--health: the interpreter has no servers to ask"},
    {true, "--health a.b.c=/bin/true" BOTH,
     "--health: captures have no servers to ask; it is for live ports"},
    {true, "--health a.b.c" BOTH,
     "--health a.b.c: write CHAIN.NF.PARAM=COMMAND, as "
     "edge.Maglev.backends=/usr/bin/check"},
    {true, "--health a.b.c=check" BOTH,
     "--health a.b.c=check: the command is named by its path, from / on; "
     "there is no shell that would look for it"},
    {true, "--health a.b.c=" BOTH,
     "--health a.b.c=: the command is named by its path, from / on; there is "
     "no shell that would look for it"},
    {true, "--health a.b.c=/x --health a.b.c=/y" BOTH,
     "--health: a.b.c has a command already"},
    {true, "--health-every=0" BOTH,
     "--health-every=0: write a number from 1 to 3600"},
    {true, "--health-rise=101" BOTH,
     "--health-rise=101: write a number from 1 to 100"},
};

static void refused(void **state)
{
    char expected[512];
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
        assert_int_equal(parse_line(wrong[i].live, wrong[i].line), 2);
        snprintf(expected, sizeof(expected),
                 "edge: %s (edge --help lists all options)\n", wrong[i].said);
        assert_string_equal(said, expected);
    }
}

static void seeds(void **state)
{
    uint64_t a, b;

    (void)state;
    assert_int_equal(parse_line(true, BOTH), -1);
    assert_int_equal(nfl_options_seed(&options), 1);
    nfl_options_fini(&options);
    assert_int_equal(parse_line(true, "--port lan=iface:a --port wan=iface:b"),
                     -1);
    a = nfl_options_seed(&options);
    b = nfl_options_seed(&options);
    assert_true(a != b);
    nfl_options_fini(&options);
}

/* ---- files ---- */

static void touch(const char *path)
{
    close(open(path, O_CREAT | O_WRONLY, 0600));
}

static void check(const char *line, const char *expected)
{
    char err[512] = "";
    bool ok;

    assert_int_equal(parse_line(true, line), -1);
    ok = nfl_options_check(&options, err, sizeof(err));
    assert_string_equal(err, expected);
    assert_int_equal(ok, !*expected);
    nfl_options_fini(&options);
}

static void outputs(void **state)
{
    (void)state;
    touch("in");
    check("--port lan=pcap:in,x --port wan=pcap:in,y --state z", "");
    check("--port lan=pcap:in,/dev/null --port wan=pcap:in,/dev/null", "");
    check("--port lan=pcap:in,x --port wan=pcap:in,./x",
          "./x is written twice; give each output a name of its own");
    check("--port lan=pcap:in,x --port wan=pcap:in --trace=x",
          "x is written twice; give each output a name of its own");
    check("--port lan=pcap:in,../options/in --port wan=pcap:in",
          "../options/in is read and written; give the output another name");
    check("--port lan=pcap:in,no/x --port wan=pcap:in",
          "cannot write no/x: folder no: No such file or directory; create it "
          "first");
    check("--port lan=pcap:in --port wan=pcap:in --state=x/",
          "cannot write 'x/': no file name");
}

static void find(const char *folder, const char *name, const char *expected)
{
    char err[512] = "", here[256], *path;

    options = (struct nfl_options){.files = folder};
    path = nfl_options_file(&options, "src", name, err, sizeof(err));
    if (path) {
        assert_non_null(getcwd(here, sizeof(here)));
        assert_memory_equal(path, here, strlen(here));
        assert_string_equal(path + strlen(here) + 1, expected);
    } else {
        assert_non_null(strstr(err, expected));
    }
    free(path);
}

/* As the compiler names what lies beside another source. */
static void find_in(const char *sub, const char *files, const char *name,
                    const char *expected)
{
    char here[256], joined[512];

    assert_non_null(getcwd(here, sizeof(here)));
    snprintf(joined, sizeof(joined), "%s/%s//%s", here, sub, name);
    find(files, joined, expected);
}

static void files_of_the_source(void **state)
{
    (void)state;
    assert_int_equal(mkdir("src", 0700), 0);
    assert_int_equal(mkdir("src/sub", 0700), 0);
    assert_int_equal(mkdir("own", 0700), 0);
    touch("src/a");
    touch("src/b");
    touch("own/a");
    assert_int_equal(symlink("../in", "src/link"), 0);
    find(NULL, "a", "src/a");
    find(NULL, "sub/../a", "src/a");
    find("own", "a", "own/a");
    find("own", "b", "src/b");
    find(NULL, "c", "/src/c: No such file or directory; --files=DIR");
    find("own", "c", "/src/c: No such file or directory");
    find(NULL, "sub", "it is a folder");
    find(NULL, "/etc/passwd", "file(\"/etc/passwd\") is absolute");
    find(NULL, "../in", "file(\"../in\") leaves the folder");
    find(NULL, "link", "file(\"link\") leaves the folder");
    find("none", "a", "cannot read the folder none");
    find_in("own", NULL, "a", "own/a");
    find_in("own", "src", "a", "src/a");
    find_in("own", NULL, "b", "/own/b: No such file or directory; --files=DIR");
    find_in("own", NULL, "../in", "file(\"../in\") leaves the folder");
    find_in("own", NULL, "/etc/passwd", "is absolute");
}

static int in_own_folder(void **state)
{
    static char folder[] = "/tmp/nfl-options.XXXXXX";

    *state = folder;
    if (!mkdtemp(folder) || chdir(folder) != 0)
        return -1;
    return mkdir("options", 0700) != 0 || chdir("options") != 0;
}

static int leave(void **state)
{
    char line[256];

    snprintf(line, sizeof(line), "rm -r %s", (const char *)*state);
    return chdir("/") != 0 || system(line) != 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(taken),
        cmocka_unit_test(taken_live),
        cmocka_unit_test(taken_names),
        cmocka_unit_test(taken_devices),
        cmocka_unit_test(told),
        cmocka_unit_test(refused),
        cmocka_unit_test(seeds),
        cmocka_unit_test(outputs),
        cmocka_unit_test(files_of_the_source),
    };

    return cmocka_run_group_tests(tests, in_own_folder, leave);
}
