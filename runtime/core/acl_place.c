/* Networks, ports, and sets of them, in rule files. */
#include "core/acl_place.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { MEMBERS_MAX = 65536 }; /* of a list or a set */

struct acl_set {
    struct acl_set *next;
    char *name;
    struct acl_nets nets; /* it has members of one kind */
    struct acl_ports ports;
};

/* ---- lists ---- */

static bool grow(struct nfl_lines *in, void **of, unsigned n, unsigned *room,
                 size_t size)
{
    unsigned more = *room ? 2 * *room : 8;
    void *p;

    if (n < *room)
        return true;
    if (n == MEMBERS_MAX)
        return nfl_lines_fail(in, "there is room for %d members", MEMBERS_MAX);
    p = realloc(*of, more * size);
    if (!p)
        return nfl_lines_fail(in, "no memory");
    *of = p;
    *room = more;
    return true;
}

static bool add_net(struct nfl_lines *in, struct acl_nets *to,
                    const struct acl_net *net)
{
    void *of = to->of;
    bool ok = grow(in, &of, to->n, &to->room, sizeof(*to->of));

    to->of = of;
    if (ok)
        to->of[to->n++] = *net;
    return ok;
}

static bool add_range(struct nfl_lines *in, struct acl_ports *to, unsigned lo,
                      unsigned hi)
{
    void *of = to->of;
    bool ok = grow(in, &of, to->n, &to->room, sizeof(*to->of));

    to->of = of;
    if (ok)
        to->of[to->n++] = (struct acl_range){(uint16_t)lo, (uint16_t)hi};
    return ok;
}

bool acl_place_new(struct acl_places *p)
{
    p->nets = (struct acl_nets){calloc(1, sizeof(*p->nets.of)), 0, 1};
    p->ports = (struct acl_ports){calloc(1, sizeof(*p->ports.of)), 0, 1};
    if (!p->nets.of || !p->ports.of)
        return false;
    acl_place_any(p);
    return true;
}

void acl_place_any(struct acl_places *p)
{
    p->nets.of[0] = (struct acl_net){0, 0, 0};
    p->nets.n = 1;
    p->ports.of[0] = (struct acl_range){0, 65535};
    p->ports.n = 1;
}

void acl_place_free(struct acl_places *p)
{
    free(p->nets.of);
    free(p->ports.of);
}

/* ---- networks and ports ---- */

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

static bool no_address(struct nfl_lines *in, const char *where,
                       const char *word)
{
    if (!where)
        return nfl_lines_fail(in,
                              "'%.*s' is neither an address nor a port; a set "
                              "has addresses and networks, or ports and "
                              "ranges such as 80-89",
                              NFL_WORD_SHOWN, word);
    return nfl_lines_fail(in,
                          "'%.*s' is not an address; write %s 10.0.0.0/8, "
                          "%s 2001:db8::/32 or %s any",
                          NFL_WORD_SHOWN, word, where, where, where);
}

/* where: NULL in a set */
static bool read_net(struct nfl_lines *in, const char *where, char *word,
                     struct acl_net *p)
{
    char *slash = strchr(word, '/'), net[INET6_ADDRSTRLEN];

    if (slash)
        *slash = '\0';
    if (!nfl_text_addr(word, &p->addr, &p->bits))
        return no_address(in, where, word);
    p->len = p->bits;
    if (slash && !nfl_text_number(slash + 1, p->bits, &p->len))
        return nfl_lines_fail(
            in,
            "'/%.*s' is not the length of a prefix; %s has /0 to "
            "/%u",
            NFL_WORD_SHOWN, slash + 1, p->bits == 32 ? "IPv4" : "IPv6",
            p->bits);
    if (p->addr & host_bits(p->len, p->bits))
        return nfl_lines_fail(
            in,
            "%s/%u has bits set beyond its prefix; did you mean "
            "%s/%u?",
            word, p->len,
            addr_text(p->addr & ~host_bits(p->len, p->bits), p->bits, net,
                      sizeof(net)),
            p->len);
    return true;
}

static bool read_range(struct nfl_lines *in, char *word, struct acl_ports *to)
{
    char *dash = strchr(word, '-');
    unsigned a, b;

    if (dash)
        *dash = '\0';
    if (!nfl_text_number(word, 65535, &a))
        return nfl_lines_fail(in, "port '%.*s' is not a number from 0 to 65535",
                              NFL_WORD_SHOWN, word);
    b = a;
    if (dash && !nfl_text_number(dash + 1, 65535, &b))
        return nfl_lines_fail(in, "port '%.*s' is not a number from 0 to 65535",
                              NFL_WORD_SHOWN, dash + 1);
    if (b < a)
        return nfl_lines_fail(
            in, "the ports run backwards; did you mean %u-%u?", b, a);
    return add_range(in, to, a, b);
}

/* ---- sets ---- */

static struct acl_set *find(const struct acl_sets *sets, const char *name)
{
    struct acl_set *s = sets->first;

    while (s && strcmp(s->name, name) != 0)
        s = s->next;
    return s;
}

static struct acl_set *make(struct acl_sets *sets, const char *name)
{
    struct acl_set *s = calloc(1, sizeof(*s));

    if (!s)
        return NULL;
    s->name = strdup(name);
    if (!s->name) {
        free(s);
        return NULL;
    }
    s->next = sets->first;
    sets->first = s;
    return s;
}

static bool add_member(struct nfl_lines *in, struct acl_set *s, char *word)
{
    struct acl_net net = {0, 0, 0};
    bool port = strspn(word, "0123456789-") == strlen(word);

    if (port ? s->nets.n : s->ports.n)
        return nfl_lines_fail(in,
                              "set %s has addresses and ports; make two "
                              "sets of it",
                              s->name);
    if (port)
        return read_range(in, word, &s->ports);
    return read_net(in, NULL, word, &net) && add_net(in, &s->nets, &net);
}

bool acl_set_read(struct nfl_lines *in, struct acl_sets *sets)
{
    const char *name = nfl_lines_word(in);
    char *word, *rest;
    struct acl_set *s;

    if (!name || !isalpha((unsigned char)*name))
        return nfl_lines_fail(in, "set needs a name, and then its members: set "
                                  "web 80 443");
    s = find(sets, name);
    if (!s)
        s = make(sets, name);
    if (!s)
        return nfl_lines_fail(in, "no memory");
    while ((word = nfl_lines_word(in)) != NULL) {
        for (word = strtok_r(word, ",", &rest); word;
             word = strtok_r(NULL, ",", &rest))
            if (!add_member(in, s, word))
                return false;
    }
    if (!s->nets.n && !s->ports.n)
        return nfl_lines_fail(in, "set %s has no members: set %s 10.0.0.0/8",
                              name, name);
    return true;
}

void acl_sets_free(struct acl_sets *sets)
{
    struct acl_set *s = sets->first, *next;

    for (; s; s = next) {
        next = s->next;
        free(s->name);
        free(s->nets.of);
        free(s->ports.of);
        free(s);
    }
}

/* The set that @NAME means; NULL: there is none of this kind. */
static const struct acl_set *named(struct nfl_lines *in,
                                   const struct acl_sets *sets,
                                   const char *name, bool ports)
{
    const struct acl_set *s = find(sets, name);

    if (!s)
        nfl_lines_fail(in, "there is no set '%.*s' above", NFL_WORD_SHOWN,
                       name);
    else if (ports ? s->nets.n : s->ports.n)
        nfl_lines_fail(in, "set %s is one of %s", name,
                       ports ? "addresses" : "ports");
    else
        return s;
    return NULL;
}

/* ---- places ---- */

static bool put_net(struct nfl_lines *in, const struct acl_sets *sets,
                    const char *where, char *word, struct acl_nets *to)
{
    struct acl_net net = {0, 0, 0};
    const struct acl_set *s;
    unsigned i;

    if (*word != '@')
        return (strcmp(word, "any") == 0 || read_net(in, where, word, &net)) &&
               add_net(in, to, &net);
    s = named(in, sets, word + 1, false);
    for (i = 0; s && i < s->nets.n; i++)
        if (!add_net(in, to, &s->nets.of[i]))
            return false;
    return s != NULL;
}

static bool put_port(struct nfl_lines *in, const struct acl_sets *sets,
                     char *word, struct acl_ports *to)
{
    const struct acl_set *s;
    unsigned i;

    if (*word != '@')
        return read_range(in, word, to);
    s = named(in, sets, word + 1, true);
    for (i = 0; s && i < s->ports.n; i++)
        if (!add_range(in, to, s->ports.of[i].lo, s->ports.of[i].hi))
            return false;
    return s != NULL;
}

/* [port P[-Q],...] */
static bool read_ports(struct nfl_lines *in, const struct acl_sets *sets,
                       struct acl_ports *to, bool *has_port)
{
    char *word, *rest = NULL;

    if (!nfl_lines_take(in, "port"))
        return true;
    *has_port = true;
    to->n = 0;
    word = nfl_lines_word(in);
    word = word ? strtok_r(word, ",", &rest) : NULL;
    if (!word)
        return nfl_lines_fail(in,
                              "port needs a number or a range such as 80-89");
    for (; word; word = strtok_r(NULL, ",", &rest))
        if (!put_port(in, sets, word, to))
            return false;
    return true;
}

bool acl_place_read(struct nfl_lines *in, const struct acl_sets *sets,
                    const char *where, struct acl_places *p, bool *has_port)
{
    char *word = nfl_lines_word(in), *rest = NULL;

    word = word ? strtok_r(word, ",", &rest) : NULL;
    if (!word)
        return nfl_lines_fail(in, "%s needs an address, a network or any",
                              where);
    p->nets.n = 0;
    for (; word; word = strtok_r(NULL, ",", &rest))
        if (!put_net(in, sets, where, word, &p->nets))
            return false;
    return read_ports(in, sets, &p->ports, has_port);
}
