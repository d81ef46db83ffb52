/* Requests of HTTP/1 in a stream, in segments of any size, and what is none. */
#include "http.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

/* What is found in a stream that comes in pieces of `size`, with a blank behind
 * each: targets, "!" if what a length is has two answers, "bad". */
static void found(const char *stream, uint32_t size, char *to, size_t room)
{
    uint32_t len = (uint32_t)strlen(stream), kept = 0, end = 0;
    struct http h = {.len = 0};
    enum http_found f = HTTP_MORE;

    *to = '\0';
    while (end < len && f != HTTP_BAD) {
        uint8_t *exact;

        end = end + size < len ? end + size : len;
        exact = malloc(end - kept + 1);
        memcpy(exact, stream + kept, end - kept);
        h = (struct http){
            .b = exact, .len = end - kept, .skip = h.skip, .mode = h.mode};
        while ((f = http_step(&h)) == HTTP_REQUEST)
            snprintf(to + strlen(to), room - strlen(to), "%.*s%s ",
                     (int)h.target.len, (const char *)h.target.at,
                     h.ambiguous ? "!" : "");
        kept += h.at;
        free(exact);
    }
    if (f == HTTP_BAD)
        snprintf(to + strlen(to), room - strlen(to), "bad ");
}

static void finds(const char *stream, const char *want)
{
    char got[500];

    for (uint32_t size = 1; size <= strlen(stream); size++) {
        found(stream, size, got, sizeof(got));
        if (strcmp(got, want) != 0)
            fail_msg("%s in pieces of %u: '%s', not '%s'", stream, size, got,
                     want);
    }
}

static void bodies(void **state)
{
    (void)state;
    finds("\r\nGET /a HTTP/1.1\r\n\r\nGET /b HTTP/1.0\n\n", "/a /b ");
    finds("POST /a HTTP/1.1\r\nContent-Length: 21\r\n\r\n"
          "GET /c HTTP/1.1\r\n\r\nxxPUT http://h/d?e HTTP/1.1\r\n\r\n",
          "/a /d?e ");
    finds("POST /a HTTP/1.1\r\ntransfer-encoding:chunked\r\n\r\n"
          "1f;x\r\nGET /c HTTP/1.1\r\n\r\n0123456789ab\r\n"
          "0\r\nTrailer: x\r\n\r\nGET /b HTTP/1.1\r\n\r\n",
          "/a /b ");
}

static void wrong(void **state)
{
    (void)state;
    finds("GET /a\r\n\r\n", "bad ");
    finds("GET /a HTTP/2.0\r\n\r\n", "bad ");
    finds("get /a HTTP/1.1\r\n\r\n", "bad ");
    finds("CONNECT a:443 HTTP/1.1\r\n\r\n\x16\x03", "a:443 bad ");
    finds("GET /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
          "/a bad ");
}

static void ambiguous(void **state)
{
    static const char *const lines[] = {
        "Content-Length: 0\r\nContent-Length: 1",
        "Content-Length: 0\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: chunked, gzip",
        "Content-Length: +0",
        "Content-Length: ",
        "Content-Length : 0",
        "A: b\r\n Content-Length: 0",
        "no colon",
    };
    char head[200];

    (void)state;
    for (unsigned i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        snprintf(head, sizeof(head), "GET /a HTTP/1.1\r\n%s\r\n\r\n", lines[i]);
        finds(head, "/a! ");
    }
    finds("GET /a HTTP/1.1\r\nContent-Length: 0\r\nContent-Length: 0\r\n\r\n",
          "/a ");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bodies),
        cmocka_unit_test(wrong),
        cmocka_unit_test(ambiguous),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
