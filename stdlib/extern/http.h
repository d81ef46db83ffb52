/* A stream of HTTP/1 requests (RFC 9112), taken apart as far as its bytes are
 * there. Who calls keeps three numbers between two calls: skip, mode, and from
 * where on bytes are to be there again.
 *
 *   struct http h = {.b = bytes, .len = n, .skip = skip, .mode = mode};
 *   while (http_step(&h) == HTTP_REQUEST)
 *       ... h.method, h.target, h.host
 *   ... h.at is the first byte that is needed again, h.skip and h.mode
 *
 * Lines may end in LF alone (section 2.2). Texts point into the bytes. */
#ifndef NFS_HTTP_H
#define NFS_HTTP_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum http_mode { HTTP_HEAD, HTTP_CHUNK, HTTP_TRAILER, HTTP_OTHER };
enum http_found { HTTP_MORE, HTTP_REQUEST, HTTP_BAD };

/* What stdlib/extern/http_request.nfl calls them. */
enum http_method {
    HTTP_NONE,
    HTTP_GET,
    HTTP_POST,
    HTTP_GETS_HEAD,
    HTTP_PUT,
    HTTP_DELETE,
    HTTP_OPTIONS,
    HTTP_PATCH,
    HTTP_CONNECT,
    HTTP_TRACE,
    HTTP_ANOTHER,
};

struct http_text {
    const uint8_t *at;
    uint32_t len;
};

struct http {
    const uint8_t *b;
    uint32_t len, at;
    uint64_t skip; /* bytes of a body that are still to come */
    uint8_t mode;
    uint8_t method;
    struct http_text name, target, host;
    /* what the head at hand says of its body */
    uint64_t length;
    bool has_length, chunked, ambiguous;
};

static inline uint8_t http_lower(uint8_t c)
{
    return c >= 'A' && c <= 'Z' ? (uint8_t)(c | 0x20) : c;
}

/* In either case; `word` is in small letters. */
static inline bool http_is(struct http_text t, const char *word)
{
    uint32_t i;

    for (i = 0; i < t.len && word[i]; i++)
        if (http_lower(t.at[i]) != (uint8_t)word[i])
            return false;
    return i == t.len && !word[i];
}

static inline struct http_text http_trim(struct http_text t)
{
    while (t.len && (*t.at == ' ' || *t.at == '\t')) {
        t.at++;
        t.len--;
    }
    while (t.len && (t.at[t.len - 1] == ' ' || t.at[t.len - 1] == '\t'))
        t.len--;
    return t;
}

/* The line at *at, without its end; *at moves behind it. */
static inline bool http_line(const struct http *h, uint32_t *at,
                             struct http_text *line)
{
    const uint8_t *from = h->b + *at;
    const uint8_t *end = *at < h->len ? memchr(from, '\n', h->len - *at) : NULL;

    if (!end)
        return false;
    *at = (uint32_t)(end - h->b) + 1;
    line->at = from;
    line->len = (uint32_t)(end - from);
    if (line->len && end[-1] == '\r')
        line->len--;
    return true;
}

/* What stands in front of the first c; the rest is behind it. */
static inline bool http_cut(struct http_text *rest, uint8_t c,
                            struct http_text *front)
{
    const uint8_t *end = rest->len ? memchr(rest->at, c, rest->len) : NULL;

    if (!end)
        return false;
    front->at = rest->at;
    front->len = (uint32_t)(end - rest->at);
    rest->at = end + 1;
    rest->len -= front->len + 1;
    return true;
}

static inline uint8_t http_method_of(struct http_text name)
{
    static const char names[][8] = {"GET",   "POST",    "HEAD",
                                    "PUT",   "DELETE",  "OPTIONS",
                                    "PATCH", "CONNECT", "TRACE"};

    for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (name.len == strnlen(names[i], sizeof(names[i])) &&
            memcmp(name.at, names[i], name.len) == 0)
            return (uint8_t)(HTTP_GET + i);
    return HTTP_ANOTHER;
}

/* Methods are tokens (RFC 9110, 5.6.2); those in use are of letters. */
static inline bool http_is_method(struct http_text name)
{
    for (uint32_t i = 0; i < name.len; i++)
        if ((name.at[i] < 'A' || name.at[i] > 'Z') && name.at[i] != '-' &&
            name.at[i] != '_')
            return false;
    return name.len > 0 && name.len <= 24;
}

/* Section 3: METHOD SP TARGET SP HTTP/1.x */
static inline bool http_request_line(struct http *h, struct http_text line)
{
    if (!http_cut(&line, ' ', &h->name) || !http_is_method(h->name) ||
        !http_cut(&line, ' ', &h->target) || h->target.len == 0 ||
        line.len != 8 || memcmp(line.at, "HTTP/1.", 7) != 0)
        return false;
    h->method = http_method_of(h->name);
    return true;
}

/* The authority of `http://host/path` stands for the field Host (3.2.2). */
static inline void http_authority(struct http *h)
{
    struct http_text t = h->target, scheme;

    h->host.len = 0;
    if (t.len == 0 || *t.at == '/' || !http_cut(&t, '/', &scheme) ||
        scheme.len < 2 || t.len == 0 || *t.at != '/')
        return;
    t.at++;
    t.len--;
    h->host = t;
    for (uint32_t i = 0; i < t.len; i++)
        if (t.at[i] == '/' || t.at[i] == '?') {
            h->host.len = i;
            break;
        }
    h->target.at = h->host.at + h->host.len;
    h->target.len = t.len - h->host.len;
}

static inline void http_length(struct http *h, struct http_text value)
{
    uint64_t n = 0;

    if (value.len == 0 || value.len > 18)
        h->ambiguous = true;
    for (uint32_t i = 0; i < value.len && i < 18; i++) {
        if (value.at[i] < '0' || value.at[i] > '9')
            h->ambiguous = true;
        n = n * 10 + (value.at[i] & 15u);
    }
    if (h->has_length && n != h->length)
        h->ambiguous = true;
    h->has_length = true;
    h->length = n;
}

/* Section 5. What hosts read in different ways is ambiguous (11.2). */
static inline void http_field(struct http *h, struct http_text line)
{
    struct http_text name, value = line;

    if (*line.at == ' ' || *line.at == '\t' || !http_cut(&value, ':', &name) ||
        name.len == 0) {
        h->ambiguous = true;
        return;
    }
    if (name.at[name.len - 1] == ' ' || name.at[name.len - 1] == '\t') {
        h->ambiguous = true;
        name = http_trim(name);
    }
    value = http_trim(value);
    if (http_is(name, "content-length"))
        http_length(h, value);
    if (http_is(name, "transfer-encoding")) {
        h->ambiguous |= h->chunked || !http_is(value, "chunked");
        h->chunked = true;
    }
    if (http_is(name, "host") && h->host.len == 0)
        h->host = value;
}

/* Could what is there of a request line become one? */
static inline bool http_begins(struct http_text line)
{
    struct http_text name = line;

    if (http_cut(&line, ' ', &name))
        return http_is_method(name);
    return name.len == 0 || http_is_method(name);
}

/* A head is only taken as a whole, with the empty line at its end. */
static inline enum http_found http_head(struct http *h)
{
    uint32_t at = h->at;
    struct http_text line;

    h->target.len = 0;
    do { /* empty lines in front (2.2) */
        struct http_text rest = {h->b + at, h->len - at};

        if (rest.len && *rest.at != '\r' && *rest.at != '\n' &&
            !http_begins(rest))
            return HTTP_BAD;
        if (!http_line(h, &at, &line))
            return HTTP_MORE;
    } while (line.len == 0);
    if (!http_request_line(h, line))
        return HTTP_BAD;
    http_authority(h);
    h->has_length = h->chunked = h->ambiguous = false;
    for (;;) {
        if (!http_line(h, &at, &line))
            return HTTP_MORE;
        if (line.len == 0)
            break;
        http_field(h, line);
    }
    h->ambiguous |= h->chunked && h->has_length;
    h->at = at;
    h->skip = h->has_length && !h->chunked ? h->length : 0;
    h->mode = h->method == HTTP_CONNECT ? HTTP_OTHER
              : h->chunked              ? HTTP_CHUNK
                                        : HTTP_HEAD;
    return HTTP_REQUEST;
}

/* Section 7.1: the size of a chunk; CR and LF stand behind its bytes. */
static inline enum http_found http_chunk(struct http *h)
{
    struct http_text line;
    uint32_t at = h->at, i;
    uint64_t n = 0;

    if (!http_line(h, &at, &line))
        return HTTP_MORE;
    for (i = 0; i < line.len; i++) {
        uint8_t c = http_lower(line.at[i]);

        if (c >= '0' && c <= '9')
            n = n << 4 | (uint64_t)(c - '0');
        else if (c >= 'a' && c <= 'f')
            n = n << 4 | (uint64_t)(c - 'a' + 10);
        else
            break;
    }
    if (i == 0 || i > 15 ||
        (i < line.len && line.at[i] != ';' && line.at[i] != ' '))
        return HTTP_BAD;
    h->at = at;
    h->skip = n ? n + 2 : 0;
    h->mode = n ? HTTP_CHUNK : HTTP_TRAILER;
    return HTTP_REQUEST;
}

static inline enum http_found http_trailer(struct http *h)
{
    struct http_text line;

    if (!http_line(h, &h->at, &line))
        return HTTP_MORE;
    if (line.len == 0)
        h->mode = HTTP_HEAD;
    return HTTP_REQUEST;
}

/* The next request, whose head is passed then. HTTP_MORE: at from h->at on it
 * is not complete. HTTP_BAD: this is no HTTP/1, now or any more. */
static inline enum http_found http_step(struct http *h)
{
    for (;;) {
        uint64_t n = h->len - h->at;
        enum http_found found;

        n = h->skip < n ? h->skip : n;
        h->skip -= n;
        h->at += (uint32_t)n;
        if (h->skip || h->at == h->len)
            return HTTP_MORE;
        if (h->mode == HTTP_HEAD)
            return http_head(h);
        if (h->mode == HTTP_OTHER)
            return HTTP_BAD;
        found = h->mode == HTTP_CHUNK ? http_chunk(h) : http_trailer(h);
        if (found != HTTP_REQUEST)
            return found;
    }
}

#endif
