/* flow_log(to): records of flows as lines of JSON, or as IPFIX by libfixbuf;
 * journal.h has how they get there. */
#include "journal.h"
#include <arpa/inet.h>
#include <errno.h>
#include <fixbuf/public.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    TEMPLATE4 = 256,
    TEMPLATE6 = 257,
    TEMPLATES_AGAIN = 60, /* seconds, over UDP: RFC 7011, 8.4 */
};

struct record {
    uint8_t src[16], dst[16]; /* of IPv4 the first four, network order */
    uint64_t begin, end, packets[2], bytes[2], rtt[2];
    uint32_t one_of;
    uint16_t sport, dport;
    uint8_t v6, proto, flags[2], reason;
};

struct ipfix {
    fBuf_t *buf;
    time_t templates; /* when they were sent last */
    bool udp;
};

/* ---- JSON ---- */

static const char *reason_name(unsigned reason)
{
    static const char *const names[] = {"unknown",        "idle timeout",
                                        "active timeout", "end of flow",
                                        "forced end",     "lack of resources"};

    return names[reason < sizeof(names) / sizeof(names[0]) ? reason : 0];
}

static void write_json(struct journal *j, const struct record *r)
{
    char src[INET6_ADDRSTRLEN], dst[INET6_ADDRSTRLEN];
    int family = r->v6 ? AF_INET6 : AF_INET;

    inet_ntop(family, r->src, src, sizeof(src));
    inet_ntop(family, r->dst, dst, sizeof(dst));
#define N(x) (unsigned long long)(x)
    if (fprintf(j->file,
                "{\"src\": \"%s\", \"sport\": %u, \"dst\": \"%s\", "
                "\"dport\": %u, \"proto\": %u, \"begin_ns\": %llu, "
                "\"end_ns\": %llu, \"packets\": [%llu, %llu], \"bytes\": "
                "[%llu, %llu], \"flags\": [%u, %u], \"rtt_ns\": [%llu, %llu], "
                "\"reason\": \"%s\", \"one_of\": %u}\n",
                src, r->sport, dst, r->dport, r->proto, N(r->begin), N(r->end),
                N(r->packets[0]), N(r->packets[1]), N(r->bytes[0]),
                N(r->bytes[1]), r->flags[0], r->flags[1], N(r->rtt[0]),
                N(r->rtt[1]), reason_name(r->reason), r->one_of) < 0)
        journal_lose(j, 1, strerror(errno));
#undef N
}

/* ---- IPFIX ---- */

/* As the templates below say: no holes, numbers in host order. */
struct __attribute__((packed)) common {
    uint64_t begin, end; /* milliseconds since 1970 */
    uint64_t bytes, bytes_back, packets, packets_back, rtt[2];
    uint32_t sampled, of;
    uint16_t sport, dport, flags, flags_back;
    uint8_t proto, reason, direction;
};

struct __attribute__((packed)) out4 {
    uint32_t src, dst;
    struct common c;
};

struct __attribute__((packed)) out6 {
    uint8_t src[16], dst[16];
    struct common c;
};

static fbInfoElementSpec_t spec4[] = {{"sourceIPv4Address", 4, 0},
                                      {"destinationIPv4Address", 4, 0},
                                      FB_IESPEC_NULL};
static fbInfoElementSpec_t spec6[] = {{"sourceIPv6Address", 16, 0},
                                      {"destinationIPv6Address", 16, 0},
                                      FB_IESPEC_NULL};
static fbInfoElementSpec_t spec[] = {
    {"flowStartMilliseconds", 8, 0}, {"flowEndMilliseconds", 8, 0},
    {"octetDeltaCount", 8, 0},       {"reverseOctetDeltaCount", 8, 0},
    {"packetDeltaCount", 8, 0},      {"reversePacketDeltaCount", 8, 0},
    {"handshakeToResponder", 8, 0},  {"handshakeToInitiator", 8, 0},
    {"samplingSize", 4, 0},          {"samplingPopulation", 4, 0},
    {"sourceTransportPort", 2, 0},   {"destinationTransportPort", 2, 0},
    {"tcpControlBits", 2, 0},        {"reverseTcpControlBits", 2, 0},
    {"protocolIdentifier", 1, 0},    {"flowEndReason", 1, 0},
    {"biflowDirection", 1, 0},       FB_IESPEC_NULL};

/* Both the form of records here and that of those sent. */
static bool add_template(fbSession_t *s, fbInfoModel_t *model, uint16_t id,
                         fbInfoElementSpec_t *addresses, GError **err)
{
    for (int own = 0; own < 2; own++) {
        fbTemplate_t *t = fbTemplateAlloc(model);

        if (!fbTemplateAppendSpecArray(t, addresses, UINT32_MAX, err) ||
            !fbTemplateAppendSpecArray(t, spec, UINT32_MAX, err) ||
            !fbSessionAddTemplate(s, own, id, t, err))
            return false;
    }
    return true;
}

static void elements(fbInfoModel_t *model, uint32_t enterprise)
{
    fbInfoElement_t own[] = {
        FB_IE_INIT("handshakeToResponder", enterprise, 1, 8,
                   FB_IE_F_ENDIAN | FB_IE_QUANTITY | FB_UNITS_NANOSECONDS),
        FB_IE_INIT("handshakeToInitiator", enterprise, 2, 8,
                   FB_IE_F_ENDIAN | FB_IE_QUANTITY | FB_UNITS_NANOSECONDS),
    };

    fbInfoModelAddElement(model, &own[0]);
    fbInfoModelAddElement(model, &own[1]);
}

static void no_memory(GError *err, const char *what, char *to, uint32_t size)
{
    snprintf(to, size, "%s: %s", what, err ? err->message : "no memory");
    g_clear_error(&err);
}

/* host:port becomes an exporter. The spec's texts are copied by it. */
static fbExporter_t *over_udp(char *host)
{
    char *port = strrchr(host, ':');
    fbConnSpec_t to = FB_CONNSPEC_INIT;

    *port = '\0';
    if (*host == '[' && port[-1] == ']') {
        port[-1] = '\0';
        host++;
    }
    to.transport = FB_UDP;
    to.host = host;
    to.svc = port + 1;
    return fbExporterAllocNet(&to);
}

static bool open_ipfix(struct journal *j, uint32_t enterprise, char *err,
                       uint32_t err_size)
{
    fbInfoModel_t *model = fbInfoModelAlloc();
    fbSession_t *session = fbSessionAlloc(model);
    struct ipfix *i = calloc(1, sizeof(*i));
    fbExporter_t *exporter;
    GError *e = NULL;
    char *host;

    if (!i)
        return false;
    elements(model, enterprise);
    if (!add_template(session, model, TEMPLATE4, spec4, &e) ||
        !add_template(session, model, TEMPLATE6, spec6, &e)) {
        no_memory(e, "IPFIX", err, err_size);
        free(i);
        return false;
    }
    i->udp = !j->file;
    if (i->udp) {
        host = strdup(j->to + strlen("ipfix:udp:"));
        exporter = over_udp(host);
        free(host);
    } else {
        exporter = fbExporterAllocFP(j->file);
    }
    i->buf = fBufAllocForExport(session, exporter);
    j->own = i;
    return true;
}

static struct common common_of(const struct record *r)
{
    return (struct common){
        .begin = r->begin / 1000000,
        .end = r->end / 1000000,
        .bytes = r->bytes[0],
        .bytes_back = r->bytes[1],
        .packets = r->packets[0],
        .packets_back = r->packets[1],
        .rtt = {r->rtt[0], r->rtt[1]},
        .sampled = 1,
        .of = r->one_of,
        .sport = r->sport,
        .dport = r->dport,
        .flags = r->flags[0],
        .flags_back = r->flags[1],
        .proto = r->proto,
        .reason = r->reason,
        .direction = 1, /* RFC 5103: the source is who began */
    };
}

static bool append(const struct ipfix *i, const struct record *r, GError **e)
{
    struct out4 four = {.c = common_of(r)};
    struct out6 six = {.c = four.c};
    uint16_t id = r->v6 ? TEMPLATE6 : TEMPLATE4;
    uint32_t src, dst;

    memcpy(&src, r->src, 4);
    memcpy(&dst, r->dst, 4);
    four.src = ntohl(src);
    four.dst = ntohl(dst);
    memcpy(six.src, r->src, 16);
    memcpy(six.dst, r->dst, 16);
    return fBufSetInternalTemplate(i->buf, id, e) &&
           fBufSetExportTemplate(i->buf, id, e) &&
           fBufAppend(i->buf, r->v6 ? (uint8_t *)&six : (uint8_t *)&four,
                      r->v6 ? sizeof(six) : sizeof(four), e);
}

static void send_templates(struct journal *j, time_t now)
{
    struct ipfix *i = j->own;
    GError *e = NULL;

    i->templates = now;
    if (!fbSessionExportTemplates(fBufGetSession(i->buf), &e))
        journal_lose(j, 0, e ? e->message : "no templates");
    g_clear_error(&e);
}

/* In a file the time of a message is that of a record of it, so that the same
 * records are the same bytes. */
static void write_ipfix(struct journal *j, const struct record *r)
{
    time_t now = j->offline ? (time_t)(r->end / 1000000000) : time(NULL);
    struct ipfix *i = j->own;
    GError *e = NULL;

    fBufSetExportTime(i->buf, (uint32_t)now);
    if (i->templates == 0 || (i->udp && now - i->templates >= TEMPLATES_AGAIN))
        send_templates(j, now);
    if (!append(i, r, &e))
        journal_lose(j, 1, e ? e->message : "not written");
    g_clear_error(&e);
}

/* ---- a place ---- */

static bool is_endpoint(const char *text)
{
    const char *colon = strrchr(text, ':');

    return colon && colon > text && colon[1];
}

static bool open_place(struct journal *j, const void *enterprise, char *err,
                       uint32_t err_size)
{
    const char *file = strchr(j->to, ':');
    bool udp = strncmp(j->to, "ipfix:udp:", 10) == 0;

    if (strncmp(j->to, "json:", 5) == 0 && j->to[5])
        return journal_open_json(j, NULL, err, err_size);
    if (strncmp(j->to, "ipfix:", 6) != 0 || !file[1] ||
        (udp && !is_endpoint(j->to + 10))) {
        snprintf(err, err_size,
                 "\"%s\" is none of json:FILE, ipfix:FILE and "
                 "ipfix:udp:HOST:PORT",
                 j->to);
        return false;
    }
    if (!udp) {
        j->file = fopen(file + 1, "we");
        if (!j->file) {
            snprintf(err, err_size, "cannot write %s: %s", file + 1,
                     strerror(errno));
            return false;
        }
    }
    j->pace = udp;
    return open_ipfix(j, *(const uint32_t *)enterprise, err, err_size);
}

static void write_record(struct journal *j, const void *r)
{
    if (j->own)
        write_ipfix(j, r);
    else
        write_json(j, r);
}

static void flush_place(struct journal *j)
{
    const struct ipfix *i = j->own;
    GError *e = NULL;

    if (i && i->templates && !fBufEmit(i->buf, &e))
        journal_lose(j, 0, e ? e->message : "not sent");
    g_clear_error(&e);
}

static void close_place(struct journal *j)
{
    struct ipfix *i = j->own;

    if (i)
        fBufFree(i->buf); /* with its session and exporter */
    free(i);
}

static uint64_t time_of(const void *record)
{
    return ((const struct record *)record)->end;
}

static const struct journal_kind kind = {
    "flow_log",   sizeof(struct record), time_of,    open_place,
    write_record, flush_place,           close_place};

/* ---- a shard's ---- */

struct nfx_flow_log *nfx_flow_log_new(const char *to, uint32_t enterprise,
                                      uint32_t ring, char *err,
                                      uint32_t err_size)
{
    return (struct nfx_flow_log *)journal_new(&kind, to, &enterprise, ring, err,
                                              err_size);
}

void nfx_flow_log_free(struct nfx_flow_log *state)
{
    journal_free((struct journal_ring *)state);
}

bool nfx_flow_log_put(struct nfx_flow_log *state, const uint8_t *src_0,
                      uint32_t src_0_len, uint16_t src_1, const uint8_t *dst_0,
                      uint32_t dst_0_len, uint16_t dst_1, uint8_t proto,
                      uint64_t begin, uint64_t end, uint64_t packets_0,
                      uint64_t packets_1, uint64_t bytes_0, uint64_t bytes_1,
                      uint8_t flags_0, uint8_t flags_1, uint64_t rtt_0,
                      uint64_t rtt_1, uint8_t reason, uint32_t one_of)
{
    struct journal_ring *ring = (struct journal_ring *)state;
    struct record *r;

    if (!journal_is(ring))
        return true;
    r = journal_room(ring);
    if (!r)
        return false;
    *r = (struct record){
        .begin = begin,
        .end = end,
        .packets = {packets_0, packets_1},
        .bytes = {bytes_0, bytes_1},
        .rtt = {rtt_0, rtt_1},
        .one_of = one_of,
        .sport = src_1,
        .dport = dst_1,
        .v6 = src_0_len == 16,
        .proto = proto,
        .flags = {flags_0, flags_1},
        .reason = reason,
    };
    memcpy(r->src, src_0, src_0_len);
    memcpy(r->dst, dst_0, dst_0_len);
    journal_put(ring);
    return true;
}
