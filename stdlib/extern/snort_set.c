/* Sets of addresses and ports: lists, ranges, negation, and $VARIABLES. */
#include "snort_read.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DEPTH_MAX = 16, PARTS_MAX = 4096 };

/* ---- variables ---- */

static struct nfs_var *find(const struct nfs_reader *r, const char *name)
{
    for (struct nfs_var *v = r->vars; v; v = v->next)
        if (strcmp(v->name, name) == 0)
            return v;
    return NULL;
}

bool nfs_var_set(struct nfs_reader *r, const char *name, const char *value,
                 bool given)
{
    struct nfs_var *v = find(r, name);
    char *text = strdup(value);

    if (!text)
        return nfs_wrong(r, "no memory");
    if (v && v->given && !given) {
        free(text);
        return true;
    }
    if (!v) {
        v = calloc(1, sizeof(*v));
        if (!v || !(v->name = strdup(name))) {
            free(v);
            free(text);
            return nfs_wrong(r, "no memory");
        }
        v->next = r->vars;
        r->vars = v;
    }
    free(v->value);
    v->value = text;
    v->given = given;
    return true;
}

void nfs_vars_default(struct nfs_reader *r)
{
    static const char *const all[][2] = {
        {"HOME_NET", "any"},
        {"EXTERNAL_NET", "any"},
        {"HTTP_SERVERS", "$HOME_NET"},
        {"SMTP_SERVERS", "$HOME_NET"},
        {"SQL_SERVERS", "$HOME_NET"},
        {"DNS_SERVERS", "$HOME_NET"},
        {"TELNET_SERVERS", "$HOME_NET"},
        {"SSH_SERVERS", "$HOME_NET"},
        {"FTP_SERVERS", "$HOME_NET"},
        {"SIP_SERVERS", "$HOME_NET"},
        {"HTTP_PORTS", "[80,8000,8008,8080]"},
        {"SHELLCODE_PORTS", "!80"},
        {"ORACLE_PORTS", "1521"},
        {"SSH_PORTS", "22"},
        {"FTP_PORTS", "21"},
        {"SIP_PORTS", "[5060,5061]"},
        {"FILE_DATA_PORTS", "[$HTTP_PORTS,110,143]"},
    };

    for (unsigned i = 0; i < sizeof(all) / sizeof(all[0]); i++)
        nfs_var_set(r, all[i][0], all[i][1], false);
}

void nfs_vars_fini(struct nfs_reader *r)
{
    struct nfs_var *v, *next;

    for (v = r->vars; v; v = next) {
        next = v->next;
        free(v->name);
        free(v->value);
        free(v);
    }
    r->vars = NULL;
}

/* ---- keys ---- */

void nfs_key(uint8_t key[NFS_KEY], const uint8_t *at, unsigned len)
{
    memset(key, 0, NFS_KEY);
    key[0] = (uint8_t)len;
    memcpy(key + 1, at, len);
}

static bool any_has(const struct nfs_set *s, const uint8_t key[NFS_KEY],
                    bool negated, bool *some)
{
    for (unsigned i = 0; i < s->n; i++) {
        if (s->parts[i].not!= negated)
            continue;
        *some = true;
        if (nfs_set_has(&s->parts[i], key) != negated)
            return true;
    }
    return false;
}

bool nfs_set_has(const struct nfs_set *s, const uint8_t key[NFS_KEY])
{
    bool some = false, has;

    if (s->leaf)
        has = memcmp(key, s->lo, NFS_KEY) >= 0 &&
              memcmp(key, s->hi, NFS_KEY) <= 0;
    else
        has = (any_has(s, key, false, &some) || !some) &&
              !any_has(s, key, true, &some);
    return has != s->not;
}

void nfs_set_fini(struct nfs_set *s)
{
    for (unsigned i = 0; i < s->n; i++)
        nfs_set_fini(&s->parts[i]);
    free(s->parts);
    s->parts = NULL;
    s->n = 0;
}

/* ---- reading ---- */

struct input {
    struct nfs_reader *r;
    const char *at;
    bool ports;
    unsigned depth;
};

static void everything(struct nfs_set *to)
{
    to->leaf = true;
    memset(to->lo, 0, NFS_KEY);
    memset(to->hi, 0xff, NFS_KEY);
}

/* The last key that has the first `bits` of an address. */
static void prefix(struct nfs_set *to, unsigned len, unsigned bits)
{
    for (unsigned i = 0; i < len * 8; i++)
        if (i >= bits) {
            to->lo[1 + i / 8] &= (uint8_t)~(0x80 >> i % 8);
            to->hi[1 + i / 8] |= (uint8_t)(0x80 >> i % 8);
        }
}

static bool read_address(struct nfs_reader *r, char *text, struct nfs_set *to)
{
    char *slash = strchr(text, '/');
    uint8_t addr[16];
    unsigned len;
    uint64_t bits;

    if (slash)
        *slash = '\0';
    len = strchr(text, ':') ? 16 : 4;
    if (inet_pton(len == 16 ? AF_INET6 : AF_INET, text, addr) != 1)
        return nfs_wrong(r, "'%s' is no address", text);
    bits = len * 8;
    if (slash &&
        !nfs_number(r, "the length of a prefix", slash + 1, len * 8, &bits))
        return false;
    nfs_key(to->lo, addr, len);
    nfs_key(to->hi, addr, len);
    prefix(to, len, (unsigned)bits);
    return true;
}

static void port_key(uint8_t key[NFS_KEY], uint64_t port)
{
    const uint8_t at[2] = {(uint8_t)(port >> 8), (uint8_t)port};

    nfs_key(key, at, 2);
}

static bool read_ports(struct nfs_reader *r, char *text, struct nfs_set *to)
{
    char *colon = strchr(text, ':');
    uint64_t lo = 0, hi = 65535;

    if (colon)
        *colon = '\0';
    if ((*text || !colon) && !nfs_number(r, "a port", text, 65535, &lo))
        return false;
    if (!colon)
        hi = lo;
    else if (colon[1] && !nfs_number(r, "a port", colon + 1, 65535, &hi))
        return false;
    if (lo > hi)
        return nfs_wrong(r, "ports %u:%u: the first is greater than the last",
                         (unsigned)lo, (unsigned)hi);
    port_key(to->lo, lo);
    port_key(to->hi, hi);
    return true;
}

static bool read_set(struct input *in, struct nfs_set *to);

static bool read_list(struct input *in, struct nfs_set *to)
{
    do {
        struct nfs_set *more = realloc(to->parts, (to->n + 1) * sizeof(*more));

        if (!more || to->n == PARTS_MAX)
            return nfs_wrong(in->r, "a list has at most %d parts", PARTS_MAX);
        to->parts = more;
        memset(&to->parts[to->n], 0, sizeof(*more));
        in->at++;
        if (!read_set(in, &to->parts[to->n++]))
            return false;
    } while (*in->at == ',');
    if (*in->at != ']')
        return nfs_wrong(in->r, "a list has no ']'");
    in->at++;
    return true;
}

/* A name, which stands for its text: what may be negated once more. */
static bool read_variable(struct input *in, const char *name,
                          struct nfs_set *to)
{
    const struct nfs_var *v = find(in->r, name);
    struct input of = {in->r, NULL, in->ports, in->depth};

    if (!v)
        return nfs_wrong(in->r,
                         "there is no variable '%s'; write a line `%s %s "
                         "...`, or give it by the parameter vars",
                         name, in->ports ? "portvar" : "ipvar", name);
    if (in->depth > DEPTH_MAX)
        return nfs_wrong(in->r, "the variable '%s' stands for itself", name);
    of.at = v->value;
    to->parts = calloc(1, sizeof(*to->parts));
    if (!to->parts)
        return nfs_wrong(in->r, "no memory");
    to->n = 1;
    if (!read_set(&of, to->parts))
        return false;
    if (*of.at)
        return nfs_wrong(in->r, "the variable '%s' is wrong at '%s'", name,
                         of.at);
    return true;
}

static bool read_one(struct input *in, struct nfs_set *to)
{
    char word[64];
    size_t n = strcspn(in->at, ",]! \t");

    snprintf(word, sizeof(word), "%.*s", (int)n, in->at);
    if (n == 0 || n >= sizeof(word))
        return nfs_wrong(in->r, "expected %s at '%.20s'",
                         in->ports ? "a port" : "an address", in->at);
    in->at += n;
    if (word[0] == '$')
        return read_variable(in, word + 1, to);
    to->leaf = true;
    if (strcmp(word, "any") == 0) {
        everything(to);
        return true;
    }
    return in->ports ? read_ports(in->r, word, to)
                     : read_address(in->r, word, to);
}

static void blanks(struct input *in)
{
    in->at += strspn(in->at, " \t");
}

static bool read_set(struct input *in, struct nfs_set *to)
{
    bool good;

    blanks(in);
    if (*in->at == '!') {
        to->not = true;
        in->at++;
        blanks(in);
    }
    in->depth++;
    if (in->depth > 2 * DEPTH_MAX)
        return nfs_wrong(in->r, "lists stand in lists too deep");
    good = *in->at == '[' ? read_list(in, to) : read_one(in, to);
    in->depth--;
    blanks(in);
    return good;
}

bool nfs_set_read(struct nfs_reader *r, const char *text, bool ports,
                  struct nfs_set *to)
{
    struct input in = {r, text, ports, 0};

    if (!read_set(&in, to))
        return false;
    if (*in.at)
        return nfs_wrong(r, "expected a comma or ']' at '%.20s'", in.at);
    return true;
}
