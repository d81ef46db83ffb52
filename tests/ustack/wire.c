#include "wire.h"
#include <arpa/inet.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TCP = 6, HEADER = 20 };

uint32_t get(const uint8_t *p, unsigned bytes)
{
    uint32_t v = 0;

    while (bytes-- > 0)
        v = v << 8 | *p++;
    return v;
}

void put(uint8_t *p, unsigned bytes, uint32_t value)
{
    while (bytes-- > 0)
        *p++ = (uint8_t)(value >> 8 * bytes);
}

/* ---- packets ---- */

/* Where the TCP header begins; 0: nowhere. *end: behind the packet, by the
 * lengths. */
static uint32_t tcp_at(const uint8_t *ip, uint32_t len, uint32_t *end)
{
    uint32_t at;
    uint8_t next;

    if (len < 20)
        return 0;
    if (ip[0] >> 4 == 4) {
        at = (ip[0] & 15u) * 4;
        *end = get(ip + 2, 2);
        return ip[9] == TCP && !(get(ip + 6, 2) & 0x3fff) ? at : 0;
    }
    if (ip[0] >> 4 != 6 || len < 40)
        return 0;
    *end = 40 + get(ip + 4, 2);
    next = ip[6];
    at = 40;
    while ((next == 0 || next == 43 || next == 60) && at + 8 <= len) {
        next = ip[at];
        at += 8 + ip[at + 1] * 8u;
    }
    return next == TCP ? at : 0;
}

bool wire_of(const uint8_t *ip, uint32_t len, struct wire *w)
{
    uint32_t end = 0, at = tcp_at(ip, len, &end), header;

    memset(w, 0, sizeof(*w));
    if (!at || at + HEADER > len || at + HEADER > end)
        return false;
    header = (ip[at + 12] >> 4) * 4u;
    if (header < HEADER || at + header > len || at + header > end)
        return false;
    w->cut = len < end;
    w->tcp = ip + at;
    w->tcp_len = (w->cut ? len : end) - at;
    w->payload = w->tcp_len - header;
    w->addr = ip[0] >> 4 == 4 ? ip + 12 : ip + 8;
    w->addr_len = ip[0] >> 4 == 4 ? 8 : 32;
    return true;
}

static uint32_t sum(const uint8_t *p, uint32_t n)
{
    uint32_t all = 0;

    for (uint32_t i = 0; i < n; i++)
        all += (uint32_t)p[i] << (i % 2 ? 0 : 8);
    return all;
}

static uint32_t folded(uint32_t n)
{
    while (n >> 16)
        n = (n & 0xffff) + (n >> 16);
    return ~n & 0xffff;
}

void wire_sums(uint8_t *ip, uint32_t len, unsigned tcp)
{
    bool v4 = ip[0] >> 4 == 4;
    uint32_t n = len - tcp;

    if (v4) {
        put(ip + 2, 2, len);
        put(ip + 10, 2, 0);
        put(ip + 10, 2, folded(sum(ip, tcp)));
    } else {
        put(ip + 4, 2, len - 40);
    }
    put(ip + tcp + 16, 2, 0);
    put(ip + tcp + 16, 2,
        folded(sum(ip + tcp, n) + sum(ip + (v4 ? 12 : 8), v4 ? 8 : 32) + TCP +
               n));
}

void wire_tcp_sum(const struct wire *w, uint8_t *tcp)
{
    put(tcp + 16, 2, 0);
    put(tcp + 16, 2,
        folded(sum(tcp, w->tcp_len) + sum(w->addr, w->addr_len) + TCP +
               w->tcp_len));
}

/* ---- captures ---- */

static bool same(const struct flow *f, const struct wire *w, unsigned from)
{
    unsigned half = f->addr_len / 2;

    return f->addr_len == w->addr_len && f->port[from] == get(w->tcp, 2) &&
           f->port[!from] == get(w->tcp + 2, 2) &&
           !memcmp(f->addr + from * half, w->addr, half) &&
           !memcmp(f->addr + !from * half, w->addr + half, half);
}

static unsigned flow_of(struct capture *c, const struct wire *w, unsigned *from)
{
    struct flow *f;

    for (unsigned i = 0; i < c->n_flows; i++)
        for (*from = 0; *from < 2; ++*from)
            if (same(&c->flow[i], w, *from))
                return i;
    c->flow = realloc(c->flow, (c->n_flows + 1) * sizeof(*c->flow));
    f = &c->flow[c->n_flows];
    memset(f, 0, sizeof(*f));
    f->addr_len = w->addr_len;
    memcpy(f->addr, w->addr, w->addr_len);
    f->port[0] = get(w->tcp, 2);
    f->port[1] = get(w->tcp + 2, 2);
    *from = 0;
    return c->n_flows++;
}

bool capture_add(struct capture *c, const uint8_t *ip, uint32_t len)
{
    unsigned flows = c->n_flows;
    struct packet *p;
    struct wire w;

    if (!wire_of(ip, len, &w))
        return false;
    c->packet = realloc(c->packet, (c->n + 1) * sizeof(*c->packet));
    p = &c->packet[c->n++];
    p->ip = malloc(len);
    memcpy(p->ip, ip, len);
    p->len = len;
    p->flow = flow_of(c, &w, &p->from);
    p->tcp = (unsigned)(w.tcp - ip);
    p->payload = w.payload;
    p->first = p->flow == flows;
    return true;
}

/* The IP packet of a frame; 0: it has none. */
static uint32_t ip_at(const uint8_t *frame, uint32_t len)
{
    uint32_t at = 12;

    while (at + 2 <= len &&
           (get(frame + at, 2) == 0x8100 || get(frame + at, 2) == 0x88a8))
        at += 4;
    if (at + 2 > len ||
        (get(frame + at, 2) != 0x0800 && get(frame + at, 2) != 0x86dd))
        return 0;
    return at + 2;
}

/* Behind the lengths, a frame has nothing but padding. */
static uint32_t without_padding(const uint8_t *ip, uint32_t len)
{
    uint32_t end = 0;

    return tcp_at(ip, len, &end) && end < len ? end : len;
}

void capture_read(struct capture *c, const char *path)
{
    char why[PCAP_ERRBUF_SIZE];
    pcap_t *in = pcap_open_offline(path, why);
    struct pcap_pkthdr *h;
    const uint8_t *frame;
    uint32_t at;

    if (!in || pcap_datalink(in) != DLT_EN10MB) {
        fprintf(stderr, "%s: %s\n", path, in ? "not of Ethernet" : why);
        exit(1);
    }
    while (pcap_next_ex(in, &h, &frame) == 1) {
        at = ip_at(frame, h->caplen);
        if (at)
            capture_add(c, frame + at,
                        without_padding(frame + at, h->caplen - at));
    }
    pcap_close(in);
}

void capture_free(struct capture *c)
{
    for (size_t i = 0; i < c->n; i++)
        free(c->packet[i].ip);
    free(c->packet);
    free(c->flow);
    memset(c, 0, sizeof(*c));
}

void flow_name(const struct flow *f, unsigned from, char *text)
{
    int family = f->addr_len == 8 ? AF_INET : AF_INET6;
    unsigned half = f->addr_len / 2;
    char addr[2][INET6_ADDRSTRLEN];

    for (unsigned i = 0; i < 2; i++)
        inet_ntop(family, f->addr + (i ? !from : from) * half, addr[i],
                  sizeof(addr[i]));
    snprintf(text, 128, "%s.%u-%s.%u", addr[0], f->port[from], addr[1],
             f->port[!from]);
}
