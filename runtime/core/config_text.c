/* CHAIN.NF.PARAM = VALUE: names, and values as the language writes them. */
#include "core/config_text.h"
#include "core/fail.h"
#include "core/lines.h"
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* ---- numbers ---- */

static int digit(char c, unsigned base)
{
    int v = isdigit((unsigned char)c)    ? c - '0'
            : isxdigit((unsigned char)c) ? tolower((unsigned char)c) - 'a' + 10
                                         : -1;

    return v < (int)base ? v : -1;
}

/* Digits with _ between them; returns what follows, or NULL. */
static const char *digits(const char *s, unsigned base, nfl_u128 *v)
{
    const char *first = s;
    int d;

    for (*v = 0; (d = digit(*s, base)) >= 0 || (*s == '_' && s > first); s++) {
        if (*s == '_')
            continue;
        if (*v > (~(nfl_u128)0 - (unsigned)d) / base)
            return NULL;
        *v = *v * base + (unsigned)d;
    }
    return s > first ? s : NULL;
}

static bool scale(nfl_u128 *v, uint64_t by)
{
    if (by && *v > ~(nfl_u128)0 / by)
        return false;
    *v *= by;
    return true;
}

/* 5, 0x800, 0b101, 1_000, 64k */
static bool number(const char *s, nfl_u128 *v)
{
    static const char letters[] = "kMG";
    unsigned base = 10;
    const char *at;

    if (s[0] == '0' && (s[1] == 'x' || s[1] == 'b'))
        base = s[1] == 'x' ? 16 : 2;
    s = digits(base == 10 ? s : s + 2, base, v);
    if (!s || !*s)
        return s != NULL;
    at = base == 10 ? strchr(letters, *s) : NULL;
    if (!at || s[1])
        return false;
    for (;; at--) {
        if (!scale(v, 1000))
            return false;
        if (at == letters)
            return true;
    }
}

static bool duration(const char *s, nfl_u128 *v)
{
    static const struct {
        const char *name;
        uint64_t ns;
    } units[] = {
        {"ns", 1},
        {"us", 1000},
        {"ms", 1000000ULL},
        {"s", 1000000000ULL},
        {"min", 60000000000ULL},
        {"h", 3600000000000ULL},
        {"d", 86400000000000ULL},
    };
    size_t i;

    s = digits(s, 10, v);
    for (i = 0; s && i < sizeof(units) / sizeof(*units); i++)
        if (strcmp(s, units[i].name) == 0)
            return scale(v, units[i].ns) && !(*v >> 64);
    return false;
}

static bool mac(const char *s, nfl_u128 *v)
{
    unsigned i;

    for (*v = 0, i = 0; i < 6; i++, s += 2) {
        if ((i && *s++ != ':') || digit(s[0], 16) < 0 || digit(s[1], 16) < 0)
            return false;
        *v = *v << 8 | (unsigned)(digit(s[0], 16) << 4 | digit(s[1], 16));
    }
    return !*s;
}

static bool word(const struct nfl_word_desc *w, const char *s, nfl_u128 *v)
{
    for (; w->name; w++) {
        if (strcmp(w->name, s) != 0)
            continue;
        *v = w->value;
        return true;
    }
    return false;
}

/* One number of the parameter's kind. */
static bool one(const struct nfl_param_desc *p, const char *s, nfl_u128 *v,
                uint8_t *v6)
{
    unsigned bits;

    switch (p->kind) {
    case NFL_PARAM_BOOL:
        *v = strcmp(s, "true") == 0;
        return *v || strcmp(s, "false") == 0;
    case NFL_PARAM_ENUM:
        return word(p->words, s, v) || number(s, v);
    case NFL_PARAM_IPV4:
    case NFL_PARAM_IPV6:
    case NFL_PARAM_IPADDR:
        if (!nfl_text_addr(s, v, &bits))
            return false;
        *v6 = bits == 128;
        return p->kind == NFL_PARAM_IPADDR || bits == p->bits;
    case NFL_PARAM_MAC:
        return mac(s, v);
    case NFL_PARAM_DURATION:
        return duration(s, v);
    default:
        return number(s, v);
    }
}

static const char *like(const struct nfl_param_desc *p)
{
    static const char *const text[] = {
        [NFL_PARAM_NUMBER] = "a number such as 1000, 0x3e8 or 1k",
        [NFL_PARAM_BOOL] = "true or false",
        [NFL_PARAM_ENUM] = "one of its names, or a number",
        [NFL_PARAM_IPV4] = "an IPv4 address such as 192.0.2.1",
        [NFL_PARAM_IPV6] = "an IPv6 address such as 2001:db8::1",
        [NFL_PARAM_MAC] = "an Ethernet address such as 02:00:00:00:00:01",
        [NFL_PARAM_IPADDR] = "an address such as 192.0.2.1 or 2001:db8::1",
        [NFL_PARAM_DURATION] = "a duration such as 30s or 5min",
        [NFL_PARAM_STRING] = "a text in quotes",
        [NFL_PARAM_FILE] = "file(\"NAME\")",
    };

    return p->range ? "a range such as 1024..65535" : text[p->kind];
}

/* ---- values ---- */

static bool too_large(const struct nfl_param_desc *p, nfl_u128 v)
{
    return p->bits < 128 && p->kind != NFL_PARAM_IPADDR && v >> p->bits;
}

/* "text", as it stands between `before` and `after`. */
static bool quoted(const char *s, const char *before, const char *after,
                   struct nfl_setting *to)
{
    size_t n = strlen(s), b = strlen(before), a = strlen(after);

    if (n <= a + b || strncmp(s, before, b) != 0 ||
        strcmp(s + n - a, after) != 0 || memchr(s + b, '"', n - a - b))
        return false;
    to->str = strndup(s + b, n - a - b);
    return to->str != NULL;
}

static bool text_value(const struct nfl_param_desc *p, const char *s,
                       struct nfl_setting *to)
{
    if (p->kind == NFL_PARAM_STRING)
        return quoted(s, "\"", "\"", to);
    if (strstr(s, "//")) /* FOLDER//NAME is for the compiler alone */
        return false;
    return quoted(s, "file(\"", "\")", to) || quoted(s, "\"", "\"", to);
}

static bool range_value(const struct nfl_param_desc *p, char *s,
                        struct nfl_setting *to)
{
    char *dots = strstr(s, "..");
    char *end = dots;

    if (!dots)
        return false;
    while (end > s && isspace((unsigned char)end[-1]))
        end--;
    *end = '\0';
    dots += 2 + strspn(dots + 2, " \t");
    return one(p, s, &to->u, &to->v6) && one(p, dots, &to->hi, &to->v6);
}

static bool value(const struct nfl_param_desc *p, const char *text,
                  struct nfl_setting *to, char *err, size_t errlen)
{
    char copy[NFL_LINE_MAX + 1];
    bool good;

    snprintf(copy, sizeof(copy), "%s", text);
    good = p->kind == NFL_PARAM_STRING || p->kind == NFL_PARAM_FILE
               ? text_value(p, text, to)
           : p->range ? range_value(p, copy, to)
                      : one(p, text, &to->u, &to->v6);
    if (!good)
        return nfl_fail(err, errlen,
                        "'%.*s' is no value of %s.%s.%s, which is of type "
                        "'%s': write %s",
                        NFL_WORD_SHOWN, text, p->chain, p->nf, p->name, p->type,
                        like(p));
    if (too_large(p, to->u) || too_large(p, to->hi))
        return nfl_fail(err, errlen, "%.*s does not fit into '%s' (%u bits)",
                        NFL_WORD_SHOWN, text, p->type, p->bits);
    if (p->range && to->u > to->hi)
        return nfl_fail(err, errlen,
                        "%.*s: the range is empty, its first value is greater "
                        "than its last",
                        NFL_WORD_SHOWN, text);
    return true;
}

const char *nfl_value_parse(const struct nfl_param_desc *p, const char *text,
                            struct nfl_setting *to)
{
    char copy[NFL_LINE_MAX + 1];

    snprintf(copy, sizeof(copy), "%s", text);
    if (p->range ? !range_value(p, copy, to) : !one(p, text, &to->u, &to->v6))
        return like(p);
    if (too_large(p, to->u) || too_large(p, to->hi))
        return "one that fits into its type";
    return p->range && to->u > to->hi ? "the lesser end first" : NULL;
}

/* ---- names ---- */

/* Adds ", NAME" to a list in buf. */
static void list(char *buf, size_t len, const char *name)
{
    size_t n = strlen(buf);

    if (n + strlen(name) + 8 < len)
        snprintf(buf + n, len - n, "%s%s", n ? ", " : "", name);
    else if (n + 6 < len && strcmp(buf + n - 3, "...") != 0)
        snprintf(buf + n, len - n, ", ...");
}

static bool no_name(const struct nfl_param_table *t, const char *name,
                    char *err, size_t errlen)
{
    char names[600] = "", full[300];
    unsigned c, i;

    for (c = 0; c < t->n_chains; c++)
        for (i = 0; i < t->n_params[c]; i++) {
            const struct nfl_param_desc *p = &t->params[c][i];

            snprintf(full, sizeof(full), "%s.%s.%s", p->chain, p->nf, p->name);
            list(names, sizeof(names), full);
        }
    if (!*names)
        return nfl_fail(err, errlen,
                        "there is no '%.*s': the NFs of this program have no "
                        "parameters",
                        NFL_WORD_SHOWN, name);
    return nfl_fail(err, errlen, "there is no '%.*s'; there are %s",
                    NFL_WORD_SHOWN, name, names);
}

/* The name up to a blank or '='. */
static bool find(const struct nfl_param_table *t, const char *name,
                 struct nfl_setting *to, char *err, size_t errlen)
{
    char full[300];
    unsigned c, i;

    for (c = 0; c < t->n_chains; c++)
        for (i = 0; i < t->n_params[c]; i++) {
            const struct nfl_param_desc *p = &t->params[c][i];

            snprintf(full, sizeof(full), "%s.%s.%s", p->chain, p->nf, p->name);
            if (strcmp(full, name) != 0)
                continue;
            to->param = p;
            to->chain = c;
            return true;
        }
    return no_name(t, name, err, errlen);
}

bool nfl_setting_parse(struct nfl_setting *to, const struct nfl_param_table *t,
                       const char *text, char *err, size_t errlen)
{
    char name[NFL_LINE_MAX + 1];
    const char *equal = strchr(text, '='), *at;
    size_t n;

    text += strspn(text, " \t");
    if (!equal)
        return nfl_fail(err, errlen,
                        "'%.*s' sets nothing: write CHAIN.NF.PARAM = VALUE",
                        NFL_WORD_SHOWN, text);
    n = (size_t)(equal - text);
    while (n > 0 && isspace((unsigned char)text[n - 1]))
        n--;
    if (n > NFL_LINE_MAX || strlen(equal) > NFL_LINE_MAX)
        return nfl_fail(err, errlen, "more than %d bytes", NFL_LINE_MAX);
    snprintf(name, sizeof(name), "%.*s", (int)n, text);
    if (!find(t, name, to, err, errlen))
        return false;
    if (to->param->compiled)
        return nfl_fail(err, errlen,
                        "%s cannot be set from outside: %s; change the source",
                        name, to->param->fixed);
    at = equal + 1 + strspn(equal + 1, " \t");
    snprintf(name, sizeof(name), "%s", at);
    for (n = strlen(name); n > 0 && isspace((unsigned char)name[n - 1]); n--)
        name[n - 1] = '\0';
    return value(to->param, name, to, err, errlen);
}
