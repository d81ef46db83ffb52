/* Bytes of streams that are remembered until the receiver has acknowledged
 * them: LANGUAGE.md, "Bytes that are not acknowledged". They lie in pieces of
 * the shard's pool; all is the owner's of the shard. */
#ifndef NFL_TCP_UNACKED_H
#define NFL_TCP_UNACKED_H

#include <nfl/tcp.h>

/* Beside a connection, in the entry of its session; all zero is a new one. */
struct nfl_unacked {
    uint32_t last[2]; /* piece of the run of each side */
    uint32_t len[2];  /* bytes of it, up to front */
};
_Static_assert(sizeof(struct nfl_unacked) <= NFL_UNACKED_BYTES,
               "as entries have it");

/* What a segment was before the monitor saw it. */
struct nfl_tcp_before {
    uint64_t offset; /* of its sender's front */
    unsigned watch;  /* bits of sides that were watched */
};

/* Bytes of a payload in whose place others came first. */
struct nfl_tcp_first {
    const uint8_t *bytes; /* those */
    uint32_t at, len;     /* .. of the payload; 0: there are none */
};

/* The monitor saw the segment, of which v is what it says: finds a conflict
 * with what is remembered, and remembers what is new. room: of so many bytes as
 * nfl_tcp_unacked_room says; what v and the result point to lies there. */
struct nfl_tcp_first nfl_tcp_unacked(
    struct nfl_unacked *u, const struct nfl_tcp *t, struct nfl_tcp_pool *pool,
    const struct nfl_tcp_rules *r, const struct nfl_segment *seg,
    struct nfl_tcp_before before, struct nfl_tcp_view *v, uint8_t *room);
static inline size_t nfl_tcp_unacked_room(void)
{
    return 2 * (size_t)NFL_TCP_LARGEST;
}

/* Nothing is remembered any more. */
void nfl_tcp_unacked_end(struct nfl_unacked *u, struct nfl_tcp_pool *pool);

#endif
