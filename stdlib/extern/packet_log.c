/* packet_log(to): lines of JSON about packets and flows. */
#include "journal.h"
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

struct record {
    uint64_t time, begin, packets, bytes;
    uint8_t src[16], dst[16]; /* of IPv4 the first four, network order */
    uint32_t len;
    uint16_t sport, dport;
    uint8_t proto, flags;
    bool v6, client, flow; /* flow: packets and bytes, else a packet */
};

static void write_record(struct journal *j, const void *record)
{
    const struct record *r = record;
    char src[INET6_ADDRSTRLEN], dst[INET6_ADDRSTRLEN];
    int family = r->v6 ? AF_INET6 : AF_INET, n;

    inet_ntop(family, r->src, src, sizeof(src));
    inet_ntop(family, r->dst, dst, sizeof(dst));
#define N(x) (unsigned long long)(x)
    fprintf(j->file,
            "{\"time_ns\": %llu, \"what\": \"%s\", \"src\": \"%s\", "
            "\"sport\": %u, \"dst\": \"%s\", \"dport\": %u, \"proto\": %u, ",
            N(r->time), r->flow ? "flow" : "packet", src, r->sport, dst,
            r->dport, r->proto);
    if (r->flow)
        n = fprintf(j->file,
                    "\"begin_ns\": %llu, \"packets\": %llu, \"bytes\": %llu}\n",
                    N(r->begin), N(r->packets), N(r->bytes));
    else
        n = fprintf(j->file, "\"from\": \"%s\", \"len\": %u, \"flags\": %u}\n",
                    r->client ? "client" : "server", r->len, r->flags);
#undef N
    if (n < 0)
        journal_lose(j, 1, "not written");
}

static uint64_t time_of(const void *record)
{
    return ((const struct record *)record)->time;
}

static const struct journal_kind kind = {
    .name = "packet_log",
    .size = sizeof(struct record),
    .time = time_of,
    .open = journal_open_json,
    .write = write_record,
};

struct nfx_packet_log *nfx_packet_log_new(const char *to, uint32_t ring,
                                          char *err, uint32_t err_size)
{
    return (struct nfx_packet_log *)journal_new(&kind, to, NULL, ring, err,
                                                err_size);
}

void nfx_packet_log_free(struct nfx_packet_log *state)
{
    journal_free((struct journal_ring *)state);
}

static bool put(struct nfx_packet_log *state, const struct record *what,
                const uint8_t *src, const uint8_t *dst, uint32_t len)
{
    struct journal_ring *ring = (struct journal_ring *)state;
    struct record *r;

    if (!journal_is(ring))
        return true;
    r = journal_room(ring);
    if (!r)
        return false;
    *r = *what;
    r->v6 = len == 16;
    memcpy(r->src, src, len);
    memcpy(r->dst, dst, len);
    journal_put(ring);
    return true;
}

bool nfx_packet_log_packet(struct nfx_packet_log *state, uint64_t time,
                           const uint8_t *src_0, uint32_t src_0_len,
                           uint16_t src_1, const uint8_t *dst_0,
                           uint32_t dst_0_len, uint16_t dst_1, uint8_t proto,
                           bool client, uint32_t len, uint8_t flags)
{
    const struct record r = {.time = time,
                             .len = len,
                             .sport = src_1,
                             .dport = dst_1,
                             .proto = proto,
                             .flags = flags,
                             .client = client};

    return src_0_len == dst_0_len && put(state, &r, src_0, dst_0, src_0_len);
}

bool nfx_packet_log_flow(struct nfx_packet_log *state, uint64_t time,
                         const uint8_t *src_0, uint32_t src_0_len,
                         uint16_t src_1, const uint8_t *dst_0,
                         uint32_t dst_0_len, uint16_t dst_1, uint8_t proto,
                         uint64_t begin, uint64_t packets, uint64_t bytes)
{
    const struct record r = {.time = time,
                             .begin = begin,
                             .packets = packets,
                             .bytes = bytes,
                             .sport = src_1,
                             .dport = dst_1,
                             .proto = proto,
                             .flow = true};

    return src_0_len == dst_0_len && put(state, &r, src_0, dst_0, src_0_len);
}
