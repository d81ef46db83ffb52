/* Whether all that a rule looks for is there: option by option in each buffer,
 * and back to the next place of a content where those relative to it fail. The
 * work for one rule is bounded. */
#include "snort_run.h"

#include <string.h>

enum { BUDGET = 1 << 20, ENDS = 64 };

struct look {
    const struct nfs_rule *rule;
    struct nfs_scratch *scratch;
    enum nfs_buffer buffer;
    const uint8_t *at;
    int64_t len, base, floor; /* floor: from `at` on */
    int64_t end, budget;
};

static bool match(struct look *l, unsigned i, int64_t cursor);

/* ---- contents ---- */

static uint8_t lower(uint8_t c)
{
    return c >= 'A' && c <= 'Z' ? (uint8_t)(c + 32) : c;
}

static bool same(const uint8_t *at, const struct nfs_opt *o)
{
    for (unsigned i = 0; i < o->len; i++)
        if (lower(at[i]) != o->bytes[i])
            return false;
    return true;
}

/* Where the content begins first, in lo..hi; -1: nowhere. */
static int64_t find(struct look *l, const struct nfs_opt *o, int64_t lo,
                    int64_t hi)
{
    const uint8_t *p;

    if (hi - lo < (int64_t)o->len)
        return -1;
    l->budget -= 64;
    if (!o->nocase) {
        p = memmem(l->at + lo, (size_t)(hi - lo), o->bytes, o->len);
        l->budget -= (p ? p - (l->at + lo) : hi - lo);
        return p ? p - l->at : -1;
    }
    for (; lo + o->len <= hi; lo++, l->budget--)
        if (lower(l->at[lo]) == o->bytes[0] && same(l->at + lo, o))
            return lo;
    return -1;
}

static int64_t most(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static bool moves(const struct nfs_opt *o)
{
    return o->kind == NFS_CONTENT || o->kind == NFS_PCRE ||
           o->kind == NFS_BYTE_JUMP;
}

/* Whether the next option of the buffer counts from the match before. */
static bool goes_on(const struct look *l, unsigned i)
{
    for (; i < l->rule->n_opts; i++)
        if (l->rule->opts[i].buffer == l->buffer) {
            if (l->rule->opts[i].relative)
                return true;
            if (!l->rule->opts[i].not&&moves(&l->rule->opts[i]))
                return false;
        }
    return false;
}

static bool at_places(struct look *l, unsigned i, const struct nfs_opt *o,
                      int64_t lo, int64_t hi)
{
    bool again = goes_on(l, i + 1);
    int64_t p;

    for (; l->budget > 0 && (p = find(l, o, lo, hi)) >= 0; lo = p + 1) {
        if (o->ends && p + o->len != l->len)
            continue;
        if (match(l, i + 1, p + o->len)) {
            l->end = most(l->end, p + o->len);
            return true;
        }
        if (!again)
            return false;
    }
    return false;
}

static bool absent(struct look *l, const struct nfs_opt *o, int64_t lo,
                   int64_t hi)
{
    int64_t p;

    for (; l->budget > 0 && (p = find(l, o, lo, hi)) >= 0; lo = p + 1)
        if (!o->ends || p + o->len == l->len)
            return false;
    return l->budget > 0;
}

static bool content(struct look *l, unsigned i, const struct nfs_opt *o,
                    int64_t cursor)
{
    int64_t lo, hi = l->len;

    if (o->relative) {
        lo = cursor + o->distance;
        if (o->has_within && lo + o->within < hi)
            hi = lo + o->within;
    } else {
        lo = o->offset - l->base;
        if (o->has_depth && lo + o->depth < hi)
            hi = lo + o->depth;
        lo = most(lo, o->not? 0 : l->floor);
    }
    lo = most(lo, 0);
    if (o->not)
        return absent(l, o, lo, hi) && match(l, i + 1, cursor);
    return at_places(l, i, o, lo, hi);
}

/* ---- expressions ---- */

struct ends {
    int64_t at[ENDS];
    unsigned n, most;
};

static int end_of(unsigned id, unsigned long long from, unsigned long long to,
                  unsigned flags, void *of)
{
    struct ends *e = of;

    (void)id, (void)from, (void)flags;
    if (e->n == 0 || e->at[e->n - 1] != (int64_t)to)
        e->at[e->n++] = (int64_t)to;
    return e->n == e->most;
}

/* ^ without m is the begin of the stream, and not of what is left of it. */
static bool is_anchored(const struct nfs_opt *o)
{
    const char *p = (const char *)o->bytes;

    if (o->flags & HS_FLAG_MULTILINE)
        return strstr(p, "\\A") != NULL;
    for (const char *q = p; (q = strchr(q, '^')) != NULL; q++)
        if (q == p || (q[-1] != '[' && q[-1] != '\\'))
            return true;
    return strstr(p, "\\A") != NULL;
}

static bool pcre(struct look *l, unsigned i, const struct nfs_opt *o,
                 int64_t cursor)
{
    bool again = goes_on(l, i + 1);
    struct ends e = {.most = !o->not&&again ? ENDS : 1};
    int64_t from = most(0, o->relative ? cursor : o->not? 0 : l->floor);

    if (from > l->len)
        return o->not && match(l, i + 1, cursor);
    if (!o->relative && l->base + from > 0 && is_anchored(o))
        return o->not && match(l, i + 1, cursor);
    l->budget -= l->len - from + 64;
    hs_scan(o->db, (const char *)l->at + from, (unsigned)(l->len - from), 0,
            l->scratch->hs, end_of, &e);
    if (o->not)
        return e.n == 0 && match(l, i + 1, cursor);
    for (unsigned k = 0; k < e.n && l->budget > 0; k++)
        if (match(l, i + 1, from + e.at[k])) {
            l->end = most(l->end, from + e.at[k]);
            return true;
        }
    return false;
}

/* ---- numbers ---- */

static int digit(uint8_t c, unsigned base)
{
    int d = c >= '0' && c <= '9'   ? c - '0'
            : c >= 'a' && c <= 'f' ? c - 'a' + 10
            : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                   : 99;

    return d < (int)base ? d : -1;
}

/* Digits up to one that is none; blanks and 0x before them do not count. */
static bool number_of_text(const uint8_t *at, const struct nfs_opt *o,
                           uint64_t *to)
{
    unsigned i = 0, n = 0;

    while (i < o->count && at[i] == ' ')
        i++;
    if (o->base == 16 && i + 1 < o->count && at[i] == '0' &&
        lower(at[i + 1]) == 'x')
        i += 2;
    for (*to = 0; i < o->count && digit(at[i], o->base) >= 0; i++, n++)
        *to = *to * o->base + (uint64_t)digit(at[i], o->base);
    return n > 0;
}

static bool number(const struct look *l, const struct nfs_opt *o, int64_t at,
                   uint64_t *to)
{
    if (at < 0 || at + o->count > l->len)
        return false;
    if (o->base)
        return number_of_text(l->at + at, o, to);
    *to = 0;
    for (unsigned i = 0; i < o->count; i++)
        *to = *to << 8 | l->at[at + (o->little ? o->count - 1 - i : i)];
    return true;
}

static int64_t place(const struct look *l, const struct nfs_opt *o,
                     int64_t cursor)
{
    return o->relative ? cursor + o->offset : o->offset - l->base;
}

static bool holds(const struct nfs_opt *o, uint64_t n)
{
    switch (o->op) {
    case NFS_EQ:
        return n == o->value;
    case NFS_LT:
        return n < o->value;
    case NFS_GT:
        return n > o->value;
    case NFS_LE:
        return n <= o->value;
    case NFS_GE:
        return n >= o->value;
    case NFS_AND:
        return (n & o->value) != 0;
    case NFS_OR:
        return (n ^ o->value) != 0;
    }
    return false;
}

static bool byte_test(struct look *l, unsigned i, const struct nfs_opt *o,
                      int64_t cursor)
{
    uint64_t n;

    return number(l, o, place(l, o, cursor), &n) && holds(o, n) != o->not &&
           match(l, i + 1, cursor);
}

static bool byte_jump(struct look *l, unsigned i, const struct nfs_opt *o,
                      int64_t cursor)
{
    int64_t at = place(l, o, cursor), to;
    uint64_t n;

    if (!number(l, o, at, &n) || n > UINT32_MAX)
        return false;
    n *= o->multiplier;
    if (o->align)
        n = (n + 3) & ~(uint64_t)3;
    to = (o->from_begin ? -l->base : at + o->count) + (int64_t)n + o->post;
    return to >= 0 && to <= l->len && match(l, i + 1, to);
}

static bool is_data_at(struct look *l, unsigned i, const struct nfs_opt *o,
                       int64_t cursor)
{
    bool there = place(l, o, cursor) <= l->len;

    return there != o->not && match(l, i + 1, cursor);
}

/* ---- rules ---- */

static bool match(struct look *l, unsigned i, int64_t cursor)
{
    const struct nfs_opt *o;

    while (i < l->rule->n_opts && l->rule->opts[i].buffer != l->buffer)
        i++;
    if (i == l->rule->n_opts)
        return true;
    if (l->budget <= 0)
        return false;
    o = &l->rule->opts[i];
    switch (o->kind) {
    case NFS_CONTENT:
        return content(l, i, o, cursor);
    case NFS_PCRE:
        return pcre(l, i, o, cursor);
    case NFS_BYTE_TEST:
        return byte_test(l, i, o, cursor);
    case NFS_BYTE_JUMP:
        return byte_jump(l, i, o, cursor);
    case NFS_IS_DATA_AT:
        return is_data_at(l, i, o, cursor);
    }
    return false;
}

bool nfs_looks(const struct nfs_rule *rule, const struct nfs_view *v,
               struct nfs_scratch *s, uint64_t *end)
{
    static const uint8_t none[1];
    struct look l = {.rule = rule, .scratch = s, .budget = BUDGET};

    *end = v->base;
    for (unsigned b = 0; b < NFS_BUFFERS; b++) {
        l.buffer = (enum nfs_buffer)b;
        l.at = v->at[b] ? v->at[b] : none;
        l.len = v->len[b];
        l.base = b == NFS_RAW ? (int64_t)v->base : 0;
        l.floor = b == NFS_RAW && v->floor > v->base
                      ? (int64_t)(v->floor - v->base)
                      : 0;
        l.end = 0;
        if (!match(&l, 0, l.floor))
            return false;
        if (b == NFS_RAW)
            *end = v->base + (uint64_t)l.end;
    }
    return true;
}

/* ---- finding ---- */

struct scan {
    const struct nfs_engine *e;
    struct nfs_scratch *s;
    enum nfs_buffer buffer;
};

static int found(unsigned id, unsigned long long from, unsigned long long to,
                 unsigned flags, void *of)
{
    const struct scan *c = of;
    const struct nfs_rule *r = &c->e->rs->rules[id];

    (void)from, (void)flags;
    if (r->opts[r->fast].buffer == c->buffer) {
        c->s->hit[id / 64] |= (uint64_t)1 << id % 64;
        c->s->to[id] = to;
    }
    return 0;
}

void nfs_scan(const hs_database_t *db, const struct nfs_engine *e,
              struct nfs_scratch *s, enum nfs_buffer buffer, const uint8_t *at,
              uint32_t len)
{
    struct scan c = {e, s, buffer};

    if (db && len > 0)
        hs_scan(db, (const char *)at, len, 0, s->hs, found, &c);
}
