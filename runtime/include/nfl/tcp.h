/* The TCP monitor: what the segments of a connection say, and its two streams
 * of bytes (LANGUAGE.md, "The TCP monitor"; RFC 9293, 7323, 5961). It watches:
 * nothing is sent, held or changed.
 *
 * All numbers are in host byte order, sequence numbers modulo 2^32, lengths in
 * bytes. A side is 0, who opened the session, or 1. A connection and its pool
 * belong to one thread, the owner of the shard. Per segment the work is
 * bounded, and nothing is allocated: bytes that come early, or are kept, lie in
 * pieces of the pool, and where there is none the signs say so. */
#ifndef NFL_TCP_H
#define NFL_TCP_H

#include <nfl/flow_bytes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum {
    NFL_TCP_ISLANDS = 32,     /* segments of a side that wait for others */
    NFL_TCP_RANGES = 31,      /* the same, where their bytes are not stored */
    NFL_TCP_LARGEST = 1 << 16 /* no segment has so many bytes */
};

enum nfl_tcp_sign { /* bits of nfl_tcp_view.signs, by number */
#define SIGN(name, number, sentence) NFL_TCP_SIGN_##name = (number),
#include <nfl/tcp_sign.def>
#undef SIGN
};
#define NFL_TCP_SIGN(name) ((uint64_t)1 << NFL_TCP_SIGN_##name)

/* Whose are the bytes that two early segments have. */
enum nfl_tcp_overlap {
    NFL_TCP_LINUX,
    NFL_TCP_FIRST,
    NFL_TCP_LAST,
    NFL_TCP_BSD,
    NFL_TCP_WINDOWS,
    NFL_TCP_SOLARIS
};

/* RFC 9293, 3.3.2; LISTEN is never seen. The last two are of both sides. */
enum nfl_tcp_state {
    NFL_TCP_NEW, /* nothing was seen yet */
    NFL_TCP_SYN_SENT,
    NFL_TCP_SYN_RCVD,
    NFL_TCP_ESTABLISHED,
    NFL_TCP_FIN_WAIT_1,
    NFL_TCP_FIN_WAIT_2,
    NFL_TCP_CLOSE_WAIT,
    NFL_TCP_CLOSING,
    NFL_TCP_LAST_ACK,
    NFL_TCP_TIME_WAIT,
    NFL_TCP_CLOSED,
    NFL_TCP_STALE,  /* nobody asked for a while */
    NFL_TCP_IGNORED /* it was open already */
};

struct nfl_tcp_rules {  /* of a chain, constant */
    uint32_t ahead;     /* bytes beyond the frontier that are stored */
    uint32_t keep;      /* bytes of a side that NFs may keep */
    uint32_t unacked;   /* bytes of a side that are remembered */
    uint8_t overlap;    /* enum nfl_tcp_overlap */
    uint8_t midstream;  /* 1: what was open already is ignored */
    uint8_t trust_sums; /* 1: checksums are not looked at */
};

/* A side, as seen so far: what it sent, and what the peer said of that. */
struct nfl_tcp_side {
    uint64_t offset;    /* of `front` in its stream; gaps count */
    uint32_t front;     /* the next sequence number of its stream */
    uint32_t next;      /* behind the highest valid one it sent */
    uint32_t acked;     /* the highest acknowledgement of it */
    uint32_t edge;      /* of the window that it may use */
    uint32_t ts_recent; /* RFC 7323, 4.3 */
    uint32_t window;    /* that it announced last, scaled; ~0: none yet */
    uint32_t widest;    /* that it announced */
    uint32_t isn;
    uint32_t fin;      /* the sequence number of its FIN */
    uint32_t islands;  /* first stored segment, or ranges; 0: none */
    uint32_t kept;     /* last piece of the ring of what NFs keep */
    uint32_t kept_len; /* bytes of it, up to `front` */
    uint8_t way;       /* is the common path open: see tcp_fast.h */
    uint8_t known;     /* bits of runtime/ustack */
    uint8_t n_islands : 6;
    uint8_t listened : 1; /* its SYN was one with ACK */
    uint8_t state : 4;    /* enum nfl_tcp_state */
    uint8_t scale : 4;    /* of windows that it announces; 15: no option */
};

/* A connection; all zero is a new one. It owns pieces of its shard's pool. The
 * common path touches the two lines of the sides alone. */
struct nfl_tcp {
    struct nfl_tcp_side side[2];
    uint32_t fin_from[2]; /* of a FIN that came early: its place begins there */
};
_Static_assert(sizeof(struct nfl_tcp_side) == 64, "a line of the cache");
_Static_assert(sizeof(struct nfl_tcp) <= NFL_TCP_BYTES, "as entries have it");

/* RFC 9293's number of states as the prelude has them: closed 0, time_wait 9;
 * a connection of which nothing is known is closed. */
static inline unsigned nfl_tcp_state(const struct nfl_tcp *t, unsigned side)
{
    unsigned state = t->side[side].state;

    return state <= NFL_TCP_TIME_WAIT ? state : 0;
}

/* A shard's pieces. */
struct nfl_tcp_pool;
struct nfl_tcp_pool *nfl_tcp_pool_new(uint32_t pieces); /* NULL: no memory */
void nfl_tcp_pool_free(struct nfl_tcp_pool *pool);
uint32_t nfl_tcp_pool_left(const struct nfl_tcp_pool *pool);

struct nfl_segment {
    const uint8_t *tcp;  /* its header, 20 bytes at least */
    uint32_t tcp_len;    /* of header and payload, by the IP lengths; if cut:
                            that are there */
    uint32_t payload;    /* of them */
    const uint8_t *addr; /* source and destination, as in the IP header */
    uint8_t addr_len;    /* of both: 8 or 32 */
    bool cut;            /* the frame is shorter than its lengths say */
    bool reuses;         /* the first one of a session that took the place of a
                            closed one of the same tuple */
    bool sum_good;       /* a device found the TCP checksum right */
};

struct nfl_tcp_bytes { /* as long as the view */
    const uint8_t *p;
    uint32_t len;
    uint32_t fresh;  /* where in them the new ones begin */
    uint64_t offset; /* of the first, in the stream */
};

/* What the monitor says of a segment. Pointers hold until the next call with
 * the same scratch, and while the segment does. */
struct nfl_tcp_view {
    uint64_t signs;
    unsigned from;        /* the sender */
    bool watched;         /* what follows counts only then */
    const uint8_t *fresh; /* new bytes: in the segment where it alone moved the
                             stream, else in the scratch */
    uint32_t fresh_len;
    uint32_t gap;             /* bytes that are missing before them */
    uint64_t fresh_offset;    /* in the stream, behind the gap */
    const uint8_t *was, *now; /* if there is a conflict */
    uint32_t conflict_len;
    unsigned asker;         /* slot + 1 that asked last for its bytes, */
    struct nfl_tcp_bytes b; /* which are these */
    uint8_t *scratch;
    /* Where NFs change bytes of streams: gen_inline.h. */
    int64_t payload_at;   /* in the stream, of the segment's payload */
    uint32_t payload_len; /* as it arrived */
    uint32_t old_len;     /* of it, bytes before front as it was */
    unsigned changed_for; /* NF (position + 1) for which they were made ready */
};

/* A worker's scratch. */
static inline size_t nfl_tcp_scratch(const struct nfl_tcp_rules *r)
{
    return (size_t)r->keep + r->ahead + 3 * NFL_TCP_LARGEST;
}

/* Before the segment's bytes are changed: what the view has of them is apart
 * from then on. */
static inline void nfl_tcp_apart(const struct nfl_tcp_rules *r,
                                 struct nfl_tcp_view *v)
{
    uint8_t *now = v->scratch + r->keep + r->ahead + 2 * NFL_TCP_LARGEST;

    if (v->fresh_len)
        v->fresh =
            (uint8_t *)memmove(v->scratch + r->keep, v->fresh, v->fresh_len);
    if (v->conflict_len)
        v->now = (uint8_t *)memcpy(now, v->now, v->conflict_len);
}

/* The next segment that somebody asks about; watch: a bit for each side whose
 * bytes somebody asks for. tcp_fast.h has a shorter way to the same. */
void nfl_tcp_segment(struct nfl_tcp *t, struct nfl_tcp_pool *pool,
                     const struct nfl_tcp_rules *r,
                     const struct nfl_segment *seg, unsigned from,
                     unsigned watch, struct nfl_tcp_view *v, uint8_t *scratch);

/* A segment passes and nobody asks about it: what is stored goes. */
void nfl_tcp_sleep(struct nfl_tcp *t, struct nfl_tcp_pool *pool);
/* The session ends. */
void nfl_tcp_end(struct nfl_tcp *t, struct nfl_tcp_pool *pool);

/* What NFs keep of both streams. A slot is an NF that keeps; at[slot * 2 +
 * side] is the offset in the stream + 1, or 0. They lie in the session's entry,
 * and only these functions read and write them. */
struct nfl_tcp_kept {
    uint64_t *at;
    unsigned slots;
};

/* What the slot's NF sees of a view: what it keeps, and the new bytes. They are
 * the same till another slot asks, whatever the NF says of keeping. */
struct nfl_tcp_bytes nfl_tcp_bytes(struct nfl_tcp *t,
                                   const struct nfl_tcp_pool *pool,
                                   const struct nfl_tcp_rules *r,
                                   struct nfl_tcp_view *v,
                                   struct nfl_tcp_kept kept, unsigned slot);

/* Those from position `at` on stay, till the NF says otherwise. False, and
 * nothing changed: there are not so many bytes, the rule's `keep` does not
 * allow it, or the pool has no room. */
bool nfl_tcp_keep(struct nfl_tcp *t, struct nfl_tcp_pool *pool,
                  const struct nfl_tcp_rules *r, struct nfl_tcp_view *v,
                  struct nfl_tcp_kept kept, unsigned slot, uint32_t at);
/* They need not, of the view's sender. */
void nfl_tcp_release(struct nfl_tcp *t, struct nfl_tcp_pool *pool,
                     const struct nfl_tcp_rules *r, struct nfl_tcp_view *v,
                     struct nfl_tcp_kept kept, unsigned slot);

#endif
