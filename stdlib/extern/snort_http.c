/* HTTP/1 in a direction of a stream: where messages begin and end, also those
 * of chunks (RFC 9112), and the rules about them. What is no message is skipped
 * to the next line; nothing is believed that does not fit. */
#include "snort_run.h"

#include <ctype.h>
#include <string.h>

/* ---- rules ---- */

static bool is_fired(const struct nfs_http *h, uint32_t rule)
{
    for (unsigned i = 0; i < h->n_fired; i++)
        if (h->fired[i] == rule)
            return true;
    return false;
}

enum {
    IN_HEAD = 1,
    IN_BODY = 2,
    NOT_IN_BODY = 4,
    OF_CLIENT = 8,
    OF_SERVER = 16
};

static unsigned looks_into(const struct nfs_rule *rule)
{
    unsigned in = 0;

    for (unsigned i = 0; i < rule->n_opts; i++) {
        const struct nfs_opt *o = &rule->opts[i];

        switch (o->buffer) {
        case NFS_BODY:
        case NFS_REPLY_BODY:
            in |= IN_BODY | (o->not|| o->ends ? NOT_IN_BODY : 0);
            in |= o->buffer == NFS_BODY ? OF_CLIENT : OF_SERVER;
            break;
        case NFS_STAT_CODE:
        case NFS_STAT_MSG:
            in |= OF_SERVER;
            break;
        case NFS_URI:
        case NFS_RAW_URI:
        case NFS_METHOD:
        case NFS_HOST:
        case NFS_AGENT:
            in |= OF_CLIENT;
            break;
        default:
            break;
        }
    }
    return in;
}

/* Whether a rule is asked now: with the head, while the body grows, or when all
 * of it is there. */
static bool is_due(const struct nfs_rule *rule, bool server, bool body,
                   bool whole)
{
    unsigned in = looks_into(rule);

    if (in & (server ? OF_CLIENT : OF_SERVER))
        return false;
    if (!(in & IN_BODY))
        return !body;
    return body && (whole || !(in & NOT_IN_BODY));
}

/* False: the rest of the message passes. */
static bool judge_rule(const struct nfs_case *c, struct nfs_http *h,
                       const struct nfs_view *v, uint32_t i)
{
    const struct nfs_rule *rule = &c->shard->e->rs->rules[i];
    uint64_t end;

    if (is_fired(h, i) || !nfs_rule_fits(c, rule) ||
        !nfs_looks(rule, v, c->scratch, &end))
        return true;
    if (h->n_fired < NFS_FIRED)
        h->fired[h->n_fired++] = i;
    return !nfs_matched(c, i) || rule->action != NFS_PASS;
}

static void judge(const struct nfs_case *c, struct nfs_http *h, bool body,
                  bool whole)
{
    const struct nfs_engine *e = c->shard->e;
    const struct nfs_dir *d = &c->flow->dir[c->server];
    struct nfs_view v = {.at = {[NFS_RAW] = d->window},
                         .len = {[NFS_RAW] = d->n},
                         .base = d->base};
    uint64_t *hit = c->scratch->hit, bits;

    if (h->passed)
        return;
    nfs_http_view(h, c->server, c->scratch, &v);
    memset(hit, 0, e->n_words * sizeof(*hit));
    for (unsigned b = NFS_RAW + 1; b < NFS_BUFFERS; b++)
        nfs_scan(e->http_db, e, c->scratch, (enum nfs_buffer)b, v.at[b],
                 v.len[b]);
    for (unsigned w = 0; !h->passed && w < e->n_words; w++)
        for (bits = hit[w]; !h->passed && bits; bits &= bits - 1) {
            unsigned i = w * 64 + (unsigned)__builtin_ctzll(bits);

            if (is_due(&e->rs->rules[i], c->server, body, whole))
                h->passed = !judge_rule(c, h, &v, i);
        }
}

/* ---- messages ---- */

static void next_message(struct nfs_http *h)
{
    h->state = NFS_H_HEAD;
    h->head_n = h->body_n = h->judged = h->line = 0;
    h->left = 0;
    h->chunked = h->passed = h->bad_size = false;
    h->n_fired = 0;
}

static void end_of_message(const struct nfs_case *c, struct nfs_http *h)
{
    judge(c, h, true, true);
    next_message(h);
}

static bool has_word(const uint8_t *at, uint32_t len, const char *word)
{
    uint32_t n = (uint32_t)strlen(word);

    for (uint32_t i = 0; at && i + n <= len; i++) {
        uint32_t k = 0;

        while (k < n && tolower(at[i + k]) == word[k])
            k++;
        if (k == n)
            return true;
    }
    return false;
}

static bool is_method(const struct nfs_http *h, const char *name)
{
    size_t n = strlen(name);

    return h->head_n > n && memcmp(h->head, name, n) == 0 && h->head[n] == ' ';
}

static unsigned status_of(const struct nfs_http *h)
{
    const uint8_t *p = memchr(h->head, ' ', h->head_n);
    uint32_t n = p ? h->head_n - (uint32_t)(p - h->head) : 0;

    if (n < 4 || !isdigit(p[1]) || !isdigit(p[2]) || !isdigit(p[3]))
        return 0;
    return (unsigned)((p[1] - '0') * 100 + (p[2] - '0') * 10 + (p[3] - '0'));
}

/* Whether no body follows, whatever the head says (RFC 9112, 6.3). */
static bool has_no_body(const struct nfs_case *c, const struct nfs_http *h)
{
    unsigned status;

    if (!c->server)
        return false;
    status = status_of(h);
    return c->flow->head_only || status / 100 == 1 || status == 204 ||
           status == 304;
}

static bool length_of(const struct nfs_http *h, uint64_t *n)
{
    uint32_t len = 0;
    const uint8_t *p = nfs_http_value(h, "content-length", &len);

    *n = 0;
    for (uint32_t i = 0; p && i < len && isdigit(p[i]) && *n < UINT32_MAX; i++)
        *n = *n * 10 + (uint64_t)(p[i] - '0');
    return p && len > 0 && isdigit(*p);
}

static void end_of_head(const struct nfs_case *c, struct nfs_http *h)
{
    uint32_t len = 0;
    const uint8_t *coding = nfs_http_value(h, "transfer-encoding", &len);

    judge(c, h, false, false);
    h->line = 0;
    if (!c->server)
        c->flow->head_only = is_method(h, "HEAD");
    if ((c->server && status_of(h) == 101) || is_method(h, "CONNECT"))
        h->state = NFS_H_OFF;
    else if (has_no_body(c, h))
        end_of_message(c, h);
    else if (has_word(coding, len, "chunked"))
        h->state = NFS_H_CHUNK_SIZE;
    else if (length_of(h, &h->left) && h->left > 0)
        h->state = NFS_H_LENGTH;
    else if (c->server && !nfs_http_value(h, "content-length", &len))
        h->state = NFS_H_CLOSE;
    else
        end_of_message(c, h);
    h->chunked = h->state == NFS_H_CHUNK_SIZE;
}

/* ---- heads ---- */

/* Whether what is there so far may begin a message. */
static bool may_begin(const struct nfs_http *h, bool server)
{
    static const char version[] = "HTTP/";
    uint32_t n = h->head_n;

    if (server)
        return memcmp(h->head, version, n < 5 ? n : 5) == 0;
    for (uint32_t i = 0; i < n && h->head[i] != ' '; i++)
        if (i > 24 ||
            !(isalpha(h->head[i]) || h->head[i] == '-' || h->head[i] == '_'))
            return false;
    return h->head[0] != ' ';
}

static bool is_end_of_head(const struct nfs_http *h)
{
    const uint8_t *p = h->head + h->head_n;

    return (h->head_n >= 2 && p[-1] == '\n' && p[-2] == '\n') ||
           (h->head_n >= 3 && p[-1] == '\n' && p[-2] == '\r' && p[-3] == '\n');
}

static void head_byte(const struct nfs_case *c, struct nfs_http *h, uint8_t b)
{
    if (h->head_n == 0 && (b == '\r' || b == '\n'))
        return;
    h->head[h->head_n++] = b;
    if (h->head_n <= 32 && !may_begin(h, c->server)) {
        h->state = h->state == NFS_H_FIRST ? NFS_H_OFF
                   : b == '\n'             ? NFS_H_HEAD
                                           : NFS_H_SKIP;
        h->head_n = 0;
    } else if (is_end_of_head(h)) {
        end_of_head(c, h);
    } else if (h->head_n == NFS_HEAD_MAX) {
        judge(c, h, false, false);
        h->state = NFS_H_LONG;
        h->line = 1;
    } else if (b == '\n') {
        h->state = NFS_H_HEAD;
    }
}

/* What is too long was judged as far as there was room; so is its body. */
static void long_byte(const struct nfs_case *c, struct nfs_http *h, uint8_t b)
{
    if (b == '\n' && h->line == 0)
        end_of_head(c, h);
    else if (b == '\n')
        h->line = 0;
    else if (b != '\r')
        h->line = 1;
}

/* ---- bodies ---- */

static void keep(const struct nfs_case *c, struct nfs_http *h,
                 const uint8_t *at, uint32_t len)
{
    uint32_t room = c->shard->window - h->body_n;

    if (len > room)
        len = room;
    memcpy(h->body + h->body_n, at, len);
    h->body_n += len;
}

/* A body is looked at when it has grown by a part of it, so that many small
 * chunks cost no more than its length, times a constant. */
static void grown(const struct nfs_case *c, struct nfs_http *h)
{
    uint32_t some = c->flow->dir[c->server].fin ? 0 : h->judged / 64;

    if (h->body_n == h->judged ||
        (h->body_n - h->judged < some && h->body_n < c->shard->window))
        return;
    judge(c, h, true, h->body_n == c->shard->window);
    h->judged = h->body_n;
}

static uint32_t body_bytes(const struct nfs_case *c, struct nfs_http *h,
                           const uint8_t *at, uint32_t len)
{
    if (h->state != NFS_H_CLOSE && len > h->left)
        len = (uint32_t)h->left;
    keep(c, h, at, len);
    if (h->state == NFS_H_CLOSE)
        return len;
    h->left -= len;
    if (h->left == 0 && h->chunked) {
        h->state = NFS_H_CHUNK_SIZE;
        h->line = 0;
    } else if (h->left == 0) {
        end_of_message(c, h);
    }
    return len;
}

/* The line of a chunk's size, and the empty one behind the chunk before. */
static void size_byte(struct nfs_http *h, uint8_t b)
{
    if (b == '\n') {
        h->state = h->line == 0  ? NFS_H_CHUNK_SIZE
                   : h->bad_size ? NFS_H_OFF
                   : h->left > 0 ? NFS_H_CHUNK_DATA
                                 : NFS_H_TRAILER;
        h->line = 0;
        h->bad_size = false;
        return;
    }
    if (b == '\r' || b == ' ' || b == '\t')
        return;
    if (h->line == 0)
        h->left = 0;
    if (b == ';')
        h->line |= 0x80000000; /* an extension up to the end of the line */
    if (!(h->line & 0x80000000)) {
        if (isxdigit(b) && h->left < UINT32_MAX)
            h->left = h->left * 16 +
                      (uint64_t)(isdigit(b) ? b - '0' : (b | 0x20) - 'a' + 10);
        else
            h->bad_size = true;
    }
    h->line |= 1;
}

static void trailer_byte(const struct nfs_case *c, struct nfs_http *h,
                         uint8_t b)
{
    if (b == '\n' && h->line == 0)
        end_of_message(c, h);
    else if (b == '\n')
        h->line = 0;
    else if (b != '\r')
        h->line = 1;
}

static uint32_t some(const struct nfs_case *c, struct nfs_http *h,
                     const uint8_t *at, uint32_t len)
{
    switch (h->state) {
    case NFS_H_FIRST:
    case NFS_H_HEAD:
        head_byte(c, h, *at);
        return 1;
    case NFS_H_SKIP:
        if (*at == '\n')
            h->state = NFS_H_HEAD;
        return 1;
    case NFS_H_LONG:
        long_byte(c, h, *at);
        return 1;
    case NFS_H_CHUNK_SIZE:
        size_byte(h, *at);
        return 1;
    case NFS_H_TRAILER:
        trailer_byte(c, h, *at);
        return 1;
    case NFS_H_LENGTH:
    case NFS_H_CHUNK_DATA:
    case NFS_H_CLOSE:
        return body_bytes(c, h, at, len);
    case NFS_H_OFF:
        break;
    }
    return len;
}

/* In a body its length is still known; elsewhere the next line may begin a
 * message. */
void nfs_http_gap(struct nfs_http *h, uint64_t gap)
{
    bool counted = h->state == NFS_H_LENGTH || h->state == NFS_H_CHUNK_DATA;

    if (h->state == NFS_H_OFF || h->state == NFS_H_CLOSE)
        return;
    if (counted && gap < h->left) {
        h->left -= gap;
        return;
    }
    next_message(h);
    h->state = NFS_H_SKIP;
}

void nfs_judge_end(const struct nfs_case *c)
{
    struct nfs_dir *d = &c->flow->dir[c->server];
    struct nfs_http *h = &d->http;

    d->fin = true;
    if (c->flow->passed || h->state < NFS_H_LENGTH || h->state == NFS_H_OFF)
        return;
    judge(c, h, true, true);
    h->judged = h->body_n;
}

void nfs_judge_http(const struct nfs_case *c, const uint8_t *at, uint32_t len)
{
    struct nfs_http *h = &c->flow->dir[c->server].http;
    uint32_t n;

    for (; len > 0; at += n, len -= n)
        n = some(c, h, at, len);
    grown(c, h);
}
