/* What the TCP monitor says of the segments of one connection, in the plainest
 * way: LANGUAGE.md, "The TCP monitor". It shares nothing with the runtime but
 * the names and numbers of the signs.
 *
 * Numbers are in host byte order. A side is 0, who opened the session, or 1.
 * Nothing fails for want of memory: the process ends (base/mem.h). */
#ifndef NFL_INTERP_TCP_H
#define NFL_INTERP_TCP_H

#include "base/list.h"
#include <stdbool.h>
#include <stdint.h>

enum { TCP_PIECE = 256 }; /* bytes */

enum tcp_sign { /* bits of tcp_view.signs, by number */
#define SIGN(name, number, sentence) TCP_SIGN_##name = (number),
#include <nfl/tcp_sign.def>
#undef SIGN
};
#define TCP_SIGN(name) ((uint64_t)1 << TCP_SIGN_##name)

/* Who gets the bytes that two segments have which both come early. */
enum tcp_overlap {
    TCP_OVERLAP_LINUX,
    TCP_OVERLAP_FIRST,
    TCP_OVERLAP_LAST,
    TCP_OVERLAP_BSD,
    TCP_OVERLAP_WINDOWS,
    TCP_OVERLAP_SOLARIS,
};

struct tcp_rules {                 /* of a chain */
    uint32_t ahead, keep, unacked; /* bytes of a side */
    enum tcp_overlap overlap;
    bool ignore;     /* connections that were open already */
    bool trust_sums; /* checksums are not looked at */
};

struct tcp_pool {  /* of a shard */
    uint64_t left; /* pieces */
};

struct tcp_segment {
    const uint8_t *tcp;  /* its header; it is there as a whole */
    uint32_t tcp_len;    /* bytes of header and payload, by the IP lengths; if
                            cut: that are there */
    uint32_t payload;    /* of them */
    const uint8_t *addr; /* source and destination, as in the IP header */
    unsigned addr_len;   /* of both: 8 or 32 */
    bool cut;            /* the frame is shorter than its lengths say */
    bool reuses;         /* the first one of a session that took the place of a
                            closed one of the same tuple */
};

struct tcp_view { /* pointers: until the next call for the connection */
    uint64_t signs;
    unsigned from; /* the sender */
    bool watched;  /* what follows counts only then */
    const uint8_t *fresh;
    uint32_t fresh_len;
    uint64_t fresh_offset;    /* in the stream; behind the gap */
    uint32_t gap;             /* bytes that are missing before it */
    const uint8_t *was, *now; /* if there is a conflict */
    uint32_t conflict_len;
    const uint8_t *mended; /* what its payload should have had at a place; */
    uint32_t mended_at, mended_len; /* no bytes: it has all */
    bool again;       /* of its payload, some may have been there before: */
    int64_t place;    /* of the payload in the stream: by its number alone */
    uint32_t payload; /* its bytes */
    uint64_t front;   /* what is before it was there before */
};

struct tcp_bytes {
    const uint8_t *p; /* until the next call for the connection */
    uint32_t len;
    uint32_t fresh;  /* where in them the new ones begin */
    uint64_t offset; /* of the first of them, in the stream */
};

struct tcp_change { /* bytes of a stream that an NF changed */
    unsigned by;    /* position of the NF */
    uint64_t at;    /* in the stream */
    uint32_t n;
    uint8_t *bytes;
    uint64_t pieces;
    struct tcp_change *next;
};
typedef LIST(struct tcp_change) tcp_changes; /* as they were made */

struct tcp; /* one connection */

/* `slots`: of handlers that keep bytes. rules and pool must stay. */
struct tcp *tcp_new(const struct tcp_rules *rules, struct tcp_pool *pool,
                    unsigned slots);
/* The session ends. t may be NULL. */
void tcp_free(struct tcp *t);

/* The next packet that somebody asks about. watch: a bit for each side whose
 * bytes somebody asks for. */
void tcp_segment(struct tcp *t, const struct tcp_segment *s, unsigned from,
                 unsigned watch, struct tcp_view *v);

/* A packet of the connection passes and nobody asks about it. */
void tcp_sleep(struct tcp *t);

/* Does the segment have to wait until bytes in front of it came? t may be
 * NULL. */
bool tcp_early(const struct tcp *t, const struct tcp_segment *s, unsigned from,
               unsigned watch);
/* It is held: what was sent is known, or nobody could acknowledge it. */
void tcp_hold(struct tcp *t, const struct tcp_segment *s, unsigned from);
/* It was held, and enters: it becomes no older than what its sender said
 * meanwhile. tcp: the header of s, to be written. */
void tcp_renew(const struct tcp *t, const struct tcp_segment *s, unsigned from,
               uint8_t *tcp);
/* Its number, and how many of them it has. */
uint32_t tcp_seq(const struct tcp_segment *s);
uint32_t tcp_length(const struct tcp_segment *s);
/* The next number of a side's stream; 0: it is not known. t may be NULL. */
uint32_t tcp_front(const struct tcp *t, unsigned side);

/* What the slot's owner sees with the latest segment. */
struct tcp_bytes tcp_bytes(const struct tcp *t, unsigned slot);

/* The bytes from position `at` of those on stay, for the slot's owner. False,
 * and nothing changed: there are no so many bytes, or no room. */
bool tcp_keep(struct tcp *t, unsigned slot, uint32_t at);
/* They need not stay any longer; of the latest segment's sender. */
void tcp_release(struct tcp *t, unsigned slot);

/* The NF at position `by` changes n bytes of the latest segment, from `at` in
 * the stream on. False: it cannot. */
bool tcp_write(struct tcp *t, const struct tcp_view *v, unsigned by,
               uint64_t at, const uint8_t *bytes, uint32_t n);
/* Those of a side that are remembered. */
const tcp_changes *tcp_changed(const struct tcp *t, unsigned side);
/* What lies in [at, at + n) of a change goes there. */
void tcp_lay(const struct tcp_change *c, uint8_t *to, uint64_t at, uint32_t n);
/* Memory for what an NF sees with the latest segment, from `offset` in the
 * stream on: always the same, and at first as it arrived. */
uint8_t *tcp_shown(struct tcp *t, uint64_t offset);

/* The state of a side: the numbers of the prelude's tcp_state. Closed, too, if
 * nothing is known of it. */
unsigned tcp_state(const struct tcp *t, unsigned side);

#endif
