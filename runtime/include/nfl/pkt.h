/* A packet as emitted code sees it: a descriptor, never an mbuf. The frame is
 * linear. Whoever owns the buffer (runtime/io, or a heap block in tests) fills
 * it before and reads it after. */
#ifndef NFL_PKT_H
#define NFL_PKT_H

#include <stdint.h>

#define NFL_BURST    32     /* packets handled at a time */
#define NFL_OUT_DROP 0xffff /* nfl_pkt.out of a dropped packet */

enum nfl_origin { NFL_ARRIVED, NFL_GENERATED, NFL_TURNED };

struct nfl_pkt {
    uint8_t *data;     /* first byte of the frame */
    uint32_t len;      /* bytes of the frame, without check sequence */
    uint16_t headroom; /* bytes that may be written before data */
    uint16_t port;     /* index of the port where it arrived */
    union {
        uint16_t out;   /* result: port where it leaves, or NFL_OUT_DROP */
        uint16_t sport; /* until then, of a later fragment: its flow's */
    };
    union {
        uint16_t reason; /* result: why it was dropped; nfl_drop or module's */
        uint16_t dport;  /* until then, of a later fragment: its flow's */
    };
    uint8_t sum_good; /* 1: the device found the checksum of its IPv4 header
                         right; nothing else is taken from that */
    uint8_t origin;   /* nfl_origin: it came in, an NF made it, or it came in
                         and turned around at an NF: made.h */
    uint8_t later;    /* 1: a later fragment, its first one is known: sport,
                         dport and proto are what that one gave its flow */
    uint8_t proto;    /* of a later fragment */
    uint64_t time;    /* arrival, nanoseconds since 1970 */
    uint64_t number;  /* in the order of input, from 1; 0: the worker counts */
    void *buffer;     /* of the owner */
    uint32_t cut_id;  /* of the fragments as which it leaves, in IPv6 */
    uint16_t cut;     /* bytes that their IP packets have at most; 0: it leaves
                         as it is */
    uint8_t joined;   /* 1: it came in fragments, and they had that id */
};

#endif
