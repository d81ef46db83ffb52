/* Packets that leave in fragments, as nfl_pkt.cut says: RFC 791 section 3.2,
 * RFC 8200 section 4.5. LANGUAGE.md, "Fragments". */
#ifndef NFL_FLOW_CUT_H
#define NFL_FLOW_CUT_H

#include <nfl/pkt.h>
#include <stdbool.h>

struct nfl_cut {
    const uint8_t *frame;
    uint32_t ip;         /* where its IP header stands */
    uint32_t head;       /* bytes of it that each fragment has */
    uint32_t at, end;    /* of the data behind it: the next, and behind all */
    uint32_t each, base; /* of a fragment; where the data stand in theirs */
    uint32_t id, next;   /* IPv6: next as in struct nfl_fragment */
    bool v6, more;       /* more: others follow all of these */
};

/* False: the packet leaves as it is, since nothing else is said, it is short
 * enough, or its outermost packet, behind at most 4 tags, is not of IP, or
 * of IPv6 and a fragment, or did not come in fragments. */
bool nfl_cut_begin(struct nfl_cut *c, const struct nfl_pkt *p);
/* Bytes that a frame has at most: no more than the packet's. */
uint32_t nfl_cut_longest(const struct nfl_cut *c);
/* Writes the next frame: how many bytes; 0: there is none. */
uint32_t nfl_cut_next(struct nfl_cut *c, uint8_t *to);

/* The checksum of an IPv4 header of so many bytes that was `old`: RFC 1624
 * equation 3 over what changed, so that a wrong one stays wrong. */
void nfl_cut_sum(uint8_t *ip, const uint8_t *old, uint32_t head);

#endif
