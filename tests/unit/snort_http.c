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
        cmocka_unit_test(paths),     cmocka_unit_test(headers),
        cmocka_unit_test(bodies),    cmocka_unit_test(responses),
        cmocka_unit_test(long_ones), cmocka_unit_test(gaps),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
