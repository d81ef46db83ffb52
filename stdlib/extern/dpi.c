/* detector(flows): nDPI. It wants IP packets, so each payload gets headers of
 * its own, with sequence numbers that go on. Time is the number of packets. */
#include <ndpi_api.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { KEY = 2 * 18 + 1, MOST = 1400, ROOM = 40 + 20 + MOST };

struct flow {
    uint8_t key[KEY];
    struct ndpi_flow_struct *ndpi; /* NULL: none */
    uint32_t seq[2];               /* of the client, of the server */
};

struct nfx_detector {
    struct ndpi_detection_module_struct *ndpi;
    uint64_t packets;
    uint32_t n;
    struct flow *flows;
};

struct nfx_detector *nfx_detector_new(uint32_t flows, char *err,
                                      uint32_t err_size)
{
    struct nfx_detector *d = calloc(1, sizeof(*d));
    NDPI_PROTOCOL_BITMASK all;

    if (!d || flows == 0) {
        snprintf(err, err_size, "a detector keeps one flow or more");
        free(d);
        return NULL;
    }
    d->n = flows;
    d->flows = calloc(flows, sizeof(*d->flows));
    d->ndpi = ndpi_init_detection_module(ndpi_no_prefs);
    if (!d->flows || !d->ndpi) {
        snprintf(err, err_size, "nDPI does not start");
        free(d->flows);
        free(d);
        return NULL;
    }
    NDPI_BITMASK_SET_ALL(all);
    ndpi_set_protocol_detection_bitmask2(d->ndpi, &all);
    ndpi_finalize_initialization(d->ndpi);
    return d;
}

static void drop(struct flow *f)
{
    if (f->ndpi)
        ndpi_free_flow(f->ndpi);
    f->ndpi = NULL;
}

void nfx_detector_free(struct nfx_detector *state)
{
    for (uint32_t i = 0; i < state->n; i++)
        drop(&state->flows[i]);
    free(state->flows);
    ndpi_exit_detection_module(state->ndpi);
    free(state);
}

/* ---- flows ---- */

struct ends {
    const uint8_t *addr[2];
    uint32_t len;
    uint16_t port[2];
    uint8_t proto;
};

static void make_key(const struct ends *e, uint8_t key[KEY])
{
    memset(key, 0, KEY);
    for (unsigned i = 0; i < 2; i++) {
        memcpy(key + 18 * i, e->addr[i], e->len);
        key[18 * i + 16] = (uint8_t)(e->port[i] >> 8);
        key[18 * i + 17] = (uint8_t)e->port[i];
    }
    key[KEY - 1] = e->proto;
}

static struct flow *place(const struct nfx_detector *d, const uint8_t key[KEY])
{
    uint32_t h = 2166136261u;

    for (unsigned i = 0; i < KEY; i++)
        h = (h ^ key[i]) * 16777619u;
    return &d->flows[h % d->n];
}

static struct flow *flow_of(const struct nfx_detector *d, const struct ends *e)
{
    uint8_t key[KEY];
    struct flow *f;

    make_key(e, key);
    f = place(d, key);
    if (f->ndpi && memcmp(f->key, key, KEY) == 0)
        return f;
    drop(f);
    memcpy(f->key, key, KEY);
    f->seq[0] = f->seq[1] = 1;
    f->ndpi = ndpi_flow_malloc(SIZEOF_FLOW_STRUCT);
    if (!f->ndpi)
        return NULL;
    memset(f->ndpi, 0, SIZEOF_FLOW_STRUCT);
    return f;
}

/* ---- packets ---- */

static void put16(uint8_t *to, uint32_t v)
{
    to[0] = (uint8_t)(v >> 8);
    to[1] = (uint8_t)v;
}

static void put32(uint8_t *to, uint32_t v)
{
    put16(to, v >> 16);
    put16(to + 2, v);
}

/* The IP header of n bytes behind it, from end `from`. */
static uint32_t put_ip(uint8_t *to, const struct ends *e, unsigned from,
                       uint32_t n)
{
    if (e->len == 4) {
        to[0] = 0x45;
        put16(to + 2, 20 + n);
        to[8] = 64;
        to[9] = e->proto;
        memcpy(to + 12, e->addr[from], 4);
        memcpy(to + 16, e->addr[!from], 4);
        return 20;
    }
    to[0] = 0x60;
    put16(to + 4, n);
    to[6] = e->proto;
    to[7] = 64;
    memcpy(to + 8, e->addr[from], 16);
    memcpy(to + 24, e->addr[!from], 16);
    return 40;
}

static uint32_t put_ports(uint8_t *to, const struct ends *e, unsigned from,
                          struct flow *f, uint32_t n)
{
    put16(to, e->port[from]);
    put16(to + 2, e->port[!from]);
    if (e->proto == IPPROTO_UDP) {
        put16(to + 4, 8 + n);
        return 8;
    }
    put32(to + 4, f->seq[from]);
    put32(to + 8, f->seq[!from]);
    to[12] = 0x50;
    to[13] = 0x18; /* PSH, ACK */
    put16(to + 14, 65535);
    f->seq[from] += n;
    return 20;
}

uint16_t nfx_detector_detect(struct nfx_detector *state, const uint8_t *src_0,
                             uint32_t src_0_len, uint16_t src_1,
                             const uint8_t *dst_0, uint32_t dst_0_len,
                             uint16_t dst_1, uint8_t proto, bool client,
                             const uint8_t *payload, uint32_t payload_len)
{
    struct ends e = {{src_0, dst_0}, src_0_len, {src_1, dst_1}, proto};
    uint32_t n = payload_len < MOST ? payload_len : MOST, l4, ip;
    uint8_t packet[ROOM] = {0};
    struct flow *f;
    ndpi_protocol p;

    if (src_0_len != dst_0_len ||
        (proto != IPPROTO_TCP && proto != IPPROTO_UDP))
        return 0;
    f = flow_of(state, &e);
    if (!f)
        return 0;
    l4 = proto == IPPROTO_UDP ? 8 : 20;
    ip = put_ip(packet, &e, !client, l4 + n);
    put_ports(packet + ip, &e, !client, f, n);
    memcpy(packet + ip + l4, payload, n);
    p = ndpi_detection_process_packet(state->ndpi, f->ndpi, packet,
                                      (unsigned short)(ip + l4 + n),
                                      ++state->packets);
    return p.app_protocol ? p.app_protocol : p.master_protocol;
}

void nfx_detector_forget(struct nfx_detector *state, const uint8_t *src_0,
                         uint32_t src_0_len, uint16_t src_1,
                         const uint8_t *dst_0, uint32_t dst_0_len,
                         uint16_t dst_1, uint8_t proto)
{
    struct ends e = {{src_0, dst_0}, src_0_len, {src_1, dst_1}, proto};
    uint8_t key[KEY];
    struct flow *f;

    if (src_0_len != dst_0_len)
        return;
    make_key(&e, key);
    f = place(state, key);
    if (memcmp(f->key, key, KEY) == 0)
        drop(f);
}
