/* Text of rules: what is understood, and each mistake with its line and what to
 * do. */
#include "snort_bed.h"

static struct nfs_rules *rules;
static char err[4096];

static void forget(void)
{
    if (rules)
        nfs_rules_free(rules);
    rules = NULL;
}

static const struct nfs_rule *first(const char *text)
{
    forget();
    rules = nfs_rules_read(text, (uint32_t)strlen(text), "", false, err,
                           sizeof(err));
    if (!rules)
        fail_msg("%s", err);
    return &rules->rules[0];
}

static void wrong(const char *text, const char *why)
{
    rules = nfs_rules_read(text, (uint32_t)strlen(text), "", false, err,
                           sizeof(err));
    if (rules)
        fail_msg("no mistake: %s", text);
    if (!strstr(err, why))
        fail_msg("expected '%s', got '%s'", why, err);
}

/* A rule with these options. */
static void wrong_option(const char *options, const char *why)
{
    char text[512];

    snprintf(text, sizeof(text), "alert tcp any any -> any any (%s sid:1;)",
             options);
    wrong(text, why);
}

static void headers(void **state)
{
    const struct nfs_rule *r;
    uint8_t key[NFS_KEY];
    const uint8_t in[4] = {10, 1, 2, 3}, out[4] = {10, 9, 2, 3};
    const uint8_t six[16] = {0x20, 0x01, 0x0d, 0xb8};

    (void)state;
    r = first(
        "ipvar NET [10.0.0.0/8, !10.9.0.0/16, 2001:db8::/32]\n"
        "# a comment\n"
        "drop tcp $NET any <> !$NET [80,8000:8010,!8005] \\\n"
        "  (msg:\"two \\\"lines\\\"; \"; sid:7; rev:3; gid:2; priority:1;)");
    assert_int_equal(r->action, NFS_DROP);
    assert_int_equal(r->sid, 7);
    assert_int_equal(r->gid, 2);
    assert_int_equal(r->line, 3);
    assert_true(r->both);
    assert_string_equal(r->msg, "two \"lines\"; ");
    nfs_key(key, in, 4);
    assert_true(nfs_set_has(&r->src, key));
    assert_false(nfs_set_has(&r->dst, key));
    nfs_key(key, out, 4);
    assert_false(nfs_set_has(&r->src, key));
    assert_true(nfs_set_has(&r->dst, key));
    nfs_key(key, six, 16);
    assert_true(nfs_set_has(&r->src, key));
    nfs_key(key, (const uint8_t[]){0x1f, 0x44}, 2); /* 8004 */
    assert_true(nfs_set_has(&r->dport, key));
    nfs_key(key, (const uint8_t[]){0x1f, 0x45}, 2);
    assert_false(nfs_set_has(&r->dport, key));
    forget();
}

static void options(void **state)
{
    const struct nfs_rule *r;

    (void)state;
    r = first("alert tcp any any -> any 1024: (content:\"a|0d 0A|\\;b\"; "
              "nocase; offset:3; depth:10; content:!\"xy\", within 20; "
              "pcre:\"/x;y\\/z/iR\"; byte_test:4,>=,1000,-2,relative,little; "
              "byte_jump:2,0,relative,multiplier 2,align; "
              "isdataat:!10,relative; flow:to_server,established; "
              "flowbits:set,one; flowbits:isnotset,two; "
              "threshold:type both, track by_both, count 5, seconds 60; "
              "classtype:web-application-attack; reference:cve,2020-1; "
              "metadata:a b, c d; sid:1;)");
    assert_int_equal(r->n_opts, 6);
    assert_int_equal(r->scope, NFS_STREAM);
    assert_int_equal(r->fast, 0);
    assert_int_equal(r->opts[0].len, 5);
    assert_memory_equal(r->opts[0].bytes, "a\r\n;b", 5);
    assert_true(r->opts[1].not&&r->opts[1].within == 20);
    assert_true(r->opts[2].relative && r->opts[3].little);
    assert_int_equal(r->opts[3].offset, -2);
    assert_int_equal(r->opts[4].multiplier, 2);
    assert_int_equal(r->n_bits, 2);
    assert_int_equal(r->rate.type, NFS_BOTH);
    assert_int_equal(r->priority, 1);
    r = first("alert tcp any any -> any any (content:\"a\"; http_uri; "
              "content:\"long enough\"; http_header; sid:1;)");
    assert_int_equal(r->scope, NFS_HTTP);
    assert_int_equal(r->opts[0].buffer, NFS_URI);
    assert_int_equal(r->opts[1].buffer, NFS_HEADER);
    r = first("alert http any any -> any any (http.method; content:\"POST\"; "
              "http.uri; content:\"/x\"; sid:1;)");
    assert_int_equal(r->opts[0].buffer, NFS_METHOD);
    assert_int_equal(r->opts[1].buffer, NFS_URI);
    r = first("alert ip any any -> any any (itype:8; dsize:100<>200; ttl:<5; "
              "flags:SF,12; id:!0; sid:1;)");
    assert_int_equal(r->conds[1].lo, 101);
    assert_int_equal(r->conds[1].hi, 199);
    assert_int_equal(r->conds[2].hi, 4);
    assert_int_equal(r->conds[3].hi, 0x3f);
    forget();
}

static void order(void **state)
{
    (void)state;
    first("alert tcp any any -> any any (flowbits:isset,a; sid:1;)\n"
          "alert tcp any any -> any any (flowbits:set,a; sid:2;)\n"
          "drop tcp any any -> any any (sid:3;)\n"
          "pass tcp any any -> any any (sid:4;)\n"
          "alert tcp any any -> any any (priority:1; sid:5;)\n");
    assert_int_equal(rules->rules[0].sid, 4);
    assert_int_equal(rules->rules[1].sid, 3);
    assert_int_equal(rules->rules[2].sid, 2);
    assert_int_equal(rules->rules[3].sid, 5);
    assert_int_equal(rules->rules[4].sid, 1);
    forget();
}

static void mistakes(void **state)
{
    (void)state;
    wrong("", "there are no rules");
    wrong("\n\nalarm tcp any any -> any any (sid:1;)",
          "line 3: 'alarm' is no action: a rule begins with alert");
    wrong("alert tcp any any -> any (sid:1;)", "before the options stand");
    wrong("alert tcp any any <- any any (sid:1;)", "turn the rule around");
    wrong("alert tcp $NET any -> any any (sid:1;)",
          "there is no variable 'NET'; write a line `ipvar NET ...`");
    wrong("ipvar A $B\nipvar B $A\nalert tcp $A any -> any any (sid:1;)",
          "stands for itself");
    wrong("alert tcp 10.0.0.256 any -> any any (sid:1;)",
          "'10.0.0.256' is no address");
    wrong("alert tcp any 80: 70 -> any any (sid:1;)", "before the options");
    wrong("alert tcp any 80:70 -> any any (sid:1;)", "ports 80:70");
    wrong("alert tcp [10.0.0.1 any -> any any (sid:1;)", "before the options");
    wrong("alert tcp any any -> any any (msg:\"x\";)", "a rule has a number");
    wrong("alert tcp any any -> any any sid:1;", "in parentheses");
    wrong("alert tcp any any -> any any (sid:1;)\n"
          "alert udp any any -> any any (sid:1;)",
          "line 2: sid 1 is that of the rule of line 1");
    wrong("alert dns any any -> any any (sid:1;)",
          "the protocol 'dns' is not supported");
    wrong("include other.rules", "'include' is not supported");
    forget();
}

static void option_mistakes(void **state)
{
    (void)state;
    wrong_option("contant:\"x\";", "the option 'contant' is not supported");
    wrong_option("content:\"|0|\";", "pairs of hex digits");
    wrong_option("content:\"\";", "a content is empty");
    wrong_option("content:abc;", "expected a text in quotes");
    wrong_option("nocase;", "nocase: there is no content before it");
    wrong_option("content:\"abc\"; depth:2;", "depth 2 is less than");
    wrong_option("content:\"abc\"; within:2;", "within 2 is less than");
    wrong_option("content:\"abc\"; offset:1; distance:2;", "either offset");
    wrong_option("content:\"abc\"; offset:len;", "byte_extract");
    wrong_option("pcre:\"/(a)\\1/\";",
                 "pcre: Vectorscan does not take this expression");
    wrong_option("pcre:\"/a/K\";", "pcre: the flag 'K' is not supported");
    wrong_option("pcre:\"a\";", "expected \"/EXPRESSION/FLAGS\"");
    wrong_option("flow:established,sideways;", "flow: 'sideways'");
    wrong_option("flow:to_server,to_client;", "exclude each other");
    wrong_option("flowbits:isset,a|b;", "write one option for each");
    wrong_option("flags:X;", "flags are letters of FSRPAUEC");
    wrong_option("itype:8;", "itype and icode are of icmp");
    wrong_option("threshold:type limit, track by_src, count 1;",
                 "expected track, type, count and seconds");
    wrong_option("classtype:nonsense;",
                 "`config classification: nonsense,text,3` makes one");
    wrong_option("byte_test:9,>,1,0;", "1 to 8 bytes");
    wrong_option("byte_test:4,~,1,0;", "none of = < >");
    wrong_option("content:\"a\"; http_uri; content:\"2\"; http_stat_code;",
                 "into a request and into a response");
    wrong_option("flow:only_stream; flags:S;", "only_stream needs");
    wrong_option("content:\"a\" sid:3;", "'sid:3'");
    wrong_option("msg:\"x; content:\"a\";", "an option ends in ';'");
    forget();
}

static void many_mistakes(void **state)
{
    char text[4096] = "";

    (void)state;
    for (unsigned i = 0; i < 14; i++)
        strcat(text, "alert tcp any any -> any any (nonsense; sid:1;)\n");
    wrong(text, "line 10:");
    assert_non_null(strstr(err, "and 4 more mistakes"));
}

static void skipping(void **state)
{
    static const char text[] =
        "alert tcp any any -> any any (tls.sni; content:\"x\"; sid:1;)\n"
        "alert tcp any any -> any any (content:\"x\"; sid:2;)\n";

    (void)state;
    rules = nfs_rules_read(text, sizeof(text) - 1, "", true, err, sizeof(err));
    assert_non_null(rules);
    assert_int_equal(rules->n, 1);
    assert_int_equal(rules->n_skipped, 1);
    forget();
}

static void variables(void **state)
{
    static const char text[] = "ipvar NET 10.0.0.0/8\n"
                               "alert tcp $NET any -> any any (sid:2;)\n";
    uint8_t key[NFS_KEY];

    (void)state;
    rules = nfs_rules_read(text, sizeof(text) - 1, "NET=192.0.2.0/24; P = 80",
                           false, err, sizeof(err));
    assert_non_null(rules);
    nfs_key(key, (const uint8_t[]){192, 0, 2, 9}, 4);
    assert_true(nfs_set_has(&rules->rules[0].src, key));
    forget();
    assert_null(
        nfs_rules_read(text, sizeof(text) - 1, "NET", false, err, sizeof(err)));
    assert_non_null(strstr(err, "NAME=VALUE"));
}

/* Rules with a few bytes changed are read, or refused with a reason. */
static void mutants(void **state)
{
    static const char good[] =
        "ipvar N [10.0.0.0/8,!10.9.0.0/16,2001:db8::/32]\n"
        "drop tcp $N any <> !$N [80,8000:8010,!8005] (msg:\"a\\\"b\"; "
        "content:\"a|0d 0A|b\"; nocase; offset:3; depth:10; "
        "content:!\"xy\", within 20; pcre:\"/x;y/iR\"; "
        "byte_test:4,>=,1000,-2,relative,little; byte_jump:2,0,relative; "
        "isdataat:!10,relative; flow:to_server,established; "
        "flowbits:set,one; threshold:type both, track by_both, count 5, "
        "seconds 60; flags:S,CE; dsize:1<>9; sid:1;)\n"
        "config classification: a,b,3\n"
        "alert http any any -> any any (http.uri; content:\"/\"; sid:2;)\n";
    static const char bytes[] = "|\"!;:,()[]\\$/<>-0 \n9a%#";
    char text[sizeof(good)];
    uint64_t seed = 1;

    (void)state;
    for (unsigned i = 0; i < 20000; i++) {
        memcpy(text, good, sizeof(good));
        for (unsigned k = 0; k <= i % 4; k++) {
            seed = seed * 6364136223846793005u + 1442695040888963407u;
            text[(seed >> 33) % (sizeof(good) - 1)] =
                bytes[(seed >> 20) % (sizeof(bytes) - 1)];
        }
        rules =
            nfs_rules_read(text, sizeof(good) - 1, "", false, err, sizeof(err));
        assert_true(rules || strlen(err) > 0);
        forget();
    }
}

/* Packets of any bytes are read without looking beyond them. */
static void any_packets(void **state)
{
    uint64_t seed = 1;

    (void)state;
    for (unsigned i = 0; i < 20000; i++) {
        unsigned len = i % 100;
        uint8_t *at = malloc(len ? len : 1);
        struct nfs_packet p = {.time = 1};

        for (unsigned k = 0; k < len; k++) {
            seed = seed * 6364136223846793005u + 1442695040888963407u;
            at[k] = seed >> 40 & 1 ? (uint8_t)(seed >> 33) : (uint8_t)(len / 2);
        }
        if (len > 6) {
            at[0] = i & 1 ? 0x45 : 0x60;
            at[i & 1 ? 2 : 4] = 0;
        }
        if (nfs_packet_read(at, len, &p)) {
            assert_true(p.payload >= at);
            assert_true(p.payload + p.payload_len <= at + len);
        }
        free(at);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(headers),         cmocka_unit_test(options),
        cmocka_unit_test(order),           cmocka_unit_test(mistakes),
        cmocka_unit_test(option_mistakes), cmocka_unit_test(many_mistakes),
        cmocka_unit_test(skipping),        cmocka_unit_test(variables),
        cmocka_unit_test(mutants),         cmocka_unit_test(any_packets),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
