/* Reads rule files; stdlib/type/acl.nfl documents what may stand in them. */
#include "core/lines.h"
#include <nfl/acl_text.h>

#include <arpa/inet.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

struct reader {
    struct nfl_lines in;
    struct nfl_acl_rules *rules;
    unsigned room; /* in rules->rules */
    unsigned default_line;
};

struct prefix {
    nfl_u128 addr;
    unsigned len, bits; /* bits: of the family, or 0 for `any` */
};

/* A rule as it is written: one line, of either family or of both. */
struct line {
    struct nfl_acl_rule rule;
    struct prefix src, dst;
    bool has_dir, has_proto, has_src, has_dst, has_port;
};

/* ---- parts of a rule ---- */

static bool read_proto(struct reader *r, struct line *l)
{
    static const char *const names[] = {"tcp", "udp",  "icmp", "icmp6", "igmp",
                                        "gre", "sctp", "esp",  "ah",    NULL};
    static const uint8_t numbers[] = {6, 17, 1, 58, 2, 47, 132, 50, 51};
    const char *word = nfl_lines_word(&r->in);
    unsigned i, v;

    if (!word)
        return nfl_lines_fail(
            &r->in, "proto needs a protocol: tcp, udp, icmp, icmp6, sctp "
                    "or a number");
    for (i = 0; names[i]; i++) {
        if (strcmp(word, names[i]) == 0) {
            l->rule.proto = numbers[i];
            return true;
        }
    }
    if (isdigit((unsigned char)*word)) {
        if (!nfl_text_number(word, 255, &v))
            return nfl_lines_fail(
                &r->in, "protocol '%.*s' is not a number from 0 to 255",
                NFL_WORD_SHOWN, word);
        l->rule.proto = (uint8_t)v;
        return true;
    }
    return nfl_lines_fail_word(&r->in, "no such protocol", word, names,
                               "tcp, udp, icmp, icmp6, sctp or a number");
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
    char *word = nfl_lines_word(&r->in), *slash, net[INET6_ADDRSTRLEN];
    unsigned len;

    if (!word)
        return nfl_lines_fail(&r->in, "%s needs an address, a network or any",
                              where);
    if (strcmp(word, "any") == 0)
        return true;
    slash = strchr(word, '/');
    if (slash)
        *slash = '\0';
    if (!nfl_text_addr(word, &p->addr, &p->bits))
        return nfl_lines_fail(&r->in,
                              "'%.*s' is not an address; write %s 10.0.0.0/8, "
                              "%s 2001:db8::/32 or %s any",
                              NFL_WORD_SHOWN, word, where, where, where);
    len = p->bits;
    if (slash && !nfl_text_number(slash + 1, p->bits, &len))
        return nfl_lines_fail(
            &r->in,
            "'/%.*s' is not the length of a prefix; %s has /0 to "
            "/%u",
            NFL_WORD_SHOWN, slash + 1, p->bits == 32 ? "IPv4" : "IPv6",
            p->bits);
    p->len = len;
    if (p->addr & host_bits(len, p->bits))
        return nfl_lines_fail(
            &r->in,
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

    if (!nfl_lines_take(&r->in, "port"))
        return true;
    l->has_port = true;
    word = nfl_lines_word(&r->in);
    if (!word)
        return nfl_lines_fail(&r->in,
                              "port needs a number or a range such as 80-89");
    dash = strchr(word, '-');
    if (dash)
        *dash = '\0';
    if (!nfl_text_number(word, 65535, &a))
        return nfl_lines_fail(&r->in,
                              "port '%.*s' is not a number from 0 to 65535",
                              NFL_WORD_SHOWN, word);
    b = a;
    if (dash && !nfl_text_number(dash + 1, 65535, &b))
        return nfl_lines_fail(&r->in,
                              "port '%.*s' is not a number from 0 to 65535",
                              NFL_WORD_SHOWN, dash + 1);
    if (b < a)
        return nfl_lines_fail(
            &r->in, "the ports run backwards; did you mean %u-%u?", b, a);
    *lo = (uint16_t)a;
    *hi = (uint16_t)b;
    return true;
}

static bool once(struct reader *r, bool *given, const char *what)
{
    if (*given)
        return nfl_lines_fail(&r->in, "%s is given twice", what);
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
        return nfl_lines_fail(&r->in,
                              "port stands after from or to: to any port 80");
    return nfl_lines_fail_word(&r->in, "no such word", word, words,
                               "in, out, proto, from or to");
}

/* What the parts together must not be. */
static bool check(struct reader *r, const struct line *l)
{
    unsigned proto = l->rule.proto;
    unsigned bits = l->src.bits ? l->src.bits : l->dst.bits;

    if (l->src.bits && l->dst.bits && l->src.bits != l->dst.bits)
        return nfl_lines_fail(
            &r->in, "from and to are of different families: one is an "
                    "IPv4, the other an IPv6 address");
    if (l->has_port &&
        !(l->has_proto && (proto == 6 || proto == 17 || proto == 132)))
        return nfl_lines_fail(&r->in, "port needs proto tcp, udp or sctp");
    if (l->has_proto && proto == 1 && bits == 128)
        return nfl_lines_fail(&r->in,
                              "icmp is IPv4's; for IPv6 addresses write icmp6");
    if (l->has_proto && proto == 58 && bits == 32)
        return nfl_lines_fail(&r->in,
                              "icmp6 is IPv6's; for IPv4 addresses write icmp");
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
            return nfl_lines_fail(&r->in, "no memory for so many rules");
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
    rule->src_len = (uint8_t)l->src.len;
    rule->dst = l->dst.addr;
    rule->dst_len = (uint8_t)l->dst.len;
    rule->line = r->in.line;
    rule->v6 = 0;
    if (bits != 128 && !append(r, rule))
        return false;
    rule->v6 = 1;
    return bits == 32 || append(r, rule);
}

static bool read_default(struct reader *r)
{
    const char *word = nfl_lines_word(&r->in);

    if (r->default_line)
        return nfl_lines_fail(&r->in, "there is a default already, in line %u",
                              r->default_line);
    if (!word || (strcmp(word, "allow") != 0 && strcmp(word, "deny") != 0))
        return nfl_lines_fail(&r->in, "default needs allow or deny");
    r->default_line = r->in.line;
    r->rules->default_deny = *word == 'd';
    if (nfl_lines_word(&r->in))
        return nfl_lines_fail(&r->in, "nothing may follow default %s", word);
    return true;
}

static bool read_rule(struct reader *r)
{
    static const char *const words[] = {"allow", "deny", "default", NULL};
    struct line l = {.rule = {.sport_hi = 65535, .dport_hi = 65535}};
    const char *word;

    word = nfl_lines_word(&r->in);
    if (!word)
        return true;
    if (strcmp(word, "default") == 0)
        return read_default(r);
    if (strcmp(word, "allow") != 0 && strcmp(word, "deny") != 0)
        return nfl_lines_fail_word(&r->in, "a rule cannot begin with", word,
                                   words, "allow, deny or default");
    l.rule.deny = *word == 'd';
    while ((word = nfl_lines_word(&r->in)) != NULL)
        if (!read_part(r, word, &l))
            return false;
    return check(r, &l) && append_line(r, &l);
}

/* ---- files ---- */

struct nfl_acl_rules *nfl_acl_read(const char *path, char *err, size_t errlen)
{
    struct reader r = {.rules = NULL};
    int more = -1;

    if (!nfl_lines_open(&r.in, path, "a rule file", err, errlen))
        return NULL;
    r.rules = calloc(1, sizeof(*r.rules));
    if (r.rules) {
        r.rules->default_deny = 1;
        while ((more = nfl_lines_next(&r.in)) > 0 && read_rule(&r))
            continue;
    } else {
        nfl_lines_fail(&r.in, "no memory");
    }
    nfl_lines_close(&r.in);
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
