/* flow_log(to): records of flows as lines of JSON, or as IPFIX by libfixbuf.
 *
 * put() copies a record into the ring of its shard, and does no more: one
 * thread for each place writes. In a live run it writes what it finds. While
 * captures are replayed it keeps the records of each shard in a temporary file,
 * and the last one that leaves writes them all, by time: so the same ones come
 * in the same order, however many cores there were. */
#include <arpa/inet.h>
#include <errno.h>
#include <fixbuf/public.h>
#include <nfl/extern.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    TEMPLATE4 = 256,
    TEMPLATE6 = 257,
    TEMPLATES_AGAIN = 60, /* seconds, over UDP: RFC 7011, 8.4 */
    PAUSE = 1000000,      /* nanoseconds between looks at empty rings */
    PACE = 50000,         /* between messages over UDP, while all is written */
    RING_MAX = 1 << 20,
};

struct record {
    uint8_t src[16], dst[16]; /* of IPv4 the first four, network order */
    uint64_t begin, end, packets[2], bytes[2], rtt[2];
    uint32_t one_of;
    uint16_t sport, dport;
    uint8_t v6, proto, flags[2], reason;
};

/* ---- a place ---- */

struct ipfix {
    fBuf_t *buf;
    time_t templates; /* when they were sent last */
};

struct place {
    char *to;
    FILE *file; /* NULL: UDP */
    bool json, udp, offline, stop;
    struct ipfix ipfix;
    unsigned users, number; /* states; those so far */
    struct nfx_flow_log *states;
    struct spool *spools;
    uint64_t failed; /* records that could not be written */
    char why[200];
    pthread_t thread;
    struct place *next;
};

/* Records of one state that is gone or not, in a file without a name. */
struct spool {
    FILE *file; /* NULL: none so far */
    unsigned number;
    struct record first; /* while they are put in order */
    bool any;
    uint64_t key;
    struct spool *next;
};

struct nfx_flow_log {
    struct place *place; /* NULL: nowhere */
    struct record *ring;
    uint32_t size; /* a power of two */
    _Alignas(64) _Atomic uint32_t in;
    _Alignas(64) _Atomic uint32_t out;
    struct spool *spool;
    struct nfx_flow_log *next; /* of the place */
};

/* Whoever looks at a place, or at whom it serves, has this. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct place *places;

static void lose(struct place *p, uint64_t n, const char *why)
{
    p->failed += n;
    if (!p->why[0])
        snprintf(p->why, sizeof(p->why), "%s", why);
}

/* ---- JSON ---- */

static const char *reason_name(unsigned reason)
{
    static const char *const names[] = {"unknown",        "idle timeout",
                                        "active timeout", "end of flow",
                                        "forced end",     "lack of resources"};

    return names[reason < sizeof(names) / sizeof(names[0]) ? reason : 0];
}

static void write_json(struct place *p, const struct record *r)
{
    char src[INET6_ADDRSTRLEN], dst[INET6_ADDRSTRLEN];
    int family = r->v6 ? AF_INET6 : AF_INET;

    inet_ntop(family, r->src, src, sizeof(src));
    inet_ntop(family, r->dst, dst, sizeof(dst));
#define N(x) (unsigned long long)(x)
    if (fprintf(p->file,
                "{\"src\": \"%s\", \"sport\": %u, \"dst\": \"%s\", "
                "\"dport\": %u, \"proto\": %u, \"begin_ns\": %llu, "
                "\"end_ns\": %llu, \"packets\": [%llu, %llu], \"bytes\": "
                "[%llu, %llu], \"flags\": [%u, %u], \"rtt_ns\": [%llu, %llu], "
                "\"reason\": \"%s\", \"one_of\": %u}\n",
                src, r->sport, dst, r->dport, r->proto, N(r->begin), N(r->end),
                N(r->packets[0]), N(r->packets[1]), N(r->bytes[0]),
                N(r->bytes[1]), r->flags[0], r->flags[1], N(r->rtt[0]),
                N(r->rtt[1]), reason_name(r->reason), r->one_of) < 0)
        lose(p, 1, strerror(errno));
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

static bool open_ipfix(struct place *p, uint32_t enterprise, char *err,
                       uint32_t err_size)
{
    fbInfoModel_t *model = fbInfoModelAlloc();
    fbSession_t *session = fbSessionAlloc(model);
    fbExporter_t *exporter;
    GError *e = NULL;
    char *host;

    elements(model, enterprise);
    if (!add_template(session, model, TEMPLATE4, spec4, &e) ||
        !add_template(session, model, TEMPLATE6, spec6, &e)) {
        no_memory(e, "IPFIX", err, err_size);
        return false;
    }
    if (p->udp) {
        host = strdup(p->to + strlen("ipfix:udp:"));
        exporter = over_udp(host);
        free(host);
    } else {
        exporter = fbExporterAllocFP(p->file);
    }
    p->ipfix.buf = fBufAllocForExport(session, exporter);
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

static bool append(struct place *p, const struct record *r, GError **e)
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
    return fBufSetInternalTemplate(p->ipfix.buf, id, e) &&
           fBufSetExportTemplate(p->ipfix.buf, id, e) &&
           fBufAppend(p->ipfix.buf, r->v6 ? (uint8_t *)&six : (uint8_t *)&four,
                      r->v6 ? sizeof(six) : sizeof(four), e);
}

static void send_templates(struct place *p, time_t now)
{
    GError *e = NULL;

    p->ipfix.templates = now;
    if (!fbSessionExportTemplates(fBufGetSession(p->ipfix.buf), &e))
        lose(p, 0, e ? e->message : "no templates");
    g_clear_error(&e);
}

/* In a file the time of a message is that of a record of it, so that the same
 * records are the same bytes. */
static void write_ipfix(struct place *p, const struct record *r)
{
    time_t now = p->offline ? (time_t)(r->end / 1000000000) : time(NULL);
    GError *e = NULL;

    fBufSetExportTime(p->ipfix.buf, (uint32_t)now);
    if (p->ipfix.templates == 0 ||
        (p->udp && now - p->ipfix.templates >= TEMPLATES_AGAIN))
        send_templates(p, now);
    if (!append(p, r, &e))
        lose(p, 1, e ? e->message : "not written");
    g_clear_error(&e);
}

/* ---- writing ---- */

static void write_record(struct place *p, const struct record *r)
{
    if (p->json)
        write_json(p, r);
    else
        write_ipfix(p, r);
}

static void flush(struct place *p)
{
    GError *e = NULL;

    if (p->ipfix.buf && p->ipfix.templates && !fBufEmit(p->ipfix.buf, &e))
        lose(p, 0, e ? e->message : "not sent");
    g_clear_error(&e);
    if (p->file && fflush(p->file) != 0)
        lose(p, 0, strerror(errno));
}

static void keep(struct place *p, struct spool *s, const struct record *r)
{
    if (!s->file)
        s->file = tmpfile();
    if (!s->file || fwrite(r, sizeof(*r), 1, s->file) != 1)
        lose(p, 1, "no room for temporary files");
}

/* All that is in the ring. */
static bool take(struct nfx_flow_log *l)
{
    uint32_t out = atomic_load_explicit(&l->out, memory_order_relaxed);
    uint32_t in = atomic_load_explicit(&l->in, memory_order_acquire), n;

    for (n = 0; out != in; n++, out++) {
        const struct record *r = &l->ring[out & (l->size - 1)];

        if (l->place->offline)
            keep(l->place, l->spool, r);
        else
            write_record(l->place, r);
        atomic_store_explicit(&l->out, out + 1, memory_order_release);
    }
    return n > 0;
}

static void pause_for(long ns)
{
    const struct timespec t = {0, ns};

    nanosleep(&t, NULL);
}

static void *run(void *of)
{
    struct place *p = of;
    time_t flushed = 0;
    bool stop = false, some;

    while (!stop) {
        some = false;
        pthread_mutex_lock(&lock);
        for (struct nfx_flow_log *l = p->states; l; l = l->next)
            some |= take(l);
        if (!p->offline && time(NULL) != flushed) {
            flushed = time(NULL);
            flush(p);
        }
        stop = p->stop;
        pthread_mutex_unlock(&lock);
        if (!some)
            pause_for(PAUSE);
    }
    return NULL;
}

/* ---- putting in order ---- */

/* A record of a shard comes not before an earlier one of it. */
static void next_of(struct spool *s)
{
    s->any = s->file && fread(&s->first, sizeof(s->first), 1, s->file) == 1;
    if (s->any && s->first.end > s->key)
        s->key = s->first.end;
}

static struct spool *first_spool(struct place *p)
{
    struct spool *s, *first = NULL;

    for (s = p->spools; s; s = s->next)
        if (s->any && (!first || s->key < first->key ||
                       (s->key == first->key && s->number < first->number)))
            first = s;
    return first;
}

static void write_all(struct place *p)
{
    struct spool *s;
    uint64_t n = 0;

    for (s = p->spools; s; s = s->next) {
        if (s->file)
            rewind(s->file);
        next_of(s);
    }
    while ((s = first_spool(p)) != NULL) {
        write_record(p, &s->first);
        next_of(s);
        if (p->udp && ++n % 8 == 0)
            pause_for(PACE);
    }
}

static void place_free(struct place *p)
{
    struct spool *s, *next;

    for (s = p->spools; s; s = next) {
        next = s->next;
        if (s->file)
            fclose(s->file);
        free(s);
    }
    if (p->ipfix.buf)
        fBufFree(p->ipfix.buf); /* with its session and exporter */
    if (p->file && fclose(p->file) != 0)
        lose(p, 0, strerror(errno));
    if (p->why[0])
        fprintf(stderr, "flow_log %s: %s; %llu records are not there\n", p->to,
                p->why, (unsigned long long)p->failed);
    free(p->to);
    free(p);
}

/* ---- places come and go ---- */

static bool is_endpoint(const char *text)
{
    const char *colon = strrchr(text, ':');

    return colon && colon > text && colon[1];
}

static bool place_open(struct place *p, uint32_t enterprise, char *err,
                       uint32_t err_size)
{
    const char *file = strchr(p->to, ':');

    p->json = strncmp(p->to, "json:", 5) == 0;
    p->udp = strncmp(p->to, "ipfix:udp:", 10) == 0;
    if ((!p->json && strncmp(p->to, "ipfix:", 6) != 0) || !file[1] ||
        (p->udp && !is_endpoint(p->to + 10))) {
        snprintf(err, err_size,
                 "\"%s\" is none of json:FILE, ipfix:FILE and "
                 "ipfix:udp:HOST:PORT",
                 p->to);
        return false;
    }
    if (!p->udp) {
        p->file = fopen(file + 1, "we");
        if (!p->file) {
            snprintf(err, err_size, "cannot write %s: %s", file + 1,
                     strerror(errno));
            return false;
        }
    }
    return p->json || open_ipfix(p, enterprise, err, err_size);
}

/* Signals are as for whoever makes it: the runtime has blocked those that stop
 * a program, and needs others to take rights away from all threads. */
static bool start(struct place *p)
{
    return pthread_create(&p->thread, NULL, run, p) == 0;
}

static struct place *place_new(const char *to, uint32_t enterprise, char *err,
                               uint32_t err_size)
{
    struct place *p = calloc(1, sizeof(*p));

    snprintf(err, err_size, "no memory");
    if (p)
        p->to = strdup(to);
    if (!p || !p->to) {
        free(p);
        return NULL;
    }
    p->offline = nfl_offline();
    if (!place_open(p, enterprise, err, err_size) || !start(p)) {
        place_free(p);
        return NULL;
    }
    p->next = places;
    places = p;
    return p;
}

static struct place *place_get(const char *to, uint32_t enterprise, char *err,
                               uint32_t err_size)
{
    for (struct place *p = places; p; p = p->next)
        if (strcmp(p->to, to) == 0)
            return p;
    return place_new(to, enterprise, err, err_size);
}

/* The last one has left, and nobody else knows of it. */
static void place_end(struct place *p)
{
    pthread_join(p->thread, NULL);
    if (p->offline)
        write_all(p);
    flush(p);
    place_free(p);
}

static void join(struct nfx_flow_log *l, struct place *p)
{
    l->place = p;
    l->spool->number = p->number++;
    l->spool->next = p->spools;
    p->spools = l->spool;
    l->next = p->states;
    p->states = l;
    p->users++;
}

static void leave(struct nfx_flow_log *l)
{
    struct nfx_flow_log **at = &l->place->states;
    struct place **of = &places;

    take(l);
    while (*at != l)
        at = &(*at)->next;
    *at = l->next;
    if (--l->place->users > 0)
        return;
    l->place->stop = true;
    while (*of != l->place)
        of = &(*of)->next;
    *of = l->place->next;
}

/* ---- a shard's ---- */

struct nfx_flow_log *nfx_flow_log_new(const char *to, uint32_t enterprise,
                                      uint32_t ring, char *err,
                                      uint32_t err_size)
{
    struct nfx_flow_log *l = aligned_alloc(64, sizeof(*l));
    struct place *p = NULL;

    snprintf(err, err_size, "no memory");
    if (!l)
        return NULL;
    memset(l, 0, sizeof(*l));
    if (!*to)
        return l;
    for (l->size = 1; l->size < ring && l->size < RING_MAX;)
        l->size *= 2;
    l->ring = calloc(l->size, sizeof(*l->ring));
    l->spool = calloc(1, sizeof(*l->spool));
    if (l->ring && l->spool) {
        pthread_mutex_lock(&lock);
        p = place_get(to, enterprise, err, err_size);
        if (p)
            join(l, p);
        pthread_mutex_unlock(&lock);
    }
    if (p)
        return l;
    free(l->spool);
    free(l->ring);
    free(l);
    return NULL;
}

void nfx_flow_log_free(struct nfx_flow_log *state)
{
    struct place *p = state->place;
    bool last = false;

    if (p) {
        pthread_mutex_lock(&lock);
        leave(state);
        last = p->users == 0;
        pthread_mutex_unlock(&lock);
    }
    if (last)
        place_end(p);
    free(state->ring);
    free(state);
}

/* A place in the ring, or NULL; a replay waits for one. */
static struct record *room(struct nfx_flow_log *l, uint32_t in)
{
    while (in - atomic_load_explicit(&l->out, memory_order_acquire) ==
           l->size) {
        if (!l->place->offline)
            return NULL;
        pause_for(PACE);
    }
    return &l->ring[in & (l->size - 1)];
}

bool nfx_flow_log_put(struct nfx_flow_log *state, const uint8_t *src_0,
                      uint32_t src_0_len, uint16_t src_1, const uint8_t *dst_0,
                      uint32_t dst_0_len, uint16_t dst_1, uint8_t proto,
                      uint64_t begin, uint64_t end, uint64_t packets_0,
                      uint64_t packets_1, uint64_t bytes_0, uint64_t bytes_1,
                      uint8_t flags_0, uint8_t flags_1, uint64_t rtt_0,
                      uint64_t rtt_1, uint8_t reason, uint32_t one_of)
{
    uint32_t in;
    struct record *r;

    if (!state->place)
        return true;
    in = atomic_load_explicit(&state->in, memory_order_relaxed);
    r = room(state, in);
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
    atomic_store_explicit(&state->in, in + 1, memory_order_release);
    return true;
}
