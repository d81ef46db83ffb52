/* Inline chains: which segments must wait for bytes in front of them, and what
 * NFs changed of the bytes of a stream (LANGUAGE.md, "Inline chains").
 *
 * Offsets are in the stream, of 64 bits; sequence numbers in host byte order.
 * A change belongs to a side of a connection, and takes pieces of the shard's
 * pool until it is given up. All is the owner's of the shard, as the connection
 * is. */
#ifndef NFL_TCP_INLINE_H
#define NFL_TCP_INLINE_H

#include <nfl/tcp.h>

enum {
    NFL_TCP_CHANGES = 32,     /* of a side */
    NFL_TCP_CHANGE_MAX = 1024 /* bytes */
};

/* Beside a connection, in the entry of its session; all zero is a new one. */
struct nfl_inline {
    uint32_t held[2];    /* the first of each side that waits: flow/early.c */
    uint32_t changes[2]; /* the first piece of the first one; 0: none */
    uint16_t n_held[2];
    uint8_t n_changes[2];
};
_Static_assert(sizeof(struct nfl_inline) <= NFL_INLINE_BYTES,
               "as entries have it");

/* Must a segment of `from` wait, that has neither SYN nor RST, and so many
 * bytes of payload, or a FIN? */
bool nfl_tcp_is_early(const struct nfl_tcp *t, const struct nfl_tcp_pool *pool,
                      unsigned from, unsigned watch, uint32_t seq,
                      uint32_t payload);

/* A segment of `from` that waited, its header of so many bytes at tcp, becomes
 * no older than what its sender said meanwhile: acknowledgement, window,
 * timestamp; and its checksum. */
void nfl_tcp_renew(const struct nfl_tcp *t, unsigned from, uint8_t *tcp,
                   uint32_t header);

/* Where in the stream of a side, which is synced, a sequence number is. Before
 * its begin: below 0. */
int64_t nfl_tcp_place(const struct nfl_tcp *t, unsigned side, uint32_t seq);

/* NF `by` (its position) has the n bytes at `offset` changed to these. False,
 * and nothing changed: there is no room. */
bool nfl_tcp_change(struct nfl_inline *l, struct nfl_tcp_pool *pool,
                    unsigned side, unsigned by, uint64_t offset,
                    const uint8_t *bytes, uint32_t n);

/* Changes bytes that stand in the stream from `offset` on as the NFs of the
 * mask did, in the order in which they did. */
void nfl_tcp_changed(const struct nfl_inline *l,
                     const struct nfl_tcp_pool *pool, unsigned side,
                     uint64_t nfs, int64_t offset, uint8_t *bytes,
                     uint32_t len);

/* What NF `nf` sees of a view, which has b before changes: with those of the
 * NFs of the mask. They lie in the scratch, behind what nfl_tcp_scratch says,
 * and are the same till another NF asks. */
struct nfl_tcp_bytes nfl_tcp_bytes_changed(const struct nfl_inline *l,
                                           const struct nfl_tcp_pool *pool,
                                           const struct nfl_tcp_rules *r,
                                           struct nfl_tcp_view *v,
                                           struct nfl_tcp_bytes b, uint64_t nfs,
                                           unsigned nf);
/* The room that this needs. */
static inline size_t nfl_tcp_scratch_more(const struct nfl_tcp_rules *r)
{
    return (size_t)r->keep + r->ahead + 2 * NFL_TCP_LARGEST;
}

/* Gives up the changes that nobody needs any more: the receiver has them, and
 * no NF keeps bytes of them. */
void nfl_tcp_changes_settle(struct nfl_inline *l, const struct nfl_tcp *t,
                            struct nfl_tcp_pool *pool);
/* All of both sides. */
void nfl_tcp_changes_end(struct nfl_inline *l, struct nfl_tcp_pool *pool);

#endif
