/* Reads rule files; stdlib/type/acl.nfl documents what may stand in them. */
#include <nfl/acl_text.h>

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MAX_LINES = 65536, MAX_LINE = 1000, MAX_WORD = 48, MAX_KEYWORD = 12 };

struct reader {
    const char *path;
    FILE *file;
    unsigned line;
    char text[MAX_LINE + 1];
    char *at; /* what is left of the line */
    struct nfl_acl_rules *rules;
    unsigned room; /* in rules->rules */
    unsigned default_line;
    char *err;
    size_t errlen;
};

struct prefix {
    nfl_u128 addr;
    uint8_t len, bits; /* bits: of the family, or 0 for `any` */
};

/* A rule as it is written: one line, of either family or of both. */
struct line {
    struct nfl_acl_rule rule;
    struct prefix src, dst;
    bool has_dir, has_proto, has_src, has_dst, has_port;
};

/* ---- errors ---- */

static bool fail(struct reader *r, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static bool fail(struct reader *r, const char *fmt, ...)
{
    va_list ap;
    int n;

    if (r->line)
        n = snprintf(r->err, r->errlen, "%s:%u: ", r->path, r->line);
    else
        n = snprintf(r->err, r->errlen, "%s: ", r->path);
    if (n < 0 || (size_t)n >= r->errlen)
        return false;
    va_start(ap, fmt);
    vsnprintf(r->err + n, r->errlen - (size_t)n, fmt, ap);
    va_end(ap);
    return false;
}

static unsigned min3(unsigned a, unsigned b, unsigned c)
{
    a = a < b ? a : b;
    return a < c ? a : c;
}

/* Letters to insert, drop, replace or swap with their neighbour to get from one
 * word to the other. */
static unsigned distance(const char *a, const char *b)
{
    unsigned d[MAX_KEYWORD + 1][MAX_KEYWORD + 1];
    size_t la = strlen(a), lb = strlen(b), i, j;

    if (la > MAX_KEYWORD || lb > MAX_KEYWORD)
        return MAX_KEYWORD;
    for (i = 0; i <= la; i++)
        d[i][0] = (unsigned)i;
    for (j = 0; j <= lb; j++)
        d[0][j] = (unsigned)j;
    for (i = 1; i <= la; i++) {
        for (j = 1; j <= lb; j++) {
            d[i][j] = min3(d[i - 1][j] + 1, d[i][j - 1] + 1,
                           d[i - 1][j - 1] + (a[i - 1] != b[j - 1]));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                d[i][j] = min3(d[i][j], d[i][j], d[i - 2][j - 2] + 1);
        }
    }
    return d[la][lb];
}

/* Of the words (NULL-terminated) the one that was probably meant, or NULL. */
static const char *nearest(const char *word, const char *const *words)
{
    unsigned best = strlen(word) < 4 ? 2 : 3, d;
    const char *found = NULL;

    for (; *words; words++) {
        d = distance(word, *words);
        if (d < best) {
            best = d;
            found = *words;
        }
    }
    return found;
}

static bool fail_word(struct reader *r, const char *what, const char *word,
                      const char *const *words, const char *all)
{
    const char *meant = nearest(word, words);

    if (meant)
        return fail(r, "%s '%.*s'; did you mean %s?", what, MAX_WORD, word,
                    meant);
    return fail(r, "%s '%.*s'; use %s", what, MAX_WORD, word, all);
}

/* ---- words ---- */

/* The next word of the line, or NULL. */
static char *next_word(struct reader *r)
{
    char *word;

    r->at += strspn(r->at, " \t");
    if (!*r->at)
        return NULL;
    word = r->at;
    r->at += strcspn(r->at, " \t");
    if (*r->at)
        *r->at++ = '\0';
    return word;
}

/* Takes the next word if it is this one. */
static bool take_word(struct reader *r, const char *word)
{
    size_t len = strlen(word);

    r->at += strspn(r->at, " \t");
    if (strncmp(r->at, word, len) != 0 || !strchr(" \t", r->at[len]))
        return false;
    r->at += len;
    return true;
}

/* Digits only, up to max. */
static bool number(const char *word, unsigned max, unsigned *v)
{
    unsigned n = 0;

    if (!*word)
        return false;
    for (; *word; word++) {
        if (!isdigit((unsigned char)*word))
            return false;
        n = n * 10 + (unsigned)(*word - '0');
        if (n > max)
            return false;
    }
    *v = n;
    return true;
}

/* ---- parts of a rule ---- */

static bool read_proto(struct reader *r, struct line *l)
{
    static const char *const names[] = {"tcp", "udp",  "icmp", "icmp6", "igmp",
                                        "gre", "sctp", "esp",  "ah",    NULL};
    static const uint8_t numbers[] = {6, 17, 1, 58, 2, 47, 132, 50, 51};
    const char *word = next_word(r);
    unsigned i, v;

    if (!word)
        return fail(r, "proto needs a protocol: tcp, udp, icmp, icmp6, sctp "
                       "or a number");
    for (i = 0; names[i]; i++) {
        if (strcmp(word, names[i]) == 0) {
            l->rule.proto = numbers[i];
            return true;
        }
    }
    if (isdigit((unsigned char)*word)) {
        if (!number(word, 255, &v))
            return fail(r, "protocol '%.*s' is not a number from 0 to 255",
                        MAX_WORD, word);
        l->rule.proto = (uint8_t)v;
        return true;
    }
    return fail_word(r, "no such protocol", word, names,
                     "tcp, udp, icmp, icmp6, sctp or a number");
}

/* The text is an address of either family. */
static bool parse_addr(const char *text, struct prefix *p)
{
    uint8_t bytes[16];
    unsigned i;

    if (inet_pton(AF_INET, text, bytes) == 1)
        p->bits = 32;
    else if (inet_pton(AF_INET6, text, bytes) == 1)
        p->bits = 128;
    else
        return false;
    p->addr = 0;
    for (i = 0; i < p->bits / 8u; i++)
        p->addr = p->addr << 8 | bytes[i];
    return true;
}

static const char *addr_text(nfl_u128 addr, unsigned bits, char *to, size_t len)
{
    uint8_t bytes[16];
    unsigned i;

    for (i = 0; i < bits / 8; i++)
        bytes[i] = (uint8_t)(addr >> (bits - 8 - 8 * i));
    return inet_ntop(bits == 32 ? AF_INET : AF_INET6, bytes, to,
                     (socklen_t)len);
}

/* Bits after the first len of a family's. */
static nfl_u128 host_bits(unsigned len, unsigned bits)
{
    return len == 0 && bits == 128 ? ~(nfl_u128)0
                                   : ((nfl_u128)1 << (bits - len)) - 1;
}

static bool read_prefix(struct reader *r, const char *where, struct prefix *p)
{
    char *word = next_word(r), *slash, net[INET6_ADDRSTRLEN];
    unsigned len;

    if (!word)
        return fail(r, "%s needs an address, a network or any", where);
    if (strcmp(word, "any") == 0)
        return true;
    slash = strchr(word, '/');
    if (slash)
        *slash = '\0';
    if (!parse_addr(word, p))
        return fail(r,
                    "'%.*s' is not an address; write %s 10.0.0.0/8, "
                    "%s 2001:db8::/32 or %s any",
                    MAX_WORD, word, where, where, where);
    len = p->bits;
    if (slash && !number(slash + 1, p->bits, &len))
        return fail(r,
                    "'/%.*s' is not the length of a prefix; %s has /0 to "
                    "/%u",
                    MAX_WORD, slash + 1, p->bits == 32 ? "IPv4" : "IPv6",
                    p->bits);
    p->len = (uint8_t)len;
    if (p->addr & host_bits(len, p->bits))
        return fail(r,
                    "%s/%u has bits set beyond its prefix; did you mean "
                    "%s/%u?",
                    word, len,
                    addr_text(p->addr & ~host_bits(len, p->bits), p->bits, net,
                              sizeof(net)),
                    len);
    return true;
}

/* [port P[-Q]] */
static bool read_ports(struct reader *r, struct line *l, uint16_t *lo,
                       uint16_t *hi)
{
    char *word, *dash;
    unsigned a, b;

    if (!take_word(r, "port"))
        return true;
    l->has_port = true;
    word = next_word(r);
    if (!word)
        return fail(r, "port needs a number or a range such as 80-89");
    dash = strchr(word, '-');
    if (dash)
        *dash = '\0';
    if (!number(word, 65535, &a))
        return fail(r, "port '%.*s' is not a number from 0 to 65535", MAX_WORD,
                    word);
    b = a;
    if (dash && !number(dash + 1, 65535, &b))
        return fail(r, "port '%.*s' is not a number from 0 to 65535", MAX_WORD,
                    dash + 1);
    if (b < a)
        return fail(r, "the ports run backwards; did you mean %u-%u?", b, a);
    *lo = (uint16_t)a;
    *hi = (uint16_t)b;
    return true;
}

static bool once(struct reader *r, bool *given, const char *what)
{
    if (*given)
        return fail(r, "%s is given twice", what);
    *given = true;
    return true;
}

static bool read_part(struct reader *r, const char *word, struct line *l)
{
    static const char *const words[] = {"in",   "out", "proto",
                                        "from", "to",  NULL};
    struct nfl_acl_rule *rule = &l->rule;

    if (strcmp(word, "in") == 0 || strcmp(word, "out") == 0) {
        rule->out = *word == 'o';
        return once(r, &l->has_dir, "the direction");
    }
    if (strcmp(word, "proto") == 0)
        return once(r, &l->has_proto, "proto") && read_proto(r, l);
    if (strcmp(word, "from") == 0)
        return once(r, &l->has_src, "from") &&
               read_prefix(r, "from", &l->src) &&
               read_ports(r, l, &rule->sport_lo, &rule->sport_hi);
    if (strcmp(word, "to") == 0)
        return once(r, &l->has_dst, "to") && read_prefix(r, "to", &l->dst) &&
               read_ports(r, l, &rule->dport_lo, &rule->dport_hi);
    if (strcmp(word, "port") == 0)
        return fail(r, "port stands after from or to: to any port 80");
    return fail_word(r, "no such word", word, words,
                     "in, out, proto, from or to");
}

/* What the parts together must not be. */
static bool check(struct reader *r, const struct line *l)
{
    unsigned proto = l->rule.proto;
    unsigned bits = l->src.bits ? l->src.bits : l->dst.bits;

    if (l->src.bits && l->dst.bits && l->src.bits != l->dst.bits)
        return fail(r, "from and to are of different families: one is an "
                       "IPv4, the other an IPv6 address");
    if (l->has_port &&
        !(l->has_proto && (proto == 6 || proto == 17 || proto == 132)))
        return fail(r, "port needs proto tcp, udp or sctp");
    if (l->has_proto && proto == 1 && bits == 128)
        return fail(r, "icmp is IPv4's; for IPv6 addresses write icmp6");
    if (l->has_proto && proto == 58 && bits == 32)
        return fail(r, "icmp6 is IPv6's; for IPv4 addresses write icmp");
    return true;
}

/* ---- lines ---- */

static bool append(struct reader *r, const struct nfl_acl_rule *rule)
{
    struct nfl_acl_rules *to = r->rules;

    if (to->n == r->room) {
        unsigned room = r->room ? 2 * r->room : 64;
        void *p = realloc(to->rules, room * sizeof(*to->rules));

        if (!p)
            return fail(r, "no memory for so many rules");
        to->rules = p;
        r->room = room;
    }
    to->rules[to->n++] = *rule;
    return true;
}

static bool append_line(struct reader *r, struct line *l)
{
    struct nfl_acl_rule *rule = &l->rule;
    unsigned bits = l->src.bits ? l->src.bits : l->dst.bits;

    rule->any_dir = !l->has_dir;
    rule->any_proto = !l->has_proto;
    rule->src = l->src.addr;
    rule->src_len = l->src.len;
    rule->dst = l->dst.addr;
    rule->dst_len = l->dst.len;
    rule->line = r->line;
    rule->v6 = 0;
    if (bits != 128 && !append(r, rule))
        return false;
    rule->v6 = 1;
    return bits == 32 || append(r, rule);
}

static bool read_default(struct reader *r)
{
    const char *word = next_word(r);

    if (r->default_line)
        return fail(r, "there is a default already, in line %u",
                    r->default_line);
    if (!word || (strcmp(word, "allow") != 0 && strcmp(word, "deny") != 0))
        return fail(r, "default needs allow or deny");
    r->default_line = r->line;
    r->rules->default_deny = *word == 'd';
    if (next_word(r))
        return fail(r, "nothing may follow default %s", word);
    return true;
}

static bool read_rule(struct reader *r)
{
    static const char *const words[] = {"allow", "deny", "default", NULL};
    struct line l = {.rule = {.sport_hi = 65535, .dport_hi = 65535}};
    const char *word;

    r->at = r->text;
    r->at[strcspn(r->at, "#")] = '\0';
    word = next_word(r);
    if (!word)
        return true;
    if (strcmp(word, "default") == 0)
        return read_default(r);
    if (strcmp(word, "allow") != 0 && strcmp(word, "deny") != 0)
        return fail_word(r, "a rule cannot begin with", word, words,
                         "allow, deny or default");
    l.rule.deny = *word == 'd';
    while ((word = next_word(r)) != NULL)
        if (!read_part(r, word, &l))
            return false;
    return check(r, &l) && append_line(r, &l);
}

/* 1: there is a line, 0: the end, -1: no good. Controls, also those that end
 * lines elsewhere, count as space. */
static int next_line(struct reader *r)
{
    int ch, n = 0;

    r->line++;
    while ((ch = getc_unlocked(r->file)) != EOF && ch != '\n') {
        if (ch == 0 || n == MAX_LINE) {
            if (ch)
                fail(r, "the line is longer than %d bytes", MAX_LINE);
            else
                fail(r, "a zero byte: this is not a text file");
            return -1;
        }
        r->text[n++] = iscntrl(ch) ? ' ' : (char)ch;
    }
    r->text[n] = '\0';
    if (ferror(r->file)) {
        fail(r, "cannot be read");
        return -1;
    }
    if (ch == EOF && n == 0)
        return 0;
    if (r->line <= MAX_LINES)
        return 1;
    fail(r, "more than %d lines", MAX_LINES);
    return -1;
}

/* ---- files ---- */

static bool open_file(struct reader *r)
{
    int fd = open(r->path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    struct stat st;

    if (fd < 0)
        return fail(r, "%s", strerror(errno));
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode)) {
        r->file = fdopen(fd, "r");
        if (r->file)
            return true;
        fail(r, "no memory");
    } else {
        fail(r, S_ISDIR(st.st_mode) ? "is a directory, not a rule file"
                                    : "is not a regular file");
    }
    close(fd);
    return false;
}

struct nfl_acl_rules *nfl_acl_read(const char *path, char *err, size_t errlen)
{
    struct reader r = {.path = path, .err = err, .errlen = errlen};
    int more = -1;

    if (!open_file(&r))
        return NULL;
    r.rules = calloc(1, sizeof(*r.rules));
    if (r.rules) {
        r.rules->default_deny = 1;
        while ((more = next_line(&r)) > 0 && read_rule(&r))
            continue;
    } else {
        fail(&r, "no memory");
    }
    fclose(r.file);
    if (more == 0)
        return r.rules;
    nfl_acl_free(r.rules);
    return NULL;
}

void nfl_acl_free(struct nfl_acl_rules *r)
{
    if (!r)
        return;
    free(r->rules);
    free(r);
}
