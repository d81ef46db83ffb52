/* Options that ask for fields of headers, and classes of attacks. */
#include "snort_read.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- numbers ---- */

static const struct {
    const char *name;
    uint32_t most;
} fields[NFS_FIELDS] = {
    [NFS_DSIZE] = {"dsize", 65535},   [NFS_ITYPE] = {"itype", 255},
    [NFS_ICODE] = {"icode", 255},     [NFS_TTL] = {"ttl", 255},
    [NFS_ID] = {"id", 65535},         [NFS_IP_PROTO] = {"ip_proto", 255},
    [NFS_SEQ] = {"seq", UINT32_MAX},  [NFS_ACK] = {"ack", UINT32_MAX},
    [NFS_WINDOW] = {"window", 65535}, [NFS_FLAGS] = {"flags", 255},
};

static struct nfs_cond *new_cond(struct nfs_reader *r, enum nfs_field field)
{
    struct nfs_cond *c;

    if (r->rule->n_conds == NFS_CONDS_MAX) {
        nfs_wrong(r, "a rule has at most %d options about headers",
                  NFS_CONDS_MAX);
        return NULL;
    }
    c = &r->rule->conds[r->rule->n_conds++];
    c->field = field;
    return c;
}

static bool between(struct nfs_reader *r, struct nfs_cond *c, char *lo,
                    char *hi, bool open)
{
    const char *name = fields[c->field].name;
    uint64_t a = 0, b = fields[c->field].most;

    if (*lo && !nfs_number(r, name, lo, b, &a))
        return false;
    if (*hi && !nfs_number(r, name, hi, b, &b))
        return false;
    if (open) {
        a++;
        b--;
    }
    if (a > b || (!*lo && !*hi))
        return nfs_wrong(r, "%s: nothing lies between '%s' and '%s'", name, lo,
                         hi);
    c->lo = (uint32_t)a;
    c->hi = (uint32_t)b;
    return true;
}

/* Sets the bound beside `text`, which is beyond < or >. */
static bool beyond(struct nfs_reader *r, struct nfs_cond *c, char *text)
{
    bool less = *text == '<', equal = text[1] == '=';
    uint32_t most = fields[c->field].most;
    uint64_t n;

    if (!nfs_number(r, fields[c->field].name, nfs_trim(text + 1 + equal), most,
                    &n))
        return false;
    if (!equal && n == (less ? 0 : most))
        return nfs_wrong(r, "%s: no number is %s", fields[c->field].name, text);
    c->lo = less ? 0 : (uint32_t)n + !equal;
    c->hi = less ? (uint32_t)n - !equal : most;
    return true;
}

static bool read_range(struct nfs_reader *r, struct nfs_cond *c, char *text)
{
    char *dash = strstr(text, "<>");
    bool open = dash != NULL;

    if (!dash)
        dash = strchr(text, '-');
    if (*text == '!') {
        c->not = true;
        return read_range(r, c, nfs_trim(text + 1));
    }
    if (*text == '=')
        return read_range(r, c, nfs_trim(text + 1));
    if (dash) {
        *dash = '\0';
        return between(r, c, nfs_trim(text), nfs_trim(dash + (open ? 2 : 1)),
                       open);
    }
    if (*text == '<' || *text == '>')
        return beyond(r, c, text);
    return between(r, c, text, text, false);
}

static bool read_proto_name(struct nfs_reader *r, struct nfs_cond *c,
                            char *value)
{
    static const struct {
        const char *name;
        uint8_t number;
    } all[] = {{"icmp", 1}, {"igmp", 2}, {"tcp", 6},    {"udp", 17},
               {"gre", 47}, {"esp", 50}, {"icmp6", 58}, {"sctp", 132}};
    char *name = value + (*value == '!');

    for (unsigned i = 0; i < sizeof(all) / sizeof(all[0]); i++)
        if (strcmp(name, all[i].name) == 0) {
            c->not = name != value;
            c->lo = c->hi = all[i].number;
            return true;
        }
    return read_range(r, c, value);
}

static bool read_field(struct nfs_reader *r, const char *name, char *value)
{
    struct nfs_cond *c;
    unsigned i;

    for (i = 0; strcmp(fields[i].name, name) != 0;)
        i++;
    if (!value || !*value)
        return nfs_wrong(r, "%s: expected a value", name);
    c = new_cond(r, (enum nfs_field)i);
    if (!c)
        return false;
    return i == NFS_IP_PROTO ? read_proto_name(r, c, value)
                             : read_range(r, c, value);
}

/* ---- flags of TCP ---- */

static bool flags_of(struct nfs_reader *r, const char *text, uint32_t *flags)
{
    static const char letters[] = "FSRPAUEC";

    *flags = 0;
    for (; *text; text++) {
        const char *at = strchr(letters, *text == '2'   ? 'E'
                                         : *text == '1' ? 'C'
                                                        : *text);

        if (*text == '0')
            continue;
        if (!at)
            return nfs_wrong(r,
                             "flags are letters of FSRPAUEC, or 0; found "
                             "'%s'",
                             text);
        *flags |= 1u << (at - letters);
    }
    return true;
}

/* [+*!]FLAGS[,those that do not count] */
static bool read_flags(struct nfs_reader *r, const char *name, char *value)
{
    struct nfs_cond *c = new_cond(r, NFS_FLAGS);
    uint32_t ignored = 0;
    char *set;

    if (!c)
        return false;
    if (!value || !*value)
        return nfs_wrong(r, "%s: expected a value", name);
    set = nfs_word(&value, ',');
    c->mode = '=';
    if (strchr("+*!", set[0]))
        c->mode = *set++;
    if (!flags_of(r, set, &c->lo) ||
        (value && !flags_of(r, nfs_trim(value), &ignored)))
        return false;
    c->hi = 0xff & ~ignored;
    return true;
}

nfs_option_fn *nfs_header_option(const char *name)
{
    for (unsigned i = 0; i < NFS_FIELDS; i++)
        if (strcmp(name, fields[i].name) == 0)
            return i == NFS_FLAGS ? read_flags : read_field;
    return NULL;
}

/* ---- classes ---- */

unsigned nfs_class_find(const struct nfs_rules *rs, const char *name)
{
    for (unsigned i = 1; i < rs->n_classes; i++)
        if (strcmp(rs->classes[i].name, name) == 0)
            return i;
    return 0;
}

bool nfs_class_add(struct nfs_rules *rs, const char *name, const char *text,
                   uint32_t priority)
{
    unsigned i = nfs_class_find(rs, name);
    struct nfs_class *more, c = {strdup(name), strdup(text), priority};

    if (c.name && c.text && i > 0) {
        free(rs->classes[i].name);
        free(rs->classes[i].text);
        rs->classes[i] = c;
        return true;
    }
    more = realloc(rs->classes, (rs->n_classes + 1) * sizeof(*more));
    if (more)
        rs->classes = more;
    if (!more || !c.name || !c.text) {
        free(c.name);
        free(c.text);
        return false;
    }
    more[rs->n_classes++] = c;
    return true;
}

/* Those that rules of the field name, numbered in this order. */
bool nfs_classes_default(struct nfs_rules *rs)
{
    static const struct {
        const char *name;
        uint32_t priority;
    } all[] = {
        {"", 3},
        {"not-suspicious", 3},
        {"unknown", 3},
        {"bad-unknown", 2},
        {"attempted-recon", 2},
        {"successful-recon-limited", 2},
        {"successful-recon-largescale", 2},
        {"attempted-dos", 2},
        {"successful-dos", 2},
        {"attempted-user", 1},
        {"unsuccessful-user", 1},
        {"successful-user", 1},
        {"attempted-admin", 1},
        {"successful-admin", 1},
        {"rpc-portmap-decode", 2},
        {"shellcode-detect", 1},
        {"string-detect", 3},
        {"suspicious-filename-detect", 2},
        {"suspicious-login", 2},
        {"system-call-detect", 2},
        {"tcp-connection", 4},
        {"trojan-activity", 1},
        {"unusual-client-port-connection", 2},
        {"network-scan", 3},
        {"denial-of-service", 2},
        {"non-standard-protocol", 2},
        {"protocol-command-decode", 3},
        {"web-application-activity", 2},
        {"web-application-attack", 1},
        {"misc-activity", 3},
        {"misc-attack", 2},
        {"icmp-event", 3},
        {"inappropriate-content", 1},
        {"policy-violation", 1},
        {"default-login-attempt", 2},
        {"sdf", 2},
        {"file-format", 1},
        {"malware-cnc", 1},
        {"client-side-exploit", 1},
        {"exploit-kit", 1},
        {"credential-theft", 1},
        {"social-engineering", 2},
        {"coin-mining", 2},
        {"command-and-control", 1},
        {"domain-c2", 1},
        {"pup-activity", 2},
        {"targeted-activity", 1},
        {"external-ip-check", 2},
    };

    for (unsigned i = 0; i < sizeof(all) / sizeof(all[0]); i++)
        if (!nfs_class_add(rs, all[i].name, all[i].name, all[i].priority))
            return false;
    return true;
}
