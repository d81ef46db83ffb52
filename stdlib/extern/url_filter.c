/* url_filter(list): texts in URLs of a stream of requests, both made plain. */
#include "http.h"
#include <stdio.h>
#include <stdlib.h>

enum {
    TEXTS = 1000,
    TEXT = 200,
    URL = 65536, /* as much as a chain keeps of a stream */
    ROUNDS = 3,  /* of decoding */
    FINE = 0,
    NO_HTTP = 1,
    FIRST = 2, /* number of the first text */
};

struct text {
    uint32_t len;
    uint8_t at[TEXT];
};

struct nfx_url_filter {
    uint32_t n;
    struct text texts[TEXTS];
};

struct nfx_url_filter_scratch {
    uint8_t url[URL];
};

/* ---- making plain ---- */

static int digit(uint8_t c)
{
    c = http_lower(c);
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* n digits of base 16, or -1. */
static int number(const uint8_t *at, const uint8_t *end, unsigned n)
{
    int v = 0;

    if ((size_t)(end - at) < n)
        return -1;
    for (unsigned i = 0; i < n; i++) {
        if (digit(at[i]) < 0)
            return -1;
        v = v << 4 | digit(at[i]);
    }
    return v;
}

/* In place; what %uXXXX names beyond a byte becomes '?'. Did anything change?
 */
static bool decode(uint8_t *url, uint32_t *len)
{
    const uint8_t *from = url, *end = url + *len;
    uint8_t *to = url;
    int v;

    while (from < end) {
        *to = *from++;
        if (*to == '%' && (v = number(from, end, 2)) >= 0) {
            *to = (uint8_t)v;
            from += 2;
        } else if (*to == '%' && from < end && http_lower(*from) == 'u' &&
                   (v = number(from + 1, end, 4)) >= 0) {
            *to = v < 256 ? (uint8_t)v : '?';
            from += 5;
        }
        to++;
    }
    if (to == url + *len)
        return false;
    *len = (uint32_t)(to - url);
    return true;
}

static bool is_word(uint8_t c)
{
    c = http_lower(c);
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' ||
           c >= 128;
}

/* Behind a comment that begins at `from`. What stands in one of MySQL with a
 * version, as in "/" "*!50000 union *" "/", is carried out; so it is none. */
static const uint8_t *behind_comment(const uint8_t *from, const uint8_t *end)
{
    const uint8_t *close;

    from += 2;
    if (from < end && *from == '!') {
        for (from++; from < end && *from >= '0' && *from <= '9';)
            from++;
        return from;
    }
    close = memmem(from, (size_t)(end - from), "*/", 2);
    return close ? close + 2 : end;
}

/* In place: small letters, comments and controls as blanks, blanks only
 * between words. */
static uint32_t squeeze(uint8_t *url, uint32_t len)
{
    const uint8_t *from = url, *end = url + len;
    uint8_t *to = url;
    bool blank = false;

    while (from < end) {
        uint8_t c = http_lower(*from);

        if (end - from >= 2 && c == '/' && from[1] == '*') {
            blank = true;
            from = behind_comment(from, end);
            continue;
        }
        if (end - from >= 2 && c == '*' && from[1] == '/') {
            blank = true;
            from += 2;
            continue;
        }
        from++;
        if (c <= ' ' || c == 0x7f || c == 0xa0) {
            blank = true;
            continue;
        }
        if (blank && to > url && is_word(to[-1]) && is_word(c))
            *to++ = ' ';
        blank = false;
        *to++ = c;
    }
    return (uint32_t)(to - url);
}

static uint32_t plain(uint8_t *url, uint32_t len)
{
    bool query = false;

    for (uint32_t i = 0; i < len; i++) {
        query |= url[i] == '?';
        if (query && url[i] == '+')
            url[i] = ' ';
    }
    for (unsigned i = 0; i < ROUNDS && decode(url, &len); i++)
        ;
    return squeeze(url, len);
}

/* ---- the list ---- */

static bool add(struct nfx_url_filter *f, const uint8_t *line, uint32_t len,
                char *err, uint32_t err_size)
{
    struct text *t = &f->texts[f->n];

    while (len && line[len - 1] <= ' ')
        len--;
    if (len == 0 || *line == '#')
        return true;
    if (f->n == TEXTS || len > TEXT) {
        snprintf(err, err_size, "more than %d texts, or one of over %d bytes",
                 TEXTS, TEXT);
        return false;
    }
    memcpy(t->at, line, len);
    t->len = squeeze(t->at, len);
    if (t->len > 0)
        f->n++;
    return true;
}

struct nfx_url_filter *nfx_url_filter_new(const uint8_t *list,
                                          uint32_t list_len, char *err,
                                          uint32_t err_size)
{
    struct nfx_url_filter *f = calloc(1, sizeof(*f));
    const uint8_t *end = list + list_len, *line_end;

    snprintf(err, err_size, "no memory");
    for (const uint8_t *line = list; f && line < end; line = line_end + 1) {
        line_end = memchr(line, '\n', (size_t)(end - line));
        if (!line_end)
            line_end = end;
        if (!add(f, line, (uint32_t)(line_end - line), err, err_size)) {
            free(f);
            return NULL;
        }
    }
    return f;
}

void nfx_url_filter_free(struct nfx_url_filter *state)
{
    free(state);
}

struct nfx_url_filter_scratch *nfx_url_filter_scratch_new(
    const struct nfx_url_filter *state)
{
    (void)state;
    return calloc(1, sizeof(struct nfx_url_filter_scratch));
}

void nfx_url_filter_scratch_free(struct nfx_url_filter_scratch *scratch)
{
    free(scratch);
}

/* ---- judging ---- */

static bool is_in(const struct text *t, const uint8_t *url, uint32_t len)
{
    const uint8_t *at = url, *end = url + len;

    while ((at = memmem(at, (size_t)(end - at), t->at, t->len)) != NULL) {
        bool front = at > url && is_word(at[-1]) && is_word(t->at[0]);
        bool back = at + t->len < end && is_word(at[t->len]) &&
                    is_word(t->at[t->len - 1]);

        if (!front && !back)
            return true;
        at++;
    }
    return false;
}

static uint32_t find(const struct nfx_url_filter *f, uint8_t *url,
                     struct http_text target)
{
    uint32_t n = target.len < URL ? target.len : URL;

    memcpy(url, target.at, n);
    n = plain(url, n);
    for (uint32_t i = 0; i < f->n; i++)
        if (is_in(&f->texts[i], url, n))
            return FIRST + i;
    return FINE;
}

static uint32_t judge(const struct nfx_url_filter *f, uint8_t *url,
                      struct http *h)
{
    for (;;) {
        enum http_found found = http_step(h);
        uint32_t verdict = FINE;

        if (found == HTTP_BAD)
            return NO_HTTP;
        if (h->target.len > 0)
            verdict = find(f, url, h->target);
        if (verdict == FINE && found == HTTP_REQUEST && h->ambiguous)
            verdict = NO_HTTP;
        if (verdict != FINE || found == HTTP_MORE)
            return verdict;
        h->target.len = 0;
    }
}

void nfx_url_filter_judge(const struct nfx_url_filter *state,
                          struct nfx_url_filter_scratch *scratch,
                          const uint8_t *bytes, uint32_t bytes_len,
                          uint64_t body, uint8_t mode, uint32_t *result_0,
                          uint64_t *result_1, uint8_t *result_2,
                          uint32_t *result_3)
{
    struct http h = {.b = bytes, .len = bytes_len, .skip = body, .mode = mode};

    *result_3 = judge(state, scratch->url, &h);
    *result_0 = h.at;
    *result_1 = h.skip;
    *result_2 = h.mode;
}
