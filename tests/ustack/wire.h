/* Packets of captures, taken apart. */
#ifndef NFL_TESTS_WIRE_H
#define NFL_TESTS_WIRE_H

#include "engine.h"
#include <stddef.h>

enum {
    FIN = 1,
    SYN = 2,
    RST = 4,
    PSH = 8,
    ACK = 16,
    URG = 32,
    IP_MAX = 65535 + 40
};

struct packet { /* an IP packet */
    uint8_t *ip;
    uint32_t len;     /* that are there */
    unsigned flow;    /* number of its connection */
    unsigned from;    /* side of its sender: 0 sent the first packet */
    unsigned tcp;     /* where its TCP header begins */
    uint32_t payload; /* bytes */
    bool first;       /* of its connection */
};

struct flow {
    uint8_t addr[32]; /* of side 0, then of side 1 */
    unsigned addr_len;
    unsigned port[2];
};

struct capture { /* TCP of a capture, in its order; each packet on the heap */
    struct packet *packet;
    size_t n;
    struct flow *flow;
    unsigned n_flows;
};

/* Big-endian numbers. */
uint32_t get(const uint8_t *p, unsigned bytes);
void put(uint8_t *p, unsigned bytes, uint32_t value);

/* An IP packet with a TCP header; false: it has none. tcp: where it begins. */
bool wire_of(const uint8_t *ip, uint32_t len, struct wire *w);
/* Makes lengths and checksums of IP and TCP right. tcp: as in struct packet. */
void wire_sums(uint8_t *ip, uint32_t len, unsigned tcp);
/* Makes the checksum right; tcp: the segment of w. */
void wire_tcp_sum(const struct wire *w, uint8_t *tcp);

/* Adds an IP packet, which is copied; false: no TCP. */
bool capture_add(struct capture *c, const uint8_t *ip, uint32_t len);
/* Ends the program if the file cannot be read. */
void capture_read(struct capture *c, const char *path);
void capture_free(struct capture *c);

/* "address.port-address.port" of what `from` sends. text: 128 bytes. */
void flow_name(const struct flow *f, unsigned from, char *text);

#endif
