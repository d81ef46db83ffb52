/* What of the TCP monitor goes with an event to NFs on other cores: the state
 * as of its packet, and the new bytes, which stay until the slowest of them has
 * released them. The monitor moves on meanwhile; nobody reads its state.
 *
 * One thread puts, each reader is one thread. Offsets and positions are modulo
 * 2^32. What is put is there for who got its snapshot over a queue that orders
 * memory, as those of queue.h and rings do. */
#ifndef NFL_TCP_SNAP_H
#define NFL_TCP_SNAP_H

#include <nfl/tcp.h>

struct nfl_tcp_snap {
    uint64_t signs;
    uint32_t offset;         /* of the first new byte in the stream */
    uint32_t gap;            /* bytes that are missing before it */
    uint32_t at;             /* of the new bytes: position in the tail */
    uint32_t fresh_len : 22; /* there are so many; 0 if nobody watches */
    uint32_t from : 1;       /* the sender */
    uint32_t watched : 1;
    uint32_t client : 4; /* nfl_tcp_state of both sides */
    uint32_t server : 4;
};
_Static_assert(sizeof(struct nfl_tcp_snap) == 24, "goes with each event");

/* at: where nfl_tcp_tail_put put the view's new bytes. */
static inline struct nfl_tcp_snap nfl_tcp_snap(const struct nfl_tcp *t,
                                               const struct nfl_tcp_view *v,
                                               uint32_t at)
{
    return (struct nfl_tcp_snap){
        .signs = v->signs,
        .offset = (uint32_t)v->fresh_offset,
        .gap = v->gap,
        .at = at,
        .fresh_len = v->watched ? v->fresh_len & 0x3fffff : 0,
        .from = v->from & 1,
        .watched = v->watched,
        .client = nfl_tcp_state(t, 0) & 15,
        .server = nfl_tcp_state(t, 1) & 15,
    };
}

/* The latest bytes of all streams of a stack, in a ring. */
struct nfl_tcp_tail;
/* bytes: a power of two, at most 2^31. NULL: no memory. */
struct nfl_tcp_tail *nfl_tcp_tail_new(uint32_t bytes, unsigned readers);
void nfl_tcp_tail_free(struct nfl_tcp_tail *tail);

/* Copies n bytes; *at is where they are. False: the slowest reader leaves no
 * room, and nothing was changed. */
bool nfl_tcp_tail_put(struct nfl_tcp_tail *tail, const uint8_t *bytes,
                      uint32_t n, uint32_t *at);

struct nfl_tcp_parts { /* the second follows the first; it may be empty */
    const uint8_t *p[2];
    uint32_t len[2];
};

/* What was put at `at`, and is not released. */
struct nfl_tcp_parts nfl_tcp_tail_get(const struct nfl_tcp_tail *tail,
                                      uint32_t at, uint32_t n);
/* The reader needs nothing before `at` any longer. It never goes back. */
void nfl_tcp_tail_release(struct nfl_tcp_tail *tail, unsigned reader,
                          uint32_t at);

#endif
