/* One segment on its way through the TCP monitor, and what its parts do. */
#ifndef NFL_USTACK_STREAM_H
#define NFL_USTACK_STREAM_H

#include "ustack/piece.h"

#include <nfl/tcp_fast.h>

enum {                     /* nfl_tcp_side.known */
       US_SYNCED = 0x01,   /* its SYN was seen, or it was picked up */
       US_EDGE = 0x02,     /* `edge` */
       US_STAMP = 0x04,    /* its SYN had a timestamp */
       US_FIN = 0x08,      /* `fin`, which may not count yet */
       US_CAME = 0x10,     /* it has received the peer's FIN */
       US_ANSWERED = 0x20, /* it sent a SYN with ACK that counted */
       US_KEEPS = 0x40,    /* some NF keeps bytes of it */
       US_LOST = 0x80 /* what NFs kept is gone, and their slots say not so */
};

enum { US_NO_SCALE = 15 };
enum { US_NO_WINDOW = ~0u };

struct us_header { /* of a segment */
    uint32_t seq, ack, stamp;
    uint16_t window;
    uint8_t flags;
    uint8_t scale;
    bool stamped, scaled, with_sign, sacks; /* the options are there */
};

struct us_run {
    struct nfl_tcp *t;
    struct nfl_tcp_side *x, *y; /* the sender, the other one */
    struct nfl_tcp_pool *pool;
    const struct nfl_tcp_rules *r;
    const struct nfl_segment *seg;
    struct nfl_tcp_view *v;
    uint8_t *scratch;
    struct us_header h;
    uint32_t s, e;       /* what is left of the payload: [s, e) */
    const uint8_t *data; /* of s */
    uint32_t base;       /* what is new begins there */
    uint32_t came;       /* x->front, when the payload is looked at */
    uint32_t place;      /* where it begins for who overlaps with it */
};

enum us_seen { US_NONE, US_SOME, US_ALL };

static inline bool us_less(uint32_t a, uint32_t b)
{
    return (int32_t)(a - b) < 0;
}

static inline uint32_t us_min(uint32_t a, uint32_t b)
{
    return us_less(a, b) ? a : b;
}

static inline uint32_t us_max(uint32_t a, uint32_t b)
{
    return us_less(a, b) ? b : a;
}

/* Are the bytes of the side stored? Else only which are there. */
static inline bool us_stores(const struct nfl_tcp *t,
                             const struct nfl_tcp_side *x)
{
    return x->way >> (x - t->side) & 1;
}

/* stored.c: segments with their bytes. */
enum us_seen us_stored_seen(const struct us_run *run);
void us_stored_add(struct us_run *run);
/* Moves the front over what follows on, x->front being the end of what the
 * packet has; writes the islands' bytes to `to`, that of run->base. */
void us_stored_pour(struct us_run *run, bool at_front, uint8_t *to);
/* The first one's; there is one. */
uint32_t us_stored_first(const struct nfl_tcp_pool *pool,
                         const struct nfl_tcp_side *x);
/* The place of the one that has the byte at f. */
const struct us_piece *us_stored_at(const struct us_run *run, uint32_t f);
uint32_t us_stored_joined(const struct us_run *run, uint32_t at);
uint32_t us_stored_end(const struct nfl_tcp_pool *pool,
                       const struct nfl_tcp_side *x);
void us_stored_cut(struct nfl_tcp_pool *pool, struct nfl_tcp_side *x,
                   uint32_t at);
void us_stored_forget(struct nfl_tcp_pool *pool, struct nfl_tcp_side *x);
/* Sets the conflict of the view, if there is one. */
void us_stored_compare(struct us_run *run);

/* range.c: the same of sides that nobody watches. */
enum us_seen us_range_seen(const struct us_run *run);
void us_range_add(struct us_run *run);
void us_range_pass(struct nfl_tcp_pool *pool, struct nfl_tcp_side *x);
uint32_t us_range_first(const struct nfl_tcp_pool *pool,
                        const struct nfl_tcp_side *x);
bool us_range_has(const struct us_run *run, uint32_t f);
uint32_t us_range_end(const struct nfl_tcp_pool *pool,
                      const struct nfl_tcp_side *x);
void us_range_cut(struct nfl_tcp_pool *pool, struct nfl_tcp_side *x,
                  uint32_t at);
void us_range_forget(struct nfl_tcp_pool *pool, struct nfl_tcp_side *x);

/* stream.c */
void us_payload(struct us_run *run);
void us_early(struct us_run *run); /* stores [s, e) */
/* The bytes of a SYN move the frontier with the sender's next segment, before
 * its own: the receiver has them by now. */
void us_syn_moves(struct us_run *run);
void us_move_on(struct us_run *run);
/* Has the byte at f come early, so that a FIN there, whose place begins at
 * run->place, does not count? */
bool us_forbids(const struct us_run *run, uint32_t f);
/* Where the place of what begins there begins: it may be joined. */
uint32_t us_joined(const struct us_run *run, uint32_t at);
/* The FIN of the sender, or the other side, counts from now on. */
void us_fin_counts(struct us_run *run, struct nfl_tcp_side *x);
/* By the rule `overlap`: does [s, e), which comes now, take what it shares with
 * something of the place [from, to)? */
bool us_wins(const struct nfl_tcp_rules *r, uint32_t s, uint32_t e,
             uint32_t from, uint32_t to);
void us_cut(struct us_run *run, struct nfl_tcp_side *x, uint32_t at);
/* All that the side has stored or keeps. */
void us_forget(struct nfl_tcp *t, struct nfl_tcp_pool *pool,
               struct nfl_tcp_side *x);

/* keep.c */
void us_kept_grow(struct us_run *run, const uint8_t *bytes, uint32_t n);
void us_kept_forget(struct nfl_tcp_pool *pool, struct nfl_tcp_side *x);

#endif
