/* The head of a message of HTTP becomes buffers: the path without its
 * disguises, headers in one form, and those that rules name. */
#include "snort_run.h"

#include <ctype.h>
#include <string.h>

/* ---- lines ---- */

struct text {
    const uint8_t *at;
    uint32_t len;
};

static struct text line_at(const struct nfs_http *h, uint32_t at,
                           uint32_t *next)
{
    const uint8_t *end = memchr(h->head + at, '\n', h->head_n - at);
    struct text t = {h->head + at, h->head_n - at};

    *next = h->head_n;
    if (end) {
        t.len = (uint32_t)(end - t.at);
        *next = at + t.len + 1;
    }
    if (t.len > 0 && t.at[t.len - 1] == '\r')
        t.len--;
    return t;
}

/* Without blanks, and what some clients take for blanks. */
static struct text trimmed(struct text t)
{
    while (t.len > 0 && *t.at <= ' ') {
        t.at++;
        t.len--;
    }
    while (t.len > 0 && t.at[t.len - 1] <= ' ')
        t.len--;
    return t;
}

/* The word in front of the next blank; *t goes behind. */
static struct text word_of(struct text *t)
{
    struct text word;

    *t = trimmed(*t);
    word = *t;
    for (word.len = 0; word.len < t->len && t->at[word.len] != ' ' &&
                       t->at[word.len] != '\t';)
        word.len++;
    t->at += word.len;
    t->len -= word.len;
    return word;
}

static bool is_name(struct text line, const char *name, struct text *value)
{
    size_t n = strlen(name);

    if (line.len <= n)
        return false;
    for (size_t i = 0; i < n; i++)
        if (tolower(line.at[i]) != name[i])
            return false;
    value->at = line.at + n;
    value->len = line.len - (uint32_t)n;
    *value = trimmed(*value);
    if (value->len == 0 || *value->at != ':')
        return false;
    value->at++;
    value->len--;
    *value = trimmed(*value);
    return true;
}

const uint8_t *nfs_http_value(const struct nfs_http *h, const char *name,
                              uint32_t *len)
{
    struct text value;
    uint32_t at;

    line_at(h, 0, &at);
    while (at < h->head_n)
        if (is_name(line_at(h, at, &at), name, &value)) {
            *len = value.len;
            return value.at;
        }
    return NULL;
}

/* ---- paths ---- */

static int hex(uint8_t c)
{
    return isdigit(c) ? c - '0' : isxdigit(c) ? (c | 0x20) - 'a' + 10 : -1;
}

/* %41 is A, and %u0041, too. */
static uint32_t decode(struct text t, uint8_t *to)
{
    uint32_t n = 0, i = 0;

    while (i < t.len) {
        const uint8_t *p = t.at + i;

        if (*p == '%' && i + 2 < t.len && hex(p[1]) >= 0 && hex(p[2]) >= 0) {
            to[n++] = (uint8_t)(hex(p[1]) << 4 | hex(p[2]));
            i += 3;
        } else if (*p == '%' && i + 5 < t.len && (p[1] | 0x20) == 'u' &&
                   hex(p[2]) >= 0 && hex(p[3]) >= 0 && hex(p[4]) >= 0 &&
                   hex(p[5]) >= 0) {
            to[n++] = (uint8_t)(hex(p[4]) << 4 | hex(p[5]));
            i += 6;
        } else {
            to[n++] = *p;
            i++;
        }
    }
    return n;
}

/* In place: no "//", "/./" and "/x/../", and no backslashes. */
static uint32_t shorten(uint8_t *at, uint32_t len)
{
    uint32_t n = 0, i = 0, size;

    for (uint32_t k = 0; k < len; k++)
        if (at[k] == '\\')
            at[k] = '/';
    while (i < len) {
        if (at[i] == '/' && n > 0 && at[n - 1] == '/') {
            i++;
            continue;
        }
        for (size = 0; i + size < len && at[i + size] != '/';)
            size++;
        if (n > 0 && at[n - 1] == '/' && size == 1 && at[i] == '.') {
            i += 1;
        } else if (n > 0 && at[n - 1] == '/' && size == 2 && at[i] == '.' &&
                   at[i + 1] == '.') {
            for (n -= n > 1; n > 1 && at[n - 1] != '/';)
                n--;
            i += 2;
        } else {
            size += size == 0;
            memmove(at + n, at + i, size);
            n += size;
            i += size;
        }
    }
    return n;
}

/* What is behind scheme and host, if they are there. */
static struct text path_of(struct text t)
{
    const uint8_t *p = memmem(t.at, t.len, "://", 3);
    const uint8_t *end = t.at + t.len;

    if (!p || *t.at == '/')
        return t;
    p = memchr(p + 3, '/', (size_t)(end - (p + 3)));
    if (!p)
        return (struct text){end, 0};
    return (struct text){p, (uint32_t)(end - p)};
}

static uint32_t normal_uri(struct text t, uint8_t *to)
{
    const uint8_t *query = memchr(t.at, '?', t.len);
    struct text path =
        path_of((struct text){t.at, query ? (uint32_t)(query - t.at) : t.len});
    uint32_t n = shorten(to, decode(path, to));

    if (query)
        n += decode((struct text){query, (uint32_t)(t.at + t.len - query)},
                    to + n);
    return n;
}

/* ---- headers ---- */

static bool is_cookie(struct text line)
{
    struct text value;

    return is_name(line, "cookie", &value) ||
           is_name(line, "set-cookie", &value);
}

static uint32_t put(uint8_t *to, uint32_t n, struct text t)
{
    if (n + t.len > NFS_HEAD_MAX)
        t.len = NFS_HEAD_MAX - n;
    memcpy(to + n, t.at, t.len);
    return n + t.len;
}

/* "Name: value" and a line's end each. What goes on in the next line is put
 * into one; cookies are elsewhere. */
static void headers(const struct nfs_http *h, struct nfs_scratch *s,
                    struct nfs_view *v)
{
    static const struct text colon = {(const uint8_t *)": ", 2};
    static const struct text end = {(const uint8_t *)"\r\n", 2};
    static const struct text blank = {(const uint8_t *)" ", 1};
    uint32_t at, n = 0, cookies = 0;
    bool cookie = false;

    line_at(h, 0, &at);
    while (at < h->head_n) {
        struct text line = line_at(h, at, &at), name = line;
        const uint8_t *p = memchr(line.at, ':', line.len);

        if (line.len == 0)
            break;
        if ((*line.at == ' ' || *line.at == '\t') && n > 1 && !cookie) {
            n = put(s->header, put(s->header, n - 2, blank), trimmed(line));
            n = put(s->header, n, end);
            continue;
        }
        cookie = is_cookie(line);
        if (p) {
            name.len = (uint32_t)(p - line.at);
            line = (struct text){p + 1, line.len - name.len - 1};
        }
        if (cookie) {
            cookies = put(s->cookie, cookies, trimmed(line));
            cookies = put(s->cookie, cookies, end);
            continue;
        }
        n = put(s->header, n, trimmed(name));
        if (p)
            n = put(s->header, put(s->header, n, colon), trimmed(line));
        n = put(s->header, n, end);
    }
    v->at[NFS_HEADER] = s->header;
    v->len[NFS_HEADER] = n;
    v->at[NFS_COOKIE] = s->cookie;
    v->len[NFS_COOKIE] = cookies;
}

/* In small letters, and without a port. */
static void host(const struct nfs_http *h, struct nfs_scratch *s,
                 struct nfs_view *v)
{
    struct text t = {NULL, 0};
    uint32_t n = 0;

    t.at = nfs_http_value(h, "host", &t.len);
    for (; t.at && n < t.len; n++) {
        if (t.at[n] == ':' && t.at[0] != '[')
            break;
        s->host[n] = (uint8_t)tolower(t.at[n]);
    }
    v->at[NFS_HOST] = s->host;
    v->len[NFS_HOST] = n;
}

void nfs_http_view(const struct nfs_http *h, bool server,
                   struct nfs_scratch *scratch, struct nfs_view *v)
{
    uint32_t next;
    struct text line = line_at(h, 0, &next), word = word_of(&line);

    if (server) {
        word = word_of(&line);
        v->at[NFS_STAT_CODE] = word.at;
        v->len[NFS_STAT_CODE] = word.len;
        line = trimmed(line);
        v->at[NFS_STAT_MSG] = line.at;
        v->len[NFS_STAT_MSG] = line.len;
        v->at[NFS_REPLY_BODY] = h->body;
        v->len[NFS_REPLY_BODY] = h->body_n;
    } else {
        v->at[NFS_METHOD] = word.at;
        v->len[NFS_METHOD] = word.len;
        word = word_of(&line);
        v->at[NFS_RAW_URI] = word.at;
        v->len[NFS_RAW_URI] = word.len;
        v->at[NFS_URI] = scratch->uri;
        v->len[NFS_URI] = normal_uri(word, scratch->uri);
        v->at[NFS_BODY] = h->body;
        v->len[NFS_BODY] = h->body_n;
        host(h, scratch, v);
        v->at[NFS_AGENT] = nfs_http_value(h, "user-agent", &v->len[NFS_AGENT]);
    }
    nfs_inflate(h, scratch, &v->at[server ? NFS_REPLY_BODY : NFS_BODY],
                &v->len[server ? NFS_REPLY_BODY : NFS_BODY]);
    headers(h, scratch, v);
}
