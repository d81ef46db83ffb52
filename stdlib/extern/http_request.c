/* http_asks(), http_next(): requests of a stream. */
#include "digest.h"
#include "http.h"

static struct http_text without_port(struct http_text host)
{
    for (uint32_t i = host.len; i-- > 0 && host.at[i] != ']';)
        if (host.at[i] == ':')
            host.len = i;
    return host;
}

static bool has_host(struct http_text host, const char *word)
{
    uint32_t n = (uint32_t)strlen(word);

    host = without_port(host);
    if (n > 1 && word[0] == '.') {
        if (host.len == n - 1)
            return http_is(host, word + 1);
        if (host.len < n)
            return false;
        host.at += host.len - n;
        host.len = n;
    }
    return n == 0 || http_is(host, word);
}

static int digit(uint8_t c)
{
    c = http_lower(c);
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The character at *i, which moves behind it. */
static uint8_t decoded(struct http_text t, uint32_t *i)
{
    uint8_t c = t.at[(*i)++];
    int high, low;

    if (c != '%' || t.len - *i < 2)
        return c;
    high = digit(t.at[*i]);
    low = digit(t.at[*i + 1]);
    if (high < 0 || low < 0)
        return c;
    *i += 2;
    return (uint8_t)(high << 4 | low);
}

static bool has_path(struct http_text target, const char *path)
{
    uint32_t i = 0;

    for (; *path; path++)
        if (i == target.len || decoded(target, &i) != (uint8_t)*path)
            return false;
    return true;
}

bool nfx_http_asks(const uint8_t *bytes, uint32_t bytes_len, const char *method,
                   const char *host, const char *path, uint8_t *result_0,
                   bool *result_1)
{
    struct http h = {.b = bytes, .len = bytes_len};
    enum http_found found = http_step(&h);

    if (found == HTTP_MORE)
        return false;
    *result_0 = found == HTTP_REQUEST ? h.method : HTTP_NONE;
    *result_1 = found == HTTP_REQUEST && has_host(h.host, host) &&
                has_path(h.target, path) &&
                (!*method || (h.name.len == strlen(method) &&
                              memcmp(h.name.at, method, h.name.len) == 0));
    return true;
}

static uint64_t name_of(const struct http *h, bool query)
{
    struct http_text host = without_port(h->host);
    struct digest d;

    digest_begin(&d, false);
    for (uint32_t i = 0; i < host.len; i++)
        digest_add(&d, http_lower(host.at[i]));
    for (uint32_t i = 0; i < h->target.len; i++) {
        if (!query && h->target.at[i] == '?')
            break;
        digest_add(&d, h->target.at[i]);
    }
    return digest_end(&d, 0);
}

void nfx_http_next(const uint8_t *bytes, uint32_t bytes_len, uint32_t at,
                   uint64_t body, uint8_t mode, bool query, uint32_t *result_0,
                   uint64_t *result_1, uint8_t *result_2, uint8_t *result_3,
                   uint64_t *result_4, bool *result_5)
{
    struct http h = {.b = bytes,
                     .len = bytes_len,
                     .at = at < bytes_len ? at : bytes_len,
                     .skip = body,
                     .mode = mode};
    enum http_found found = http_step(&h);

    *result_0 = h.at;
    *result_1 = h.skip;
    *result_2 = h.mode;
    *result_3 = found == HTTP_REQUEST ? h.method : HTTP_NONE;
    *result_4 = found == HTTP_REQUEST ? name_of(&h, query) : 0;
    *result_5 = found == HTTP_BAD;
}
