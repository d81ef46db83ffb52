/* --port NAME=KIND:ARGS */
#include "core/fail.h"
#include "core/optargs.h"
#include <net/if.h>
#include <stdlib.h>
#include <string.h>

enum { MTU_MIN = 68, MTU_MAX = 65535, MTU_ETHERNET = 1500 };

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

/* ---- kinds ---- */

static bool parse_pcap(struct nfl_port_spec *s, const char *args, char *err,
                       size_t errlen)
{
    const char *comma = strchr(args, ',');
    size_t n = comma ? (size_t)(comma - args) : strlen(args);

    if (comma && strchr(comma + 1, ','))
        return nfl_fail(err, errlen,
                        "--port %s: more than two files; write pcap:IN,OUT "
                        "(names with commas cannot be used)",
                        s->name);
    if (n == 0 && (!comma || !comma[1]))
        return nfl_fail(err, errlen,
                        "--port %s: pcap: names no file; write pcap:IN, "
                        "pcap:IN,OUT or pcap:,OUT",
                        s->name);
    s->mtu = MTU_MAX;
    if (n && !(s->in = strndup(args, n)))
        return nfl_fail(err, errlen, "no memory");
    if (comma && comma[1] && !(s->out = strdup(comma + 1)))
        return nfl_fail(err, errlen, "no memory");
    return true;
}

static bool parse_mtu(struct nfl_port_spec *s, const char *arg, char *err,
                      size_t errlen)
{
    uint64_t mtu;

    if (strncmp(arg, "mtu=", 4) != 0)
        return nfl_fail(err, errlen,
                        "--port %s: iface: does not know '%s'; write "
                        "iface:NAME or iface:NAME,mtu=N",
                        s->name, arg);
    if (!nfl_number_parse(arg + 4, MTU_MIN, MTU_MAX, &mtu))
        return nfl_fail(err, errlen,
                        "--port %s: '%s' is no MTU; write a number from %d to "
                        "%d",
                        s->name, arg + 4, MTU_MIN, MTU_MAX);
    s->mtu = (unsigned)mtu;
    return true;
}

static bool parse_iface(struct nfl_port_spec *s, const char *args, char *err,
                        size_t errlen)
{
    const char *comma = strchr(args, ',');
    size_t n = comma ? (size_t)(comma - args) : strlen(args);

    s->mtu = 0;
    if (n == 0)
        return nfl_fail(err, errlen,
                        "--port %s: iface: names no interface; write "
                        "iface:NAME",
                        s->name);
    if (n >= IFNAMSIZ)
        return nfl_fail(err, errlen,
                        "--port %s: '%.*s' is no interface; names have at "
                        "most %d letters",
                        s->name, (int)n, args, IFNAMSIZ - 1);
    if (!(s->arg = strndup(args, n)))
        return nfl_fail(err, errlen, "no memory");
    return !comma || parse_mtu(s, comma + 1, err, errlen);
}

static bool parse_vdev(struct nfl_port_spec *s, const char *args, char *err,
                       size_t errlen)
{
    s->mtu = MTU_ETHERNET;
    if (!*args)
        return nfl_fail(err, errlen,
                        "--port %s: vdev: names no device; write for example "
                        "vdev:net_null0",
                        s->name);
    s->arg = strdup(args);
    return s->arg || nfl_fail(err, errlen, "no memory");
}

static const struct kind {
    const char *prefix;
    enum nfl_port_kind kind;
    bool (*parse)(struct nfl_port_spec *, const char *, char *, size_t);
} kinds[] = {
    {"pcap:", NFL_PORT_PCAP, parse_pcap},
    {"iface:", NFL_PORT_IFACE, parse_iface},
    {"vdev:", NFL_PORT_VDEV, parse_vdev},
};

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

static const struct kind *find_kind(const char *spec)
{
    size_t i;

    for (i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
        if (strncmp(spec, kinds[i].prefix, strlen(kinds[i].prefix)) == 0)
            return &kinds[i];
    return NULL;
}

bool nfl_port_parse(struct nfl_options *o, const char *arg, bool allow_live,
                    char *err, size_t errlen)
{
    const char *eq = strchr(arg, '=');
    struct nfl_port_spec *s;
    const struct kind *k;
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
    k = find_kind(eq + 1);
    if (!k || (!allow_live && k->kind != NFL_PORT_PCAP))
        return nfl_fail(err, errlen, "--port %s: '%s' is no %s; write %s",
                        s->name, eq + 1,
                        allow_live ? "kind of port" : "capture",
                        allow_live ? "pcap:IN[,OUT], iface:NAME or vdev:ARGS"
                                   : "pcap:IN[,OUT]");
    s->kind = k->kind;
    return k->parse(s, eq + 1 + strlen(k->prefix), err, errlen);
}
