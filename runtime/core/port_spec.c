/* --port NAME=KIND:ARGS */
#include "core/fail.h"
#include "core/optargs.h"
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MTU_MIN = 68, MTU_MAX = 65535 };

uint32_t nfl_port_frame_max(const struct nfl_port_spec *p)
{
    const uint32_t ethernet = 14, vlans = 2 * 4;
    uint32_t max = p->mtu + ethernet + vlans;

    return max < NFL_FRAME_MAX ? max : NFL_FRAME_MAX;
}

const char *nfl_port_names(const struct nfl_options *o, char *buf, size_t len)
{
    size_t at = 0;
    unsigned i;

    if (len)
        buf[0] = '\0';
    for (i = 0; i < o->n_ports && at < len; i++)
        at += (size_t)snprintf(buf + at, len - at, "%s%s", i ? ", " : "",
                               o->ports[i].name);
    return buf;
}

/* ---- words between commas ---- */

/* The next word of *at, malloc'ed, and *at behind its comma; *at is NULL after
 * the last word. NULL: no memory. In names, quotes at the start and the end
 * and \ in front of a comma, a quote or itself make it part of the name. */
static char *next_name(const char **at)
{
    char *word = malloc(strlen(*at) + 1);
    const char *p = *at;
    char quote = *p == '"' || *p == '\'' ? *p : '\0';
    size_t n = 0;

    if (!word)
        return NULL;
    if (quote && strchr(p + 1, quote))
        p++;
    else
        quote = '\0';
    while (*p && (quote || *p != ',')) {
        if (quote && *p == quote && (p[1] == ',' || !p[1])) {
            p++;
            break;
        }
        if (*p == '\\' && p[1] && strchr(",\\\"'", p[1]))
            p++;
        word[n++] = *p++;
    }
    word[n] = '\0';
    *at = *p == ',' ? p + 1 : NULL;
    return word;
}

/* The same as DPDK counts: a comma in brackets does not end a word. */
static char *next_argument(const char **at)
{
    const char *p;
    unsigned depth = 0;
    char *word;

    for (p = *at; *p && (depth || *p != ','); p++) {
        depth += *p == '[';
        depth -= *p == ']' && depth > 0;
    }
    word = strndup(*at, (size_t)(p - *at));
    *at = *p == ',' ? p + 1 : NULL;
    return word;
}

/* ---- captures ---- */

static bool parse_pcap(struct nfl_port_spec *s, const char *args, char *err,
                       size_t errlen)
{
    s->mtu = MTU_MAX;
    s->in = next_name(&args);
    s->out = args ? next_name(&args) : strdup("");
    if (!s->in || !s->out)
        return nfl_fail(err, errlen, "no memory");
    if (args)
        return nfl_fail(err, errlen,
                        "--port %s: more than two files; write pcap:IN,OUT, "
                        "and '\\,' for a comma in a name",
                        s->name);
    if (!*s->in && !*s->out)
        return nfl_fail(err, errlen,
                        "--port %s: pcap: names no file; write pcap:IN, "
                        "pcap:IN,OUT or pcap:,OUT",
                        s->name);
    if (!*s->in) {
        free(s->in);
        s->in = NULL;
    }
    if (!*s->out) {
        free(s->out);
        s->out = NULL;
    }
    return true;
}

/* ---- live ports ---- */

static bool parse_mtu(struct nfl_port_spec *s, const char *text, char *err,
                      size_t errlen)
{
    uint64_t mtu;

    if (!nfl_number_parse(text, MTU_MIN, MTU_MAX, &mtu))
        return nfl_fail(err, errlen,
                        "--port %s: '%s' is no MTU; write a number from %d to "
                        "%d",
                        s->name, text, MTU_MIN, MTU_MAX);
    s->mtu = (unsigned)mtu;
    return true;
}

static bool parse_promisc(struct nfl_port_spec *s, const char *text, char *err,
                          size_t errlen)
{
    if (strcmp(text, "on") != 0 && strcmp(text, "off") != 0)
        return nfl_fail(err, errlen,
                        "--port %s: promisc=%s: write promisc=on or "
                        "promisc=off",
                        s->name, text);
    s->no_promisc = strcmp(text, "off") == 0;
    return true;
}

/* Arguments for the driver, as they were written. */
static bool add_devarg(struct nfl_port_spec *s, const char *word, char *err,
                       size_t errlen)
{
    char *all = NULL;
    int n = s->devargs ? asprintf(&all, "%s,%s", s->devargs, word)
                       : asprintf(&all, "%s", word);

    if (n < 0)
        return nfl_fail(err, errlen, "no memory");
    free(s->devargs);
    s->devargs = all;
    return true;
}

/* What follows the name. */
static bool parse_setting(struct nfl_port_spec *s, const char *word, char *err,
                          size_t errlen)
{
    if (strncmp(word, "mtu=", 4) == 0)
        return parse_mtu(s, word + 4, err, errlen);
    if (strncmp(word, "promisc=", 8) == 0)
        return parse_promisc(s, word + 8, err, errlen);
    if (s->kind == NFL_PORT_VDEV || s->kind == NFL_PORT_PCI)
        return add_devarg(s, word, err, errlen);
    return nfl_fail(err, errlen,
                    "--port %s: '%s' is unknown; after the interface may "
                    "follow mtu=N and promisc=off",
                    s->name, word);
}

static bool parse_settings(struct nfl_port_spec *s, const char *args, char *err,
                           size_t errlen)
{
    bool good = true;

    while (good && args) {
        char *word = next_argument(&args);

        good = word ? parse_setting(s, word, err, errlen)
                    : nfl_fail(err, errlen, "no memory");
        free(word);
    }
    return good;
}

/* iface:, tap: and xdp: */
static bool parse_interface(struct nfl_port_spec *s, const char *args,
                            char *err, size_t errlen)
{
    const char *kind = nfl_port_kind_name(s->kind);

    if (!(s->arg = next_name(&args)))
        return nfl_fail(err, errlen, "no memory");
    if (!*s->arg)
        return nfl_fail(err, errlen,
                        "--port %s: %s: names no interface; write %s:NAME",
                        s->name, kind, kind);
    if (strlen(s->arg) >= IFNAMSIZ)
        return nfl_fail(err, errlen,
                        "--port %s: '%s' is no interface; names have at most "
                        "%d letters",
                        s->name, s->arg, IFNAMSIZ - 1);
    return parse_settings(s, args, err, errlen);
}

static bool parse_vdev(struct nfl_port_spec *s, const char *args, char *err,
                       size_t errlen)
{
    if (!(s->arg = next_argument(&args)))
        return nfl_fail(err, errlen, "no memory");
    if (!*s->arg)
        return nfl_fail(err, errlen,
                        "--port %s: vdev: names no device; write for example "
                        "vdev:net_null0",
                        s->name);
    return parse_settings(s, args, err, errlen);
}

/* DDDD:BB:DD.F of DPDK and lspci, the domain may be left out. Returns where it
 * ends; NULL: it is none. */
static const char *read_pci(const char *text, unsigned v[4])
{
    int n = -1;

    if (sscanf(text, "%4x:%2x:%2x.%1x%n", &v[0], &v[1], &v[2], &v[3], &n) < 4) {
        v[0] = 0;
        n = -1;
        if (sscanf(text, "%2x:%2x.%1x%n", &v[1], &v[2], &v[3], &n) < 3)
            return NULL;
    }
    if (n < 0 || (text[n] && text[n] != ',') || v[3] > 7 || v[2] > 31)
        return NULL;
    return text + n;
}

static bool parse_pci(struct nfl_port_spec *s, const char *args, char *err,
                      size_t errlen)
{
    unsigned v[4];
    const char *end = read_pci(args, v);

    if (!end ||
        asprintf(&s->arg, "%04x:%02x:%02x.%x", v[0], v[1], v[2], v[3]) < 0) {
        s->arg = NULL;
        return nfl_fail(err, errlen, "no memory");
    }
    return parse_settings(s, *end ? end + 1 : NULL, err, errlen);
}

static const struct kind {
    const char *name; /* in front of the colon; PCI addresses have none */
    enum nfl_port_kind kind;
    bool (*parse)(struct nfl_port_spec *, const char *, char *, size_t);
} kinds[] = {
    {"pcap", NFL_PORT_PCAP, parse_pcap},
    {"iface", NFL_PORT_IFACE, parse_interface},
    {"tap", NFL_PORT_TAP, parse_interface},
    {"xdp", NFL_PORT_XDP, parse_interface},
    {"vdev", NFL_PORT_VDEV, parse_vdev},
    {"pci", NFL_PORT_PCI, parse_pci},
};

const char *nfl_port_kind_name(enum nfl_port_kind kind)
{
    size_t i = 0;

    while (kinds[i].kind != kind)
        i++;
    return kinds[i].name;
}

/* ---- the option ---- */

static struct nfl_port_spec *find_port(const struct nfl_options *o,
                                       const char *name, size_t len)
{
    unsigned i;

    for (i = 0; i < o->n_ports; i++)
        if (strlen(o->ports[i].name) == len &&
            memcmp(o->ports[i].name, name, len) == 0)
            return &o->ports[i];
    return NULL;
}

/* And where its arguments begin. */
static const struct kind *find_kind(const char *spec, const char **args)
{
    unsigned v[4];
    size_t i, n;

    for (i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
        n = strlen(kinds[i].name);
        *args = spec + n + 1;
        if (kinds[i].kind == NFL_PORT_PCI)
            *args = spec;
        if (kinds[i].kind == NFL_PORT_PCI
                ? read_pci(spec, v) != NULL
                : strncmp(spec, kinds[i].name, n) == 0 && spec[n] == ':')
            return &kinds[i];
    }
    return NULL;
}

/* A kind that the name of a file, or of an interface, lacks; else NULL. */
static const char *kind_lacking(const char *spec, bool allow_live)
{
    static const char *const ends[] = {".pcap", ".pcapng", ".cap"};
    size_t n = strcspn(spec, ",");

    if (spec[strcspn(spec, ":")])
        return NULL;
    for (unsigned i = 0; i < sizeof(ends) / sizeof(*ends); i++) {
        size_t len = strlen(ends[i]);

        if (n > len && strncmp(spec + n - len, ends[i], len) == 0)
            return "pcap";
    }
    return allow_live && if_nametoindex(spec) ? "iface" : NULL;
}

static bool no_kind(const struct nfl_port_spec *s, const char *spec,
                    bool allow_live, char *err, size_t errlen)
{
    const char *kind = kind_lacking(spec, allow_live);

    if (kind)
        return nfl_fail(err, errlen,
                        "--port %s: '%s' does not say its kind; write --port "
                        "%s=%s:%s",
                        s->name, spec, s->name, kind, spec);
    return nfl_fail(err, errlen, "--port %s: '%s' is no %s; write %s", s->name,
                    spec, allow_live ? "kind of port" : "capture",
                    allow_live ? "pcap:IN[,OUT], iface:NAME, tap:NAME, "
                                 "xdp:NAME, vdev:ARGS or a PCI address"
                               : "pcap:IN[,OUT]");
}

bool nfl_port_parse(struct nfl_options *o, const char *arg, bool allow_live,
                    char *err, size_t errlen)
{
    const char *eq = strchr(arg, '=');
    struct nfl_port_spec *s;
    const struct kind *k;
    const char *args;
    char names[256];

    if (!eq)
        return nfl_fail(err, errlen,
                        "--port %s: does not say what the port is; write for "
                        "example --port NAME=pcap:in.pcap,out.pcap",
                        arg);
    s = find_port(o, arg, (size_t)(eq - arg));
    if (!s)
        return nfl_fail(
            err, errlen, "--port %s: no port '%.*s'; this program has ports %s",
            arg, (int)(eq - arg), arg, nfl_port_names(o, names, sizeof(names)));
    if (s->in || s->out || s->arg)
        return nfl_fail(err, errlen, "--port %s is given twice", s->name);
    k = find_kind(eq + 1, &args);
    if (!k || (!allow_live && k->kind != NFL_PORT_PCAP))
        return no_kind(s, eq + 1, allow_live, err, errlen);
    s->kind = k->kind;
    return k->parse(s, args, err, errlen);
}
