/* Values of literals: numbers, times, addresses, prefixes, strings. */
#include "front/scan.h"

#include "base/arena.h"
#include "base/diag.h"
#include "base/text.h"
#include <arpa/inet.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static const struct unit_suffix {
    const char *text;
    uint64_t factor;
    enum ast_lit lit;
} suffixes[] = {
    {"k", 1000, LIT_INT},
    {"M", 1000000, LIT_INT},
    {"G", 1000000000, LIT_INT},
    {"ns", 1, LIT_DURATION},
    {"us", 1000, LIT_DURATION},
    {"ms", 1000000, LIT_DURATION},
    {"s", 1000000000, LIT_DURATION},
    {"min", 60 * 1000000000ull, LIT_DURATION},
    {"h", 3600 * 1000000000ull, LIT_DURATION},
    {"d", 86400 * 1000000000ull, LIT_DURATION},
};

static struct ast_expr *literal_new(struct scan *s, struct loc at,
                                    enum ast_lit lit, num_t num)
{
    struct ast_expr *e = ARENA_NEW(s->arena, struct ast_expr);

    e->kind = AE_LIT;
    e->loc = at;
    e->lit = lit;
    e->num = num;
    e->depth = 1;
    return e;
}

enum { LITERAL_MAX = 200 };

/* NULL and an error if it is longer than any literal need be. */
static const char *raw_text(struct scan *s, struct loc at)
{
    if (at.len > LITERAL_MAX) {
        diag_error(s->diags, at, "the literal is too long, over %d characters",
                   LITERAL_MAX);
        return NULL;
    }
    return arena_strn(s->arena, s->src->text + at.off, at.len);
}

/* ---- numbers and times ---- */

static int digit_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)tolower((unsigned char)c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : 99;
}

/* Reads digits, with _ between them; *rest is what follows. False: too large
 * for 128 bits. */
static bool read_digits(const char *p, unsigned base, num_t *num,
                        const char **rest)
{
    bool fits = true;
    unsigned d;

    *num = 0;
    for (;; p++) {
        if (*p == '_' && digit_value(p[1]) < (int)base)
            continue;
        d = (unsigned)digit_value(*p);
        if (d >= base)
            break;
        if (*num > (num_mask(128) - d) / base)
            fits = false;
        *num = *num * base + d;
    }
    *rest = p;
    return fits;
}

static struct ast_expr *bad_number(struct scan *s, struct loc at,
                                   const char *text, const char *rest)
{
    struct diag *m = diag_error(s->diags, at, "'%s' is not a number", text);

    if (!strcmp(rest, "m"))
        diag_hint(m, "write %.*smin for minutes, %.*sM for millions",
                  (int)(rest - text), text, (int)(rest - text), text);
    else if (!strcmp(rest, "K"))
        diag_hint(m, "write %.*sk", (int)(rest - text), text);
    else if (isalpha((unsigned char)*rest) && rest > text)
        diag_note(m, "units are k, M and G, and for times ns, us, ms, s, min, "
                     "h and d");
    return literal_new(s, at, LIT_INT, 0);
}

static struct ast_expr *too_large(struct scan *s, struct loc at, bool is_time)
{
    if (is_time)
        diag_error(s->diags, at, "the time is too long: over 584 years");
    else
        diag_error(s->diags, at, "the number is too large: over 128 bits");
    return literal_new(s, at, is_time ? LIT_DURATION : LIT_INT, 0);
}

static struct ast_expr *based_number(struct scan *s, struct loc at,
                                     const char *text, unsigned base)
{
    const char *rest;
    num_t num;
    bool fits = read_digits(text + 2, base, &num, &rest);

    if (*rest || rest == text + 2)
        return bad_number(s, at, text, text);
    return fits ? literal_new(s, at, LIT_INT, num) : too_large(s, at, false);
}

static struct ast_expr *decimal_number(struct scan *s, struct loc at,
                                       const char *text)
{
    const struct unit_suffix *u = NULL;
    struct diag *m;
    const char *rest;
    num_t num, most;
    unsigned i;
    bool fits = read_digits(text, 10, &num, &rest);

    for (i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++)
        if (!strcmp(rest, suffixes[i].text))
            u = &suffixes[i];
    if (*rest && !u)
        return bad_number(s, at, text, rest);
    if (text[0] == '0' && rest > text + 1) {
        m = diag_error(s->diags, at, "a number does not begin with 0");
        text += strspn(text, "0_");
        diag_hint(m, "write %s", *text ? text : "0");
    }
    most = u && u->lit == LIT_DURATION ? num_mask(64) : num_mask(128);
    if (!fits || num > most / (u ? u->factor : 1))
        return too_large(s, at, u && u->lit == LIT_DURATION);
    return literal_new(s, at, u ? u->lit : LIT_INT, u ? num * u->factor : num);
}

/* ---- addresses ---- */

/* Splits ADDRESS/LENGTH in place; -1: no length, -2: a wrong one. */
static int split_prefix(char *text, int most)
{
    char *slash = strchr(text, '/'), *end;
    long n;

    if (!slash)
        return -1;
    *slash++ = '\0';
    n = strtol(slash, &end, 10);
    if (!isdigit((unsigned char)*slash) || *end || n > most ||
        (slash[0] == '0' && slash[1]))
        return -2;
    return (int)n;
}

/* e, an address of `bits`, as a network. */
static struct ast_expr *make_prefix(struct scan *s, struct ast_expr *e,
                                    int plen, int bits)
{
    num_t host = num_mask((unsigned)(bits - plen));
    const char *(*show)(char *, num_t) =
        e->lit == LIT_IPV4 ? ipv4_text : ipv6_text;
    char whole[NUM_TEXT], net[NUM_TEXT];
    struct diag *m;

    if (e->num & host) {
        show(whole, e->num);
        show(net, e->num & ~host);
        m = diag_error(s->diags, e->loc,
                       "the network %s/%d has bits set behind its length",
                       whole, plen);
        diag_hint(m,
                  "write %s/%d for the network; one address is %s, or %s/%d "
                  "behind `in`",
                  net, plen, whole, whole, bits);
    }
    e->kind = AE_PREFIX;
    e->num &= ~host;
    e->plen = (unsigned)plen;
    return e;
}

static void bad_length(struct scan *s, struct loc at, int most)
{
    diag_error(s->diags, at, "the length of this network is not 0 to %d", most);
}

static struct ast_expr *dotted(struct scan *s, struct loc at, const char *text)
{
    struct ast_expr *e = literal_new(s, at, LIT_IPV4, 0);
    char *copy = arena_str(s->arena, text);
    int plen = split_prefix(copy, 32);
    struct in_addr addr;
    struct diag *m;

    if (inet_pton(AF_INET, copy, &addr) == 1) {
        e->num = ntohl(addr.s_addr);
        if (plen == -2)
            bad_length(s, at, 32);
        return plen < 0 ? e : make_prefix(s, e, plen, 32);
    }
    if (strspn(copy, "0123456789.") == strlen(copy) &&
        strchr(copy, '.') == strrchr(copy, '.')) {
        m = diag_error(s->diags, at, "'%s' is not a whole number", text);
        diag_note(m, "there are no fractions; a time may be in smaller units, "
                     "as 1500ms");
        return e;
    }
    m = diag_error(s->diags, at, "'%s' is not an IPv4 address", text);
    diag_note(m, "it is four numbers from 0 to 255, as 192.0.2.1");
    return e;
}

struct ast_expr *literal_number(struct scan *s, struct loc at)
{
    const char *text = raw_text(s, at);

    if (!text)
        return literal_new(s, at, LIT_INT, 0);
    if (strchr(text, '.'))
        return dotted(s, at, text);
    if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X'))
        return based_number(s, at, text, 16);
    if (text[0] == '0' && (text[1] == 'b' || text[1] == 'B'))
        return based_number(s, at, text, 2);
    return decimal_number(s, at, text);
}

/* Six groups of two digits. */
static bool read_mac(const char *text, num_t *num)
{
    size_t i, len = strlen(text);

    *num = 0;
    if (len != 17)
        return false;
    for (i = 0; i < len; i++) {
        if (i % 3 == 2 ? text[i] != ':' : digit_value(text[i]) > 15)
            return false;
        if (i % 3 != 2)
            *num = *num << 4 | (num_t)digit_value(text[i]);
    }
    return true;
}

static unsigned count_colons(const char *text)
{
    unsigned n = 0;

    while ((text = strchr(text, ':'))) {
        n++;
        text++;
    }
    return n;
}

static struct ast_expr *bad_colons(struct scan *s, struct ast_expr *e,
                                   const char *text)
{
    const char *twice = strstr(text, "::");
    struct diag *m;

    if (twice > text &&
        strspn(text, "0123456789abcdefABCDEF:") < (size_t)(twice - text)) {
        m = diag_error(s->diags, e->loc, "unexpected '::' in '%s'", text);
        diag_hint(m, "names are joined with '.'");
    } else if (!twice && count_colons(text) == 5) {
        m = diag_error(s->diags, e->loc, "'%s' is not a MAC address", text);
        diag_note(m, "it is six groups of two hexadecimal digits, as "
                     "02:00:00:00:00:01");
        e->lit = LIT_MAC;
    } else {
        diag_error(s->diags, e->loc, "'%s' is not an IPv6 or MAC address",
                   text);
    }
    return e;
}

struct ast_expr *literal_colons(struct scan *s, struct loc at)
{
    const char *text = raw_text(s, at);
    struct ast_expr *e = literal_new(s, at, LIT_IPV6, 0);
    struct in6_addr addr;
    char *copy;
    int plen, i;

    if (!text)
        return e;
    copy = arena_str(s->arena, text);
    plen = split_prefix(copy, 128);
    if (plen == -1 && read_mac(text, &e->num)) {
        e->lit = LIT_MAC;
        return e;
    }
    e->num = 0;
    if (inet_pton(AF_INET6, copy, &addr) != 1)
        return bad_colons(s, e, text);
    for (i = 0; i < 16; i++)
        e->num = e->num << 8 | addr.s6_addr[i];
    if (plen == -2)
        bad_length(s, at, 128);
    return plen < 0 ? e : make_prefix(s, e, plen, 128);
}

/* ---- strings ---- */

/* The character of the escape at p, behind the backslash; -1 if wrong. */
static int escape(const char *p, unsigned *used)
{
    int hi, lo;

    *used = 1;
    switch (*p) {
    case 'n':
        return '\n';
    case 'r':
        return '\r';
    case 't':
        return '\t';
    case '\\':
    case '"':
        return *p;
    case 'x':
        hi = digit_value(p[1]);
        lo = hi < 16 ? digit_value(p[2]) : 99;
        if (lo > 15 || hi * 16 + lo == 0)
            return -1;
        *used = 3;
        return hi * 16 + lo;
    default:
        return -1;
    }
}

const char *literal_string(struct scan *s, struct loc at)
{
    const char *p = s->src->text + at.off + 1;
    const char *end = p + at.len - 2;
    char *text = arena_alloc(s->arena, at.len), *to = text;
    struct diag *m;
    unsigned used;
    int c;

    while (p < end) {
        if (*p != '\\') {
            *to++ = *p++;
            continue;
        }
        c = escape(p + 1, &used);
        if (c >= 0) {
            *to++ = (char)c;
        } else {
            struct loc bad = {s->src, (uint32_t)(p - s->src->text), 2};

            m = diag_error(s->diags, bad, "unknown escape in a string");
            diag_note(m,
                      "there are \\n, \\r, \\t, \\\\, \\\" and \\x01 to \\xff");
        }
        p += 1 + used;
    }
    return text;
}
