/* What a flow takes of memory: known to the runtime, which asks for it, and to
 * `nflc explain`, which says so before. */
#ifndef NFL_FLOW_BYTES_H
#define NFL_FLOW_BYTES_H

#include <stdbool.h>
#include <stdint.h>

enum {
    NFL_SESSION_BYTES = 80, /* struct nfl_session */
    NFL_SESSION_ALIGN = 16,
    NFL_HOP4_BYTES = 12,     /* struct nfl_end4 */
    NFL_HOP6_BYTES = 40,     /* struct nfl_end6 */
    NFL_NEXT_BYTES = 4,      /* the next hops: see nfl_session_next */
    NFL_DUE_BYTES = 16,      /* struct nfl_due */
    NFL_COLD_BYTES = 12,     /* struct nfl_cold */
    NFL_LINE_BYTES = 64,     /* struct nfl_line */
    NFL_LINE_REFS = 12,      /* so many references lie in a line */
    NFL_LINE_FULL = 9,       /* when the table is full, on average */
    NFL_TCP_BYTES = 144,     /* struct nfl_tcp */
    NFL_TCP_PIECE = 256,     /* of what streams store */
    NFL_TCP_PIECE_ALL = 320, /* with what is known of each */
    NFL_KEPT_BYTES = 16,     /* of each NF that keeps bytes of streams */
    NFL_UNACKED_BYTES = 16,  /* struct nfl_unacked */
    NFL_INLINE_BYTES = 32,   /* struct nfl_inline, with what fills it up */
    NFL_TCP_HELD = 512,      /* packets of a side that wait in front of one */
    NFL_ENTRY_ALIGN = 64     /* entries begin at a line of the cache */
};

static inline uint64_t nfl_round_up(uint64_t n, uint64_t to)
{
    return (n + to - 1) / to * to;
}

/* Where the tail begins, behind the `entry` bytes that a chain declares. */
static inline uint64_t nfl_entry_tail(uint64_t entry, bool v6)
{
    return v6 ? nfl_round_up(entry, NFL_ENTRY_ALIGN) : entry;
}

/* Where the tail ends. */
static inline uint64_t nfl_entry_end(uint64_t entry, unsigned hops, bool v6)
{
    uint64_t between = hops ? hops - 1 : 0;
    uint64_t tail =
        v6 ? (2 + between) * NFL_HOP6_BYTES : between * NFL_HOP4_BYTES;

    return nfl_entry_tail(entry, v6) + tail;
}

/* With its tail: nfl/entry.h. */
static inline uint64_t nfl_entry_stride(uint64_t entry, unsigned hops, bool v6)
{
    return nfl_round_up(nfl_entry_end(entry, hops, v6), NFL_ENTRY_ALIGN);
}

/* Where the next hops are: what rounding leaves free; 0 if it leaves nothing.
 */
static inline uint64_t nfl_entry_next(uint64_t entry, unsigned hops, bool v6)
{
    uint64_t end = nfl_entry_end(entry, hops, v6);
    uint64_t stride = nfl_entry_stride(entry, hops, v6);

    return stride - end < NFL_NEXT_BYTES ? 0 : stride - NFL_NEXT_BYTES;
}

/* Lines of references: a flow has two where its tuple may change, else one. */
static inline uint64_t nfl_flow_lines(uint64_t flows, unsigned hops)
{
    return (hops ? 2 * flows : flows) / NFL_LINE_FULL + 1;
}

/* Of a table of so many flows, all of the family, in which `entry` bytes are
 * declared: for one worker. Also where they are more than any memory has. */
static inline double nfl_flow_bytes(uint64_t flows, uint64_t entry,
                                    unsigned hops, bool v6)
{
    uint64_t each =
        nfl_entry_stride(entry, hops, v6) + NFL_DUE_BYTES + NFL_COLD_BYTES;
    double lines = (hops ? 2 : 1) * (double)flows / (double)NFL_LINE_FULL + 1;

    return ((double)flows + 1) * (double)each + lines * (double)NFL_LINE_BYTES;
}

#endif
