/* One connection of the monitor, as its files share it: tcp.h. */
#ifndef NFL_INTERP_TCP_SIDE_H
#define NFL_INTERP_TCP_SIDE_H

#include "interp/tcp_head.h"
#include "interp/tcp_stream.h"

enum {
    TCP_UNKNOWN_SCALE = 14,
    TCP_FAR = 1 << 30 /* no window is wider */
};

enum tcp_state { /* numbered as the prelude's */
                 CLOSED,
                 SYN_SENT,
                 SYN_RCVD,
                 ESTABLISHED,
                 FIN_WAIT_1,
                 FIN_WAIT_2,
                 CLOSE_WAIT,
                 CLOSING,
                 LAST_ACK,
                 TIME_WAIT
};

enum tcp_seen { GOT_SYN, SYN_ACKED, SENT_FIN, GOT_FIN, FIN_ACKED };

struct tcp_side {
    enum tcp_state state;
    bool synced;         /* its numbers are known */
    bool answered;       /* it sent a SYN with ACK that counted */
    uint32_t isn;        /* of its SYN */
    uint32_t front;      /* of its stream: the next number */
    uint32_t next;       /* behind the highest it sent */
    uint32_t acked;      /* the highest acknowledgement of it */
    bool has_edge;       /* the other side's window is known */
    uint32_t edge;       /* its right edge */
    bool has_window;     /* it announced one: */
    uint32_t window;     /* the last, in bytes, */
    uint32_t widest;     /* and the widest */
    unsigned scale;      /* of what it announces */
    bool has_syn;        /* its SYN was seen: */
    struct tcp_head syn; /* options of it */
    bool has_stamp;      /* a timestamp of it counts: */
    uint32_t stamp;      /* RFC 7323: TS.Recent, at the other side */
    bool has_fin;        /* it sent a FIN: */
    uint32_t fin;        /* number of it */
    uint64_t fin_from;   /* position where its segment's place begins */
    bool fin_counts;     /* no data can take its place any more */
    bool fin_got, fin_acked;
    struct tcp_stream stream;
};

struct tcp {
    const struct tcp_rules *rules;
    bool seen;       /* a segment that counts */
    bool stale;      /* segments passed unseen */
    bool ignored;    /* for good */
    bool stamps;     /* timestamps are looked at */
    bool sack;       /* RFC 2018 is permitted */
    unsigned latest; /* sender */
    struct tcp_side side[2];
};

/* A segment at work. */
struct tcp_look {
    struct tcp *t;
    struct tcp_side *x, *y; /* sender, receiver */
    struct tcp_head h;
    const uint8_t *bytes;
    uint32_t payload;
    bool reuses;
    uint64_t signs;
    uint32_t gap, moved;
};

static inline bool tcp_less(uint32_t a, uint32_t b)
{
    return (int32_t)(a - b) < 0;
}

static inline void tcp_sign(struct tcp_look *l, uint64_t signs)
{
    l->signs |= signs;
}

static inline bool tcp_has(const struct tcp_look *l, unsigned flags)
{
    return (l->h.flags & flags) == flags;
}

/* What it sees changes the state. */
void tcp_step(struct tcp_side *s, enum tcp_seen seen);
/* A window, in bytes. */
void tcp_announce(struct tcp_side *s, uint32_t window);
/* Its latest timestamp. One of 0 does not count: hosts send it in SYNs. */
void tcp_stamp(struct tcp_side *s, uint32_t stamp);
/* The position in the stream of a number that is not before front. */
uint64_t tcp_place(const struct tcp_side *s, uint32_t seq);
/* The same of any number: less than 0 if it is before the first. The FIN has
 * no place. */
int64_t tcp_position(const struct tcp_side *s, uint32_t seq);

/* A segment without SYN or RST. */
void tcp_other(struct tcp_look *l);
/* Behind all that: what it has of bytes that came before, of so much payload,
 * and with front as it was; and what it has of new ones is remembered. */
void tcp_unacked(struct tcp_look *l, uint32_t payload, uint64_t front);

#endif
