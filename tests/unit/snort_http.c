/* HTTP in streams: buffers, disguises of paths, bodies with a length and in
 * chunks, and what is no HTTP. */
#include "snort_bed.h"

#define ANY "alert tcp any any -> any any "

static void same_in_all_cuts(const char *rules, bool server, const char *text,
                             const char *sids)
{
    for (uint32_t size = 1; size <= strlen(text); size++) {
        struct bed *b = bed_new(rules, 2, 2048);

        bed_sends(b, server, text, size);
        if (strcmp(b->sids, sids) != 0)
            fail_msg("%s in chunks of %u: '%s', not '%s'", text, size, b->sids,
                     sids);
        bed_free(b);
    }
}

static void request(const char *rules, const char *text, const char *sids)
{
    same_in_all_cuts(rules, false, text, sids);
}

static void paths(void **state)
{
    static const char rules[] =
        ANY "(content:\"/etc/passwd\"; http_uri; sid:1;)\n" ANY
            "(http.uri.raw; content:\"../\"; sid:2;)\n";

    (void)state;
    request(rules, "GET /etc/passwd HTTP/1.1\r\nHost: a\r\n\r\n", "1");
    request(rules, "GET /%65tc/%70asswd HTTP/1.1\r\n\r\n", "1");
    request(rules, "GET /a/../etc/./passwd HTTP/1.1\r\n\r\n", "1 2");
    request(rules, "GET /a/%2e%2e/etc//passwd HTTP/1.1\r\n\r\n", "1");
    request(rules, "GET http://x/etc\\passwd HTTP/1.1\r\n\r\n", "1");
    request(rules, "GET /etc/passwd/ok?/etc/ HTTP/1.0\r\n\r\n", "1");
    request(rules, "GET /x?f=%2fetc%2fpasswd HTTP/1.0\r\n\r\n", "1");
    request(rules, "GET /%u0065tc/passwd HTTP/1.0\n\n", "1");
    request(rules, "GET /%zz%/etc/pass%77d HTTP/1.0\n\n", "1");
    request(rules, "GET /x HTTP/1.1\r\nA: /etc/passwd\r\n\r\n", "");
    request(rules, "GET /../../.. HTTP/1.1\r\n\r\n", "2");
}

static void headers(void **state)
{
    static const char rules[] =
        ANY "(content:\"evil\"; http_header; sid:1;)\n" ANY
            "(content:\"evil\"; http_cookie; sid:2;)\n" ANY
            "(http.host; content:\"evil.example\"; endswith; sid:3;)\n" ANY
            "(http.user_agent; content:\"sqlmap\"; nocase; sid:4;)\n" ANY
            "(http.method; content:\"TRACE\"; sid:5;)\n" ANY
            "(http.header; content:\"X-A|3a 20|b c|0d 0a|\"; sid:6;)\n" ANY
            "(content:\"GET\"; http_method; content:!\"Host|3a|\"; "
            "http_header; sid:7;)\n";

    (void)state;
    request(rules, "GET / HTTP/1.1\r\nHost: x\r\nA: evil\r\n\r\n", "1");
    request(rules, "GET / HTTP/1.1\r\nHost: x\r\nCookie: evil\r\n\r\n", "2");
    request(rules, "GET / HTTP/1.1\r\nHOST:  www.Evil.example:80\r\n\r\n",
            "3 7");
    request(rules, "GET / HTTP/1.1\r\nHost: x\r\nuser-agent: SQLMap/1\r\n\r\n",
            "4");
    request(rules, "TRACE / HTTP/1.1\r\n\r\nGET / HTTP/1.1\r\n\r\n", "5 7");
    request(rules, "GET / HTTP/1.1\r\nHost: x\r\nX-A:b\r\n  c\r\n\r\n", "6");
}

static void bodies(void **state)
{
    static const char rules[] =
        ANY "(content:\"attack\"; http_client_body; sid:1;)\n" ANY
            "(http.method; content:\"POST\"; http.request_body; "
            "content:!\"token\"; sid:2;)\n" ANY
            "(http.uri; content:\"/next\"; sid:3;)\n";

    (void)state;
    request(rules,
            "POST / HTTP/1.1\r\nContent-Length: 12\r\n\r\ntoken attack"
            "GET /next HTTP/1.1\r\n\r\n",
            "1 3");
    request(rules,
            "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
            "3\r\natt\r\n4;x=y\r\nacks\r\n0\r\nTrailer: x\r\n\r\n"
            "GET /next HTTP/1.1\r\n\r\n",
            "1 2 3");
    request(rules, "GET /next HTTP/1.1\r\n\r\nattack", "3");
    request(rules, "garbage attack\r\nGET /next HTTP/1.1\r\n\r\n", "");
    request(rules,
            "GET / HTTP/1.1\r\n\r\nwhat? 1\r\nGET /next HTTP/1.1\r\n\r\n", "3");
}

static void responses(void **state)
{
    static const char rules[] =
        ANY "(http.stat_code; content:\"500\"; sid:1;)\n" ANY
            "(http.stat_msg; content:\"Denied\"; sid:2;)\n" ANY
            "(file_data; content:\"malware\"; sid:3;)\n" ANY
            "(content:\"id=\"; http_cookie; flow:to_client; sid:4;)\n";
    static const char bad[] =
        "HTTP/1.1 100 Continue\r\n\r\n"
        "HTTP/1.1 500 Denied now\r\nContent-Length: 3\r\n\r\nabc"
        "HTTP/1.1 304 x\r\nContent-Length: 30\r\n\r\n"
        "HTTP/1.1 200 OK\r\nSet-Cookie: id=3\r\n\r\nsome malware";
    struct bed *b = bed_new(rules, 2, 2048);

    (void)state;
    bed_sends(b, true, bad, 0);
    assert_sids(b, "1 2 4 3");
    bed_sends(b, false, "HEAD / HTTP/1.1\r\n\r\n", 0);
    bed_free(b);
    same_in_all_cuts(rules, true, bad, "1 2 4 3");
}

/* "some text before the malware, and some behind it", deflated. */
#define DEFLATED                                                               \
    "\x2b\xce\xcf\x4d\x55\x28\x49\xad\x28\x51\x48\x4a\x4d\xcb\x2f"             \
    "\x02\xb2\x33\x52\x15\x72\x13\x73\xca\x13\x8b\x52\x75\x14\x12"             \
    "\xf3\x52\x14\x8a\x41\x2a\x92\x52\x33\x32\x81\xec\xcc\x12\x00"
#define GZIP_HEAD "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03"
#define GZIP_TAIL "\x09\x0d\x9f\x43\x30\x00\x00\x00"

static void inflated(const char *text, size_t len, const char *sids)
{
    for (uint32_t size = 1; size <= len; size++) {
        struct bed *b = bed_new(ANY "(file_data; content:\"the malware\"; "
                                    "sid:1;)",
                                2, 2048);

        for (uint32_t at = 0; at < len; at += size)
            bed_bytes(b, true, 80, text + at,
                      size < len - at ? size : (uint32_t)len - at);
        assert_sids(b, sids);
        bed_free(b);
    }
}

static void compressed(void **state)
{
    static const char gzip[] =
        "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n"
        "Content-Length: 63\r\n\r\n" GZIP_HEAD DEFLATED GZIP_TAIL;
    static const char strange[] =
        "HTTP/1.1 200 OK\r\nX: y\r\n"
        "Content-Length: 63\r\n\r\n" GZIP_HEAD DEFLATED GZIP_TAIL;
    static const char deflate[] = "HTTP/1.1 200 OK\r\n"
                                  "Content-Encoding:,deFLate \r\n"
                                  "Transfer-Encoding: chunked\r\n\r\n"
                                  "2d\r\n" DEFLATED "\r\n0\r\n\r\n";
    static const char cut[] = "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n"
                              "Content-Length: 63\r\n\r\n" GZIP_HEAD "\x2b\xce";

    (void)state;
    inflated(gzip, sizeof(gzip) - 1, "1");
    inflated(strange, sizeof(strange) - 1, "1");
    inflated(deflate, sizeof(deflate) - 1, "1");
    inflated(cut, sizeof(cut) - 1, "");
}

static uint32_t next(uint64_t *seed)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(*seed >> 33);
}

/* What looks like HTTP, and often is none. */
static void random_text(uint64_t *seed, char *text, size_t size)
{
    static const char *const words[] = {
        "GET ",
        "POST ",
        "HTTP/1.1",
        "\r\n",
        "\r\n\r\n",
        "/a/../evil",
        "%2e%2e/",
        "%65vil",
        "Host: ",
        "evil",
        "\n",
        ": ",
        " ",
        "\\",
        "3\r\n",
        "0\r\n",
        "?x=%",
        "Cookie: a",
        "HEAD ",
        "HTTP/1.1 200",
        "%u0065",
        "x",
        "\x01\xff",
        "5;a\r\n",
        "Content-Length: 4\r\n",
        "Transfer-Encoding: chunked\r\n",
        "GET /evil HTTP/1.1\r\nHost: evil\r\n\r\n",
    };

    text[0] = '\0';
    for (unsigned n = next(seed) % 60; n > 0; n--)
        strncat(text, words[next(seed) % (sizeof(words) / sizeof(*words))],
                size - strlen(text) - 1);
}

enum { RULES = 7 };

/* How often each rule matches when chunks have up to `most` bytes. */
static void count(struct bed *b, bool server, const char *text, uint32_t most,
                  uint64_t *seed, unsigned counts[RULES + 1])
{
    uint32_t len = (uint32_t)strlen(text), n;
    uint8_t key[NFS_TUPLE];

    nfs_tuple(key, bed_client, bed_server, 4, 5000, 80, 6);
    nfs_flow_forget(b->shard, key);
    for (; len > 0; text += n, len -= n) {
        n = 1 + next(seed) % most;
        n = n < len ? n : len;
        bed_bytes(b, server, 80, text, n);
        for (unsigned i = 0; i < b->shard->n_alerts; i++)
            counts[b->e->rs->rules[b->shard->alerts[i].rule].sid]++;
        b->sids[0] = '\0';
    }
}

/* What is found does not depend on how the stream is cut. Bodies are judged as
 * they grow, so no rule here asks for what is not in them. */
static void random_cuts(void **state)
{
    struct bed *b = bed_new(
        ANY "(http.uri; content:\"/evil\"; sid:1;)\n" ANY
            "(http.header; content:\"evil\"; sid:2;)\n" ANY
            "(http.request_body; content:\"evil\"; sid:3;)\n" ANY
            "(http.host; content:!\"evil\"; http.method; content:\"GET\"; "
            "sid:4;)\n" ANY "(content:\"evil\"; content:\"evil\"; distance:3; "
            "within:9; sid:5;)\n" ANY "(pcre:\"/e.il\\s/s\"; sid:6;)\n" ANY
            "(http.stat_code; content:\"200\"; sid:7;)\n",
        2, 4096);
    char text[2048];

    (void)state;
    for (uint64_t i = 1; i < 3000; i++) {
        unsigned few[RULES + 1] = {0}, many[RULES + 1] = {0};
        uint64_t seed = i;
        bool server;

        b->shard->n_lost = 0; /* more at once than there is room for */
        random_text(&seed, text, sizeof(text));
        server = next(&seed) % 4 == 0;
        count(b, server, text, 2048, &seed, few);
        count(b, server, text, 9, &seed, many);
        for (unsigned sid = 1; sid <= RULES && b->shard->n_lost == 0; sid++)
            if (few[sid] != many[sid])
                fail_msg("%u: sid %u: %u and %u times: %s", (unsigned)i, sid,
                         few[sid], many[sid], text);
    }
    bed_free(b);
}

/* A gap in a body is counted, one in a head ends at a line. */
static void gaps(void **state)
{
    static const char head[] = "POST / HTTP/1.1\r\nContent-Length: 20\r\n\r\n";
    struct bed *b = bed_new(ANY "(http.uri; content:\"/x\"; sid:1;)\n" ANY
                                "(http.request_body; content:\"bad\"; "
                                "sid:2;)\n",
                            2, 2048);
    uint64_t at = sizeof(head) - 1;

    (void)state;
    bed_sends(b, false, head, 0);
    bed_sends(b, false, "1234", 0);
    bed_chunk(b, false, at + 14,
              "bad..."
              "GET /x HTTP/1.1\r\n");
    bed_sends(b, false, "\r\n", 0);
    assert_sids(b, "2 1");
    bed_sends(b, false, "GET /x HT", 0);
    bed_chunk(b, false, 1000, "A: b\r\n\r\nGET /x HTTP/1.1\r\n\r\n");
    assert_sids(b, "1");
    bed_free(b);
}

/* Of what is too long as much is judged as there is room for. */
static void long_ones(void **state)
{
    struct bed *b = bed_new(ANY "(http.uri; content:\"/evil\"; sid:1;)\n" ANY
                                "(http.request_body; content:\"x\"; "
                                "sid:2;)\n",
                            2, 1024);
    char fill[101];

    (void)state;
    memset(fill, 'a', 100);
    fill[100] = '\0';
    bed_sends(b, false, "GET /evil HTTP/1.1\r\nA: ", 0);
    for (unsigned i = 0; i < 200; i++)
        bed_sends(b, false, fill, 0);
    assert_sids(b, "1");
    bed_sends(b, false,
              "\r\n\r\nPOST /evil HTTP/1.1\r\nContent-length: 5000"
              "\r\n\r\n",
              0);
    assert_sids(b, "1");
    for (unsigned i = 0; i < 49; i++)
        bed_sends(b, false, fill, 0);
    bed_sends(b, false, fill, 99);
    bed_sends(b, false, "GET /evil HTTP/1.1\n\n", 0);
    assert_sids(b, "1");
    bed_free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paths),       cmocka_unit_test(headers),
        cmocka_unit_test(bodies),      cmocka_unit_test(responses),
        cmocka_unit_test(long_ones),   cmocka_unit_test(gaps),
        cmocka_unit_test(random_cuts), cmocka_unit_test(compressed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
