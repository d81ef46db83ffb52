/* Rule files: what is read, and what is said of what cannot be read. */
#include <nfl/acl_text.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/acl-XXXXXX";
static char err[300];

static struct nfl_acl_rules *read_bytes(const char *text, size_t len)
{
    FILE *f = fopen("edge.acl", "w");

    assert_non_null(f);
    assert_int_equal(fwrite(text, 1, len, f), len);
    assert_int_equal(fclose(f), 0);
    err[0] = '\0';
    return nfl_acl_read("edge.acl", err, sizeof(err));
}

static struct nfl_acl_rules *read_text(const char *text)
{
    struct nfl_acl_rules *r = read_bytes(text, strlen(text));

    if (!r)
        fail_msg("%s", err);
    return r;
}

/* ---- good files ---- */

static void nothing(void **state)
{
    static const char *const texts[] = {"", "\n\n", "# x", " \t# x\r\n"};
    struct nfl_acl_rules *r;
    unsigned i;

    (void)state;
    for (i = 0; i < 4; i++) {
        r = read_text(texts[i]);
        assert_int_equal(r->n, 0);
        assert_int_equal(r->default_deny, 1);
        nfl_acl_free(r);
    }
}

static void defaults(void **state)
{
    struct nfl_acl_rules *r = read_text("default allow\nallow in\n");

    (void)state;
    assert_int_equal(r->default_deny, 0);
    assert_int_equal(r->n, 2);
    nfl_acl_free(r);
    r = read_text("default deny");
    assert_int_equal(r->default_deny, 1);
    nfl_acl_free(r);
}

/* A line without addresses is two rules, in order. */
static void both_families(void **state)
{
    struct nfl_acl_rules *r =
        read_text("\ndeny out proto tcp to any port 25\nallow\n");

    (void)state;
    assert_int_equal(r->n, 4);
    assert_int_equal(r->rules[0].v6, 0);
    assert_int_equal(r->rules[1].v6, 1);
    assert_int_equal(r->rules[1].deny, 1);
    assert_int_equal(r->rules[1].any_dir, 0);
    assert_int_equal(r->rules[1].out, 1);
    assert_int_equal(r->rules[1].any_proto, 0);
    assert_int_equal(r->rules[1].proto, 6);
    assert_int_equal(r->rules[1].sport_lo, 0);
    assert_int_equal(r->rules[1].sport_hi, 65535);
    assert_int_equal(r->rules[1].dport_lo, 25);
    assert_int_equal(r->rules[1].dport_hi, 25);
    assert_int_equal(r->rules[1].src_len, 0);
    assert_int_equal(r->rules[1].line, 2);
    assert_int_equal(r->rules[2].deny, 0);
    assert_int_equal(r->rules[2].any_dir, 1);
    assert_int_equal(r->rules[2].any_proto, 1);
    assert_int_equal(r->rules[2].line, 3);
    nfl_acl_free(r);
}

static void addresses(void **state)
{
    struct nfl_acl_rules *r = read_text(
        "allow in proto udp from 10.0.0.0/8 port 1-9 to 192.0.2.1 port 53\n"
        "deny from 2001:db8::/32\n"
        "deny to ::1 from ::/0\n"
        "allow from 0.0.0.0/0\n"
        "allow proto 250 from any to fd00::/8\n");

    (void)state;
    assert_int_equal(r->n, 5);
    assert_int_equal(r->rules[0].out, 0);
    assert_int_equal(r->rules[0].any_dir, 0);
    assert_true(r->rules[0].src == 0x0a000000);
    assert_int_equal(r->rules[0].src_len, 8);
    assert_int_equal(r->rules[0].sport_lo, 1);
    assert_int_equal(r->rules[0].sport_hi, 9);
    assert_true(r->rules[0].dst == 0xc0000201);
    assert_int_equal(r->rules[0].dst_len, 32);
    assert_int_equal(r->rules[0].dport_lo, 53);
    assert_true(r->rules[1].src == (nfl_u128)0x20010db8 << 96);
    assert_int_equal(r->rules[1].v6, 1);
    assert_true(r->rules[2].dst == 1);
    assert_int_equal(r->rules[2].dst_len, 128);
    assert_int_equal(r->rules[2].src_len, 0);
    assert_int_equal(r->rules[3].v6, 0);
    assert_int_equal(r->rules[4].v6, 1);
    assert_int_equal(r->rules[4].proto, 250);
    nfl_acl_free(r);
}

static void protocols(void **state)
{
    static const char *const names[] = {"tcp", "udp",  "icmp", "icmp6", "igmp",
                                        "gre", "sctp", "esp",  "ah"};
    static const unsigned numbers[] = {6, 17, 1, 58, 2, 47, 132, 50, 51};
    struct nfl_acl_rules *r;
    char text[50];
    unsigned i;

    (void)state;
    for (i = 0; i < 9; i++) {
        snprintf(text, sizeof(text), "allow proto %s", names[i]);
        r = read_text(text);
        assert_int_equal(r->rules[0].proto, numbers[i]);
        nfl_acl_free(r);
    }
}

/* 65,536 lines are read, with the last one not ended. */
static void many_lines(void **state)
{
    static const char line[] = "allow from 10.0.0.1\n";
    size_t len = strlen(line), i;
    char *text = malloc(65537 * len);
    struct nfl_acl_rules *r;

    (void)state;
    assert_non_null(text);
    for (i = 0; i < 65537; i++)
        memcpy(text + i * len, line, len);
    r = read_bytes(text, 65536 * len);
    assert_non_null(r);
    assert_int_equal(r->n, 65536);
    nfl_acl_free(r);
    r = read_bytes(text, 65536 * len - 1);
    assert_non_null(r);
    nfl_acl_free(r);
    assert_null(read_bytes(text, 65536 * len + 1));
    assert_string_equal(err, "edge.acl:65537: more than 65536 lines");
    free(text);
}

/* ---- bad files ---- */

static void wrong(const char *text, const char *said)
{
    struct nfl_acl_rules *r = read_bytes(text, strlen(text));
    char full[300];

    if (r)
        fail_msg("'%s' was taken for good", text);
    snprintf(full, sizeof(full), "edge.acl:%s", said);
    assert_string_equal(err, full);
}

static void bad_words(void **state)
{
    (void)state;
    wrong("\n\nalow", "3: a rule cannot begin with 'alow'; did you mean "
                      "allow?");
    wrong("pass in", "1: a rule cannot begin with 'pass'; use allow, deny, "
                     "set or default");
    wrong("allow proto tpc", "1: no such protocol 'tpc'; did you mean tcp?");
    wrong("allow proto foo", "1: no such protocol 'foo'; use tcp, udp, icmp, "
                             "icmp6, sctp or a number");
    wrong("allow proto 256", "1: protocol '256' is not a number from 0 to "
                             "255");
    wrong("allow proto", "1: proto needs a protocol: tcp, udp, icmp, icmp6, "
                         "sctp or a number");
    wrong("allow form any", "1: no such word 'form'; did you mean from?");
    wrong("allow tcp", "1: no such word 'tcp'; use in, out, proto, from or "
                       "to");
    wrong("allow out in", "1: the direction is given twice");
    wrong("allow from any from any", "1: from is given twice");
    wrong("allow to any to any", "1: to is given twice");
    wrong("allow proto 1 proto 2", "1: proto is given twice");
    wrong("default", "1: default needs allow or deny");
    wrong("default out", "1: default needs allow or deny");
    wrong("default deny now", "1: nothing may follow default deny");
    wrong("default deny\n\ndefault deny", "3: there is a default already, in "
                                          "line 1");
}

static void bad_addresses(void **state)
{
    (void)state;
    wrong("allow from", "1: from needs an address, a network or any");
    wrong("allow to", "1: to needs an address, a network or any");
    wrong("allow from 10.0.0", "1: '10.0.0' is not an address; write from "
                               "10.0.0.0/8, from 2001:db8::/32 or from any");
    wrong("allow to port 5", "1: 'port' is not an address; write to "
                             "10.0.0.0/8, to 2001:db8::/32 or to any");
    wrong("allow from fe80::1%eth0", "1: 'fe80::1%eth0' is not an address; "
                                     "write from 10.0.0.0/8, from "
                                     "2001:db8::/32 or from any");
    wrong("allow from 10.0.0.0/33", "1: '/33' is not the length of a prefix; "
                                    "IPv4 has /0 to /32");
    wrong("allow from ::/129", "1: '/129' is not the length of a prefix; IPv6 "
                               "has /0 to /128");
    wrong("allow from ::/", "1: '/' is not the length of a prefix; IPv6 has "
                            "/0 to /128");
    wrong("allow from 10.0.0.5/24", "1: 10.0.0.5/24 has bits set beyond its "
                                    "prefix; did you mean 10.0.0.0/24?");
    wrong("allow from 10.0.0.5/0", "1: 10.0.0.5/0 has bits set beyond its "
                                   "prefix; did you mean 0.0.0.0/0?");
    wrong("allow to 2001:db8::1/64", "1: 2001:db8::1/64 has bits set beyond "
                                     "its prefix; did you mean "
                                     "2001:db8::/64?");
    wrong("allow from 10.0.0.1 to ::1", "1: from and to are of different "
                                        "families: one is an IPv4, the other "
                                        "an IPv6 address");
    wrong("allow proto icmp to ::1", "1: icmp is IPv4's; for IPv6 addresses "
                                     "write icmp6");
    wrong("allow proto icmp6 from 1.2.3.4", "1: icmp6 is IPv6's; for IPv4 "
                                            "addresses write icmp");
}

static void bad_ports(void **state)
{
    (void)state;
    wrong("allow to any port 80", "1: port needs proto tcp, udp or sctp");
    wrong("allow proto gre to any port 80", "1: port needs proto tcp, udp or "
                                            "sctp");
    wrong("allow proto tcp port 80", "1: port stands after from or to: to any "
                                     "port 80");
    wrong("allow proto tcp to any port", "1: port needs a number or a range "
                                         "such as 80-89");
    wrong("allow proto tcp to any port 65536", "1: port '65536' is not a "
                                               "number from 0 to 65535");
    wrong("allow proto tcp to any port 1-70000", "1: port '70000' is not a "
                                                 "number from 0 to 65535");
    wrong("allow proto tcp to any port http", "1: port 'http' is not a number "
                                              "from 0 to 65535");
    wrong("allow proto tcp to any port 90-80", "1: the ports run backwards; "
                                               "did you mean 80-90?");
}

/* ---- lists, sets, and what a policy asks ---- */

static void lists(void **state)
{
    struct nfl_acl_rules *r = read_text(
        "set web 80,443\nset web 8000-8099\nset lan 10.0.0.0/8 fd00::/8\n"
        "deny proto tcp from @lan,192.0.2.1 to any port @web,22\n"
        "allow from @lan to @lan\nallow proto icmp from @lan\n");
    unsigned i;

    (void)state;
    assert_int_equal(r->n, 12 + 2 + 1);
    for (i = 0; i < 12; i++) {
        assert_int_equal(r->rules[i].line, 4);
        assert_int_equal(r->rules[i].v6, i / 4 == 1);
    }
    assert_int_equal(r->rules[2].dport_lo, 8000);
    assert_int_equal(r->rules[2].dport_hi, 8099);
    assert_int_equal(r->rules[3].dport_lo, 22);
    assert_int_equal(r->rules[8].src_len, 32);
    assert_int_equal(r->rules[12].dst_len, 8);
    assert_int_equal(r->rules[13].v6, 1);
    assert_int_equal(r->rules[14].v6, 0);
    nfl_acl_free(r);
}

static void bad_lists(void **state)
{
    (void)state;
    wrong("set", "1: set needs a name, and then its members: set web 80 443");
    wrong("set 80", "1: set needs a name, and then its members: set web 80 "
                    "443");
    wrong("set web", "1: set web has no members: set web 10.0.0.0/8");
    wrong("set a 80 10.0.0.1", "1: set a has addresses and ports; make two "
                               "sets of it");
    wrong("set a b", "1: 'b' is neither an address nor a port; a set has "
                     "addresses and networks, or ports and ranges such as "
                     "80-89");
    wrong("set a 90-80", "1: the ports run backwards; did you mean 80-90?");
    wrong("allow from @a", "1: there is no set 'a' above");
    wrong("set a 80\nallow from @a", "2: set a is one of ports");
    wrong("set a ::1\nallow proto tcp to any port @a",
          "2: set a is one of addresses");
    wrong("set a ::1\nallow from 10.0.0.1,10.0.0.2 to @a",
          "2: from and to are of different families: one is an IPv4, the "
          "other an IPv6 address");
}

static struct nfl_acl_rules *read_policy(const char *text)
{
    FILE *f = fopen("edge.acl", "w");

    assert_non_null(f);
    fputs(text, f);
    assert_int_equal(fclose(f), 0);
    err[0] = '\0';
    return nfl_policy_read("edge.acl", err, sizeof(err));
}

static void policies(void **state)
{
    struct nfl_acl_rules *r =
        read_policy("reject proto tcp flags syn,!ack\n"
                    "deny proto icmp type 3 code 13\nallow\ndefault reject\n");

    (void)state;
    assert_non_null(r);
    assert_int_equal(r->rules[0].deny, 1);
    assert_int_equal(r->rules[0].reject, 1);
    assert_int_equal(r->rules[0].first_mask, 0x1200);
    assert_int_equal(r->rules[0].first, 0x0200);
    assert_int_equal(r->rules[2].reject, 0);
    assert_int_equal(r->rules[2].first_mask, 0xffff);
    assert_int_equal(r->rules[2].first, 0x030d);
    assert_int_equal(r->rules[4].first_mask, 0);
    assert_int_equal(r->default_deny, 1);
    assert_int_equal(r->default_reject, 1);
    nfl_acl_free(r);
}

static void not_policy(const char *text, const char *said)
{
    char full[300];

    assert_null(read_policy(text));
    snprintf(full, sizeof(full), "edge.acl:%s", said);
    assert_string_equal(err, full);
}

static void bad_policies(void **state)
{
    (void)state;
    wrong("reject", "1: an acl allows or denies; reject is for the rules of a "
                    "StatefulFirewall");
    wrong("default reject", "1: default needs allow or deny");
    wrong("allow proto tcp flags syn", "1: an acl judges flows by their tuple; "
                                       "flags is for the rules of a "
                                       "StatefulFirewall");
    not_policy("rejct", "1: a rule cannot begin with 'rejct'; did you mean "
                        "reject?");
    not_policy("default drop", "1: default needs allow, deny or reject");
    not_policy("allow flags syn", "1: flags needs proto tcp");
    not_policy("allow proto tcp flags", "1: flags needs names of flags: "
                                        "syn,!ack");
    not_policy("allow proto tcp flags sny", "1: no such flag 'sny'; did you "
                                            "mean syn?");
    not_policy("allow proto tcp flags syn,!syn", "1: flag syn is given twice");
    not_policy("allow proto udp type 3", "1: type needs proto icmp or icmp6");
    not_policy("allow proto icmp type 256",
               "1: type needs a number from 0 to 255");
    not_policy("allow proto icmp code 3", "1: code needs a type: type 3 code "
                                          "13");
}

static void note_shadow(void *arg, unsigned line, unsigned by)
{
    char *to = arg;

    snprintf(to + strlen(to), 100 - strlen(to), "%u by %u;", line, by);
}

static void shadows(void **state)
{
    char told[100] = "";
    struct nfl_acl_rules *r = read_policy(
        "allow from 10.0.0.0/8\n"
        "deny out proto tcp from 10.1.0.0/16,10.2.0.0/16 to any port 25\n"
        "deny from 10.0.0.0/8,11.0.0.0/8\n"
        "reject proto tcp to any port 1-100 flags syn\n"
        "allow proto tcp to any port 80\n"
        "allow in proto tcp to any port 80-90 flags syn,!ack\n"
        "allow proto tcp to any port 80,443\n"
        "deny out\n"
        "deny out to ::1\n");

    (void)state;
    assert_non_null(r);
    nfl_acl_shadowed(r, note_shadow, told);
    assert_string_equal(told, "2 by 1;6 by 4;9 by 8;");
    nfl_acl_free(r);
}

static void bad_files(void **state)
{
    char line[1002];

    (void)state;
    assert_null(nfl_acl_read("none.acl", err, sizeof(err)));
    assert_string_equal(err, "none.acl: No such file or directory");
    assert_null(nfl_acl_read("/", err, sizeof(err)));
    assert_string_equal(err, "/: is a directory, not a rule file");
    assert_int_equal(mkfifo("pipe", 0600), 0);
    assert_null(nfl_acl_read("pipe", err, sizeof(err)));
    assert_string_equal(err, "pipe: is not a regular file");
    unlink("pipe");
    assert_null(read_bytes("allow\na\0b", 9));
    assert_string_equal(err, "edge.acl:2: a zero byte: this is not a text "
                             "file");
    memset(line, '#', sizeof(line));
    line[1001] = '\0';
    wrong(line, "1: the line is longer than 1000 bytes");
    line[1000] = '\0';
    nfl_acl_free(read_text(line));
    if (geteuid() != 0) {
        assert_int_equal(chmod("edge.acl", 0), 0);
        assert_null(nfl_acl_read("edge.acl", err, sizeof(err)));
        assert_string_equal(err, "edge.acl: Permission denied");
        assert_int_equal(chmod("edge.acl", 0600), 0);
    }
}

/* A short buffer is not overrun. */
static void short_buffer(void **state)
{
    char small[10];

    (void)state;
    read_bytes("x", 1);
    assert_null(nfl_acl_read("edge.acl", small, sizeof(small)));
    assert_string_equal(small, "edge.acl:");
}

static int enter(void **state)
{
    (void)state;
    return mkdtemp(folder) && chdir(folder) == 0 ? 0 : -1;
}

static int leave(void **state)
{
    (void)state;
    unlink("edge.acl");
    return chdir("/") == 0 && rmdir(folder) == 0 ? 0 : -1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing),       cmocka_unit_test(defaults),
        cmocka_unit_test(both_families), cmocka_unit_test(addresses),
        cmocka_unit_test(protocols),     cmocka_unit_test(many_lines),
        cmocka_unit_test(bad_words),     cmocka_unit_test(bad_addresses),
        cmocka_unit_test(bad_ports),     cmocka_unit_test(bad_files),
        cmocka_unit_test(short_buffer),  cmocka_unit_test(lists),
        cmocka_unit_test(bad_lists),     cmocka_unit_test(policies),
        cmocka_unit_test(bad_policies),  cmocka_unit_test(shadows),
    };

    return cmocka_run_group_tests(tests, enter, leave);
}
