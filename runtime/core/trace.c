/* The event trace: numbers, addresses and tuples as text. */
#include "core/fail.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <nfl/trace.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- numbers ---- */

static void ipv4_text(uint32_t a, char *buf, size_t len)
{
    snprintf(buf, len, "%u.%u.%u.%u", a >> 24, a >> 16 & 255, a >> 8 & 255,
             a & 255);
}

static void ipv6_text(nfl_u128 a, char *buf, size_t len)
{
    uint8_t bytes[16];
    int i;

    for (i = 15; i >= 0; i--, a >>= 8)
        bytes[i] = (uint8_t)a;
    if (!inet_ntop(AF_INET6, bytes, buf, (socklen_t)len) && len)
        buf[0] = '\0';
}

static void int_text(nfl_u128 v, char *buf, size_t len)
{
    char digits[40];
    size_t at = sizeof(digits);

    digits[--at] = '\0';
    do {
        digits[--at] = (char)('0' + (unsigned)(v % 10));
        v /= 10;
    } while (v);
    snprintf(buf, len, "%s", digits + at);
}

static void mac_text(uint64_t v, char *buf, size_t len)
{
    unsigned b[6], i;

    for (i = 0; i < 6; i++)
        b[i] = v >> (40 - 8 * i) & 255;
    snprintf(buf, len, "%02x:%02x:%02x:%02x:%02x:%02x", b[0], b[1], b[2], b[3],
             b[4], b[5]);
}

/* An address of unknown family is told by its size. */
char *nfl_num_text(nfl_u128 v, enum nfl_fmt fmt, char *buf, size_t len)
{
    switch (fmt) {
    case NFL_FMT_BOOL:
        snprintf(buf, len, "%s", v ? "true" : "false");
        break;
    case NFL_FMT_IPV4:
        ipv4_text((uint32_t)v, buf, len);
        break;
    case NFL_FMT_IPV6:
        ipv6_text(v, buf, len);
        break;
    case NFL_FMT_MAC:
        mac_text((uint64_t)v, buf, len);
        break;
    case NFL_FMT_IPADDR:
        if (v >> 32)
            ipv6_text(v, buf, len);
        else
            ipv4_text((uint32_t)v, buf, len);
        break;
    case NFL_FMT_INT:
    default:
        int_text(v, buf, len);
    }
    return buf;
}

/* ---- tuples ---- */

static const char *proto_name(unsigned proto, char *buf, size_t len)
{
    switch (proto) {
    case IPPROTO_TCP:
        return "tcp";
    case IPPROTO_UDP:
        return "udp";
    case IPPROTO_ICMP:
        return "icmp";
    case IPPROTO_ICMPV6:
        return "icmp6";
    default:
        snprintf(buf, len, "proto-%u", proto);
        return buf;
    }
}

char *nfl_tuple_text(const struct nfl_tuple *t, char *buf, size_t len)
{
    enum nfl_fmt fmt = t->v6 ? NFL_FMT_IPV6 : NFL_FMT_IPV4;
    const char *l = t->v6 ? "[" : "", *r = t->v6 ? "]" : "";
    char src[INET6_ADDRSTRLEN], dst[INET6_ADDRSTRLEN], proto[16];

    snprintf(buf, len, "%s %s%s%s:%u > %s%s%s:%u",
             proto_name(t->proto, proto, sizeof(proto)), l,
             nfl_num_text(t->src, fmt, src, sizeof(src)), r, t->sport, l,
             nfl_num_text(t->dst, fmt, dst, sizeof(dst)), r, t->dport);
    return buf;
}

/* ---- events ---- */

void nfl_trace_event(FILE *to, uint64_t packet, uint64_t tick,
                     const char *chain, const char *nf, const char *events,
                     unsigned line, const struct nfl_tuple *flow)
{
    char text[128];

    fprintf(to, "%llu %llu %s %s %s:%u %s\n", (unsigned long long)packet,
            (unsigned long long)tick, chain, nf, events, line,
            flow ? nfl_tuple_text(flow, text, sizeof(text)) : "-");
}

void nfl_trace_emit(FILE *to, uint64_t packet, uint64_t tick, const char *chain,
                    const char *nf, const char *event, unsigned line,
                    const struct nfl_tuple *flow,
                    const struct nfl_field *fields, unsigned n)
{
    char text[128];
    unsigned i;

    fprintf(to, "%llu %llu %s %s emit %s", (unsigned long long)packet,
            (unsigned long long)tick, chain, nf, event);
    for (i = 0; i < n; i++)
        fprintf(to, "%s%s = %s%s", i ? ", " : "(", fields[i].name,
                nfl_num_text(fields[i].v, fields[i].fmt, text, sizeof(text)),
                i + 1 < n ? "" : ")");
    fprintf(to, ":%u %s\n", line,
            flow ? nfl_tuple_text(flow, text, sizeof(text)) : "-");
}

FILE *nfl_trace_open(const char *path, char *err, size_t errlen)
{
    FILE *f = fopen(path, "we");

    if (!f)
        nfl_fail(err, errlen, "cannot write the trace %s: %s", path,
                 strerror(errno));
    return f;
}

/* A device or a pipe stays. */
static void give_up(const char *path)
{
    struct stat st;

    if (stat(path, &st) == 0 && S_ISREG(st.st_mode))
        unlink(path);
}

bool nfl_trace_close(FILE *f, const char *path, bool keep, char *err,
                     size_t errlen)
{
    bool before = ferror(f) != 0;

    errno = 0;
    if (fclose(f) == 0 && !before && keep)
        return true;
    give_up(path);
    return !keep || nfl_fail(err, errlen,
                             "cannot write the trace %s: %s; nothing is left "
                             "of it",
                             path, strerror(errno ? errno : EIO));
}
