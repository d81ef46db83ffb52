/* A TCP header, as a segment of the monitor: tcp.h. */
#ifndef NFL_INTERP_TCP_HEAD_H
#define NFL_INTERP_TCP_HEAD_H

#include "interp/tcp.h"

enum {
    TCP_FIN = 0x01,
    TCP_SYN = 0x02,
    TCP_RST = 0x04,
    TCP_ACK = 0x10,
    TCP_URG = 0x20
};

struct tcp_head {
    uint32_t seq, ack;
    unsigned flags;
    uint32_t window; /* as it stands there */
    bool has_scale, has_stamp, has_sack;
    bool is_signed;    /* RFC 2385, RFC 5925 */
    unsigned scale;    /* at most 14: RFC 7323, 2.3 */
    uint32_t stamp;    /* TSval .. */
    unsigned stamp_at; /* .. and byte of the header where it is */
    bool malformed;    /* its options; those before the fault count */
};

void tcp_head_read(const struct tcp_segment *s, struct tcp_head *h);

/* Of a segment that is not cut. */
bool tcp_sum_right(const struct tcp_segment *s);

#endif
