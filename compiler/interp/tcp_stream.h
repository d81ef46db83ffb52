/* What one side of a connection sends, as an array of bytes: tcp.h. */
#ifndef NFL_INTERP_TCP_STREAM_H
#define NFL_INTERP_TCP_STREAM_H

#include "interp/tcp.h"
#include <stddef.h>

struct tcp_held {      /* a segment that came early */
    uint64_t from, to; /* its place, for who comes later */
    uint64_t pieces;
    struct tcp_held *next;
};

struct tcp_cell { /* a byte */
    uint8_t byte;
    bool there;
    struct tcp_held *of; /* NULL: of none */
};

/* Positions are offsets in the stream, of 64 bits. Of one that is not watched,
 * only which bytes came is stored. */
struct tcp_stream {
    const struct tcp_rules *rules;
    struct tcp_pool *pool;
    bool watched;
    uint64_t front;        /* all before it came, or passed */
    uint64_t base;         /* of the first cell */
    size_t n;              /* of cells */
    struct tcp_cell *cell; /* from base on */
    struct tcp_held *held; /* in no order */
    bool has_ranges;       /* it has the piece for them */
    unsigned slots;
    uint64_t *kept; /* by slot: from there on bytes stay, + 1; 0: none */
    uint64_t kept_pieces;
    tcp_changes changes;
    uint8_t *unacked; /* bytes from unacked_at up to unacked_end: remembered */
    uint64_t unacked_at, unacked_end, unacked_pieces;
    bool anew;    /* it was not watched just as now at the packet before */
    bool renewed; /* everything begins anew */
    /* Of the latest packet: */
    uint64_t fresh;
    uint64_t *start; /* by slot: of what its owner sees */
    uint8_t *bytes;  /* from bytes_at up to front */
    uint64_t bytes_at;
    uint8_t *shown;     /* as many: tcp_shown */
    uint8_t *was, *now; /* a conflict */
    uint32_t conflict;  /* its bytes */
    uint8_t *mended;    /* what its payload should have had at a place */
    uint32_t mended_at, mended_len;
};

void tcp_stream_init(struct tcp_stream *s, const struct tcp_rules *rules,
                     struct tcp_pool *pool, unsigned slots);
void tcp_stream_fini(struct tcp_stream *s);

/* All that is stored goes; the place in the stream stays. */
void tcp_stream_clear(struct tcp_stream *s);
/* What came early goes. */
void tcp_stream_forget(struct tcp_stream *s);
/* The packet at hand begins. */
void tcp_stream_begin(struct tcp_stream *s, bool watched);

/* How many of the n bytes from `at` on came early. */
uint32_t tcp_stream_known(const struct tcp_stream *s, uint64_t at, uint32_t n);
/* The end of what came early; front if there is nothing. */
uint64_t tcp_stream_end(const struct tcp_stream *s);
/* The end of what came one behind the other from front on. */
uint64_t tcp_stream_reach(const struct tcp_stream *s);
/* From where on bytes stay; front if none does. */
uint64_t tcp_stream_least(const struct tcp_stream *s);
/* Where what came early begins; UINT64_MAX: there is nothing. */
uint64_t tcp_stream_island(const struct tcp_stream *s);

/* Does a segment [from, to) win against the one that came early and has the
 * byte at `at`? No if there are none. */
bool tcp_stream_beats(const struct tcp_stream *s, uint64_t from, uint64_t to,
                      uint64_t at);
/* The same against a place. */
bool tcp_stream_wins(const struct tcp_stream *s, uint64_t from, uint64_t to,
                     uint64_t old_from, uint64_t old_to);
/* Where the place begins of a segment that begins at `from`: it may be joined
 * to one before. */
uint64_t tcp_stream_joined(const struct tcp_stream *s, uint64_t from);

/* A segment's bytes, none of them before front. They are stored if they come
 * early, or are to wait. Returns signs: not_kept, conflict. */
uint64_t tcp_stream_put(struct tcp_stream *s, uint64_t at, const uint8_t *bytes,
                        uint32_t n, bool wait);
/* What came early from `end` on goes. */
void tcp_stream_cut(struct tcp_stream *s, uint64_t end);

/* front goes to `to`, past what did not come. */
void tcp_stream_skip(struct tcp_stream *s, uint64_t to);
/* front goes past what is there, up to `end`; how many bytes that is. */
uint32_t tcp_stream_move(struct tcp_stream *s, uint64_t end);
/* Nothing more moves with this packet: its bytes are made ready. */
void tcp_stream_finish(struct tcp_stream *s);

struct tcp_bytes tcp_stream_bytes(const struct tcp_stream *s, unsigned slot);
bool tcp_stream_keep(struct tcp_stream *s, unsigned slot, uint32_t at);
void tcp_stream_release(struct tcp_stream *s, unsigned slot);

/* No byte is remembered for the receiver's sake. */
void tcp_stream_unlearn(struct tcp_stream *s);
/* Of what NFs changed, that which ends at or before `to` is forgotten. */
void tcp_stream_restore(struct tcp_stream *s, uint64_t to);

#endif
