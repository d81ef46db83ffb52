/* Reads rule files; stdlib/type/acl.nfl documents what may stand in them. */
#include "core/acl_place.h"
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
    bool policy; /* not an acl */
    struct acl_sets sets;
    struct acl_places src, dst; /* of the line at hand */
};

/* A rule as it is written: one line, of either family or of both. */
struct line {
    struct nfl_acl_rule rule;
    bool has_dir, has_proto, has_src, has_dst, has_port;
    bool has_flags, has_type, has_code;
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

static bool once(struct reader *r, bool *given, const char *what)
{
    if (*given)
        return nfl_lines_fail(&r->in, "%s is given twice", what);
    *given = true;
    return true;
}

/* flags syn,!ack */
static bool read_flags(struct reader *r, struct nfl_acl_rule *rule)
{
    static const char *const names[] = {"fin", "syn", "rst", "psh", "ack",
                                        "urg", "ece", "cwr", NULL};
    char *word = nfl_lines_word(&r->in), *rest = NULL;
    unsigned i, bit;
    bool off;

    word = word ? strtok_r(word, ",", &rest) : NULL;
    if (!word)
        return nfl_lines_fail(&r->in, "flags needs names of flags: syn,!ack");
    for (; word; word = strtok_r(NULL, ",", &rest)) {
        off = *word == '!';
        for (i = 0; names[i] && strcmp(word + off, names[i]) != 0; i++)
            continue;
        if (!names[i])
            return nfl_lines_fail_word(
                &r->in, "no such flag", word + off, names,
                "fin, syn, rst, psh, ack, urg, ece or cwr");
        bit = 0x100u << i;
        if (rule->first_mask & bit)
            return nfl_lines_fail(&r->in, "flag %s is given twice", names[i]);
        rule->first_mask |= (uint16_t)bit;
        rule->first |= (uint16_t)(off ? 0 : bit);
    }
    return true;
}

/* type 8, type 3 code 13: the type is the upper byte */
static bool read_byte(struct reader *r, struct nfl_acl_rule *rule,
                      const char *what, unsigned shift)
{
    const char *word = nfl_lines_word(&r->in);
    unsigned v;

    if (!word || !nfl_text_number(word, 255, &v))
        return nfl_lines_fail(&r->in, "%s needs a number from 0 to 255", what);
    rule->first |= (uint16_t)(v << shift);
    rule->first_mask |= (uint16_t)(0xffu << shift);
    return true;
}

/* What a policy asks of the first packet. */
static bool read_first(struct reader *r, const char *word, struct line *l)
{
    static const char *const words[] = {"in",    "out",  "proto", "from", "to",
                                        "flags", "type", "code",  NULL};

    if (strcmp(word, "flags") == 0)
        return once(r, &l->has_flags, "flags") && read_flags(r, &l->rule);
    if (strcmp(word, "type") == 0)
        return once(r, &l->has_type, "type") && read_byte(r, &l->rule, word, 8);
    if (strcmp(word, "code") == 0)
        return once(r, &l->has_code, "code") && read_byte(r, &l->rule, word, 0);
    return nfl_lines_fail_word(&r->in, "no such word", word, words,
                               "in, out, proto, from, to, flags, type or code");
}

static bool read_part(struct reader *r, const char *word, struct line *l)
{
    static const char *const words[] = {"in",    "out",  "proto", "from", "to",
                                        "flags", "type", "code",  NULL};
    const char *const *first;

    if (strcmp(word, "in") == 0 || strcmp(word, "out") == 0) {
        l->rule.out = *word == 'o';
        return once(r, &l->has_dir, "the direction");
    }
    if (strcmp(word, "proto") == 0)
        return once(r, &l->has_proto, "proto") && read_proto(r, l);
    if (strcmp(word, "from") == 0)
        return once(r, &l->has_src, "from") &&
               acl_place_read(&r->in, &r->sets, "from", &r->src, &l->has_port);
    if (strcmp(word, "to") == 0)
        return once(r, &l->has_dst, "to") &&
               acl_place_read(&r->in, &r->sets, "to", &r->dst, &l->has_port);
    if (strcmp(word, "port") == 0)
        return nfl_lines_fail(&r->in,
                              "port stands after from or to: to any port 80");
    if (r->policy)
        return read_first(r, word, l);
    for (first = words + 5; *first; first++)
        if (strcmp(word, *first) == 0)
            return nfl_lines_fail(&r->in,
                                  "an acl judges flows by their tuple; "
                                  "%s is for the rules of a "
                                  "StatefulFirewall",
                                  word);
    return nfl_lines_fail_word(&r->in, "no such word", word, words,
                               "in, out, proto, from or to");
}

/* What the parts together must not be. */
static bool check(struct reader *r, const struct line *l)
{
    unsigned proto = l->rule.proto;
    bool icmp = l->has_proto && (proto == 1 || proto == 58);

    if (l->has_port &&
        !(l->has_proto && (proto == 6 || proto == 17 || proto == 132)))
        return nfl_lines_fail(&r->in, "port needs proto tcp, udp or sctp");
    if (l->has_flags && !(l->has_proto && proto == 6))
        return nfl_lines_fail(&r->in, "flags needs proto tcp");
    if (l->has_type && !icmp)
        return nfl_lines_fail(&r->in, "type needs proto icmp or icmp6");
    if (l->has_code && !l->has_type)
        return nfl_lines_fail(&r->in, "code needs a type: type 3 code 13");
    return true;
}

/* ---- lines ---- */

static bool append(struct reader *r, const struct nfl_acl_rule *rule)
{
    struct nfl_acl_rules *to = r->rules;

    if (to->n == NFL_ACL_RULES_MAX)
        return nfl_lines_fail(&r->in,
                              "lists and sets make more than %d rules of what "
                              "stands up to here",
                              NFL_ACL_RULES_MAX);
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

/* The families that an address and the protocol leave: 1 IPv4, 2 IPv6. */
static unsigned families(const struct acl_net *net)
{
    return net->bits == 32 ? 1 : net->bits == 128 ? 2 : 3;
}

static unsigned of_proto(const struct line *l, unsigned left)
{
    if (left == 3 || !l->has_proto)
        return left;
    return l->rule.proto == 1    ? left & 1
           : l->rule.proto == 58 ? left & 2
                                 : left;
}

/* All ports of a pair of addresses, of one family. */
static bool append_ports(struct reader *r, struct nfl_acl_rule *rule)
{
    const struct acl_ports *s = &r->src.ports, *d = &r->dst.ports;
    unsigned i, j;

    for (i = 0; i < s->n; i++) {
        rule->sport_lo = s->of[i].lo;
        rule->sport_hi = s->of[i].hi;
        for (j = 0; j < d->n; j++) {
            rule->dport_lo = d->of[j].lo;
            rule->dport_hi = d->of[j].hi;
            if (!append(r, rule))
                return false;
        }
    }
    return true;
}

static bool append_pair(struct reader *r, struct line *l,
                        const struct acl_net *src, const struct acl_net *dst)
{
    struct nfl_acl_rule *rule = &l->rule;
    unsigned left = of_proto(l, families(src) & families(dst));

    rule->src = src->addr;
    rule->src_len = (uint8_t)src->len;
    rule->dst = dst->addr;
    rule->dst_len = (uint8_t)dst->len;
    rule->v6 = 0;
    if (left & 1 && !append_ports(r, rule))
        return false;
    rule->v6 = 1;
    return !(left & 2) || append_ports(r, rule);
}

/* Why a line says nothing of any address. */
static bool no_family(struct reader *r, const struct line *l)
{
    unsigned src = 0, dst = 0, i;

    for (i = 0; i < r->src.nets.n; i++)
        src |= families(&r->src.nets.of[i]);
    for (i = 0; i < r->dst.nets.n; i++)
        dst |= families(&r->dst.nets.of[i]);
    if (!(src & dst))
        return nfl_lines_fail(
            &r->in, "from and to are of different families: one is an "
                    "IPv4, the other an IPv6 address");
    if (l->rule.proto == 1)
        return nfl_lines_fail(&r->in,
                              "icmp is IPv4's; for IPv6 addresses write icmp6");
    return nfl_lines_fail(&r->in,
                          "icmp6 is IPv6's; for IPv4 addresses write icmp");
}

static bool append_line(struct reader *r, struct line *l)
{
    const struct acl_nets *src = &r->src.nets, *dst = &r->dst.nets;
    unsigned before = r->rules->n, i, j;

    l->rule.any_dir = !l->has_dir;
    l->rule.any_proto = !l->has_proto;
    l->rule.line = r->in.line;
    for (i = 0; i < src->n; i++)
        for (j = 0; j < dst->n; j++)
            if (!append_pair(r, l, &src->of[i], &dst->of[j]))
                return false;
    return r->rules->n > before || no_family(r, l);
}

/* What a rule, or the default, says; an acl does not reject. */
static bool read_verdict(struct reader *r, const char *word, uint8_t *deny,
                         uint8_t *reject)
{
    *reject = strcmp(word, "reject") == 0;
    *deny = *reject || strcmp(word, "deny") == 0;
    return (*deny && (r->policy || !*reject)) || strcmp(word, "allow") == 0;
}

static bool read_default(struct reader *r)
{
    const char *word = nfl_lines_word(&r->in);

    if (r->default_line)
        return nfl_lines_fail(&r->in, "there is a default already, in line %u",
                              r->default_line);
    if (!word || !read_verdict(r, word, &r->rules->default_deny,
                               &r->rules->default_reject))
        return nfl_lines_fail(&r->in,
                              r->policy ? "default needs allow, deny or reject"
                                        : "default needs allow or deny");
    r->default_line = r->in.line;
    if (nfl_lines_word(&r->in))
        return nfl_lines_fail(&r->in, "nothing may follow default %s", word);
    return true;
}

static bool read_rule(struct reader *r, const char *word)
{
    static const char *const words[] = {"allow",   "deny", "reject",
                                        "default", "set",  NULL};
    struct line l = {.has_dir = false};

    if (!read_verdict(r, word, &l.rule.deny, &l.rule.reject)) {
        if (l.rule.reject)
            return nfl_lines_fail(&r->in,
                                  "an acl allows or denies; reject is "
                                  "for the rules of a StatefulFirewall");
        return nfl_lines_fail_word(&r->in, "a rule cannot begin with", word,
                                   words,
                                   r->policy ? "allow, deny, reject, set or "
                                               "default"
                                             : "allow, deny, set or default");
    }
    acl_place_any(&r->src);
    acl_place_any(&r->dst);
    while ((word = nfl_lines_word(&r->in)) != NULL)
        if (!read_part(r, word, &l))
            return false;
    return check(r, &l) && append_line(r, &l);
}

static bool read_line(struct reader *r)
{
    const char *word = nfl_lines_word(&r->in);

    if (!word)
        return true;
    if (strcmp(word, "default") == 0)
        return read_default(r);
    if (strcmp(word, "set") == 0)
        return acl_set_read(&r->in, &r->sets);
    return read_rule(r, word);
}

/* ---- files ---- */

static struct nfl_acl_rules *read_file(struct reader *r, const char *path,
                                       char *err, size_t errlen)
{
    int more = -1;

    if (!nfl_lines_open(&r->in, path, "a rule file", err, errlen))
        return NULL;
    r->rules = calloc(1, sizeof(*r->rules));
    if (r->rules && acl_place_new(&r->src) && acl_place_new(&r->dst)) {
        r->rules->default_deny = 1;
        while ((more = nfl_lines_next(&r->in)) > 0 && read_line(r))
            continue;
    } else {
        nfl_lines_fail(&r->in, "no memory");
    }
    nfl_lines_close(&r->in);
    acl_place_free(&r->src);
    acl_place_free(&r->dst);
    acl_sets_free(&r->sets);
    if (more == 0)
        return r->rules;
    nfl_acl_free(r->rules);
    return NULL;
}

struct nfl_acl_rules *nfl_acl_read(const char *path, char *err, size_t errlen)
{
    struct reader r = {.policy = false};

    return read_file(&r, path, err, errlen);
}

struct nfl_acl_rules *nfl_policy_read(const char *path, char *err,
                                      size_t errlen)
{
    struct reader r = {.policy = true};

    return read_file(&r, path, err, errlen);
}

void nfl_acl_free(struct nfl_acl_rules *r)
{
    if (!r)
        return;
    free(r->rules);
    free(r);
}
