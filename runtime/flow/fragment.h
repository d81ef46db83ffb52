/* Fragments of IPv4 and IPv6 packets at one port, in one thread: what later
 * ones belong to, before they enter. LANGUAGE.md, "Fragments". RFC 791, RFC
 * 8200 section 4.5; tiny ones: RFC 1858 and 3128; overlaps: RFC 5722; atomic
 * ones, which are none: RFC 6946. */
#ifndef NFL_FLOW_FRAGMENT_H
#define NFL_FLOW_FRAGMENT_H

#include <nfl/session.h>

/* Normative. Datagrams at a time; fragments of one; later ones that wait for
 * their first; for how long a datagram is known, from its first fragment that
 * arrives on. */
enum {
    NFL_FRAGMENT_DATAGRAMS = 1024,
    NFL_FRAGMENT_PARTS = 64,
    NFL_FRAGMENT_HELD = 64,
    NFL_FRAGMENT_JOINING = 256, /* those that wait to become whole datagrams */
    NFL_FRAGMENT_WHOLE = 10240, /* bytes of data of such a datagram */
    NFL_FRAGMENT_FRAME = NFL_FRAGMENT_WHOLE + 1024, /* of its frame */
};
#define NFL_FRAGMENT_TIME ((uint64_t)30 * 1000000000)

/* A fragment: where it stands in its datagram. */
struct nfl_fragment {
    nfl_u128 src, dst;
    uint32_t id;
    uint32_t at, len;  /* its first byte in the datagram; how many it has */
    uint32_t ip, data; /* where in the frame its IP header and its data begin */
    uint32_t next;     /* IPv6: where the type of its fragment header stands */
    uint8_t v6;
    uint8_t proto; /* as its own header says */
    bool more;     /* others stand behind it */
};

/* Where what stands behind Ethernet and at most 4 tags begins, and of which
 * Ethernet type it is. 0: the frame is too short for them. */
uint32_t nfl_fragment_behind_tags(const uint8_t *frame, uint32_t len,
                                  unsigned *type);

/* Is the frame one? */
bool nfl_fragment_find(const uint8_t *frame, uint32_t len,
                       struct nfl_fragment *f);

/* Who gets what becomes of packets. */
struct nfl_fragment_sink {
    void (*enter)(void *self, const struct nfl_pkt *p);
    void (*drop)(void *self, const struct nfl_pkt *p, enum nfl_drop reason);
    /* Gives the frame room for so many bytes, in all. False: there is none. */
    bool (*grow)(struct nfl_pkt *p, uint32_t len);
    void *self;
};

struct nfl_tracker;

/* joins: a datagram enters when it is whole, as one packet. NULL: no memory. */
struct nfl_tracker *nfl_tracker_new(const struct nfl_module *m, uint64_t seed,
                                    bool joins,
                                    const struct nfl_fragment_sink *to);
void nfl_tracker_free(struct nfl_tracker *t);

/* Takes a fragment: it enters, perhaps with others that waited for it, waits,
 * or is dropped. */
void nfl_tracker_take(struct nfl_tracker *t, struct nfl_pkt *p,
                      const struct nfl_fragment *f);
/* Drops what waits. */
void nfl_tracker_end(struct nfl_tracker *t);

/* The packet of a first fragment becomes one of so many bytes of data, of which
 * it has its own: header, lengths, checksum of the header. Where in the frame
 * the data begin; 0: it would be too long. */
uint32_t nfl_fragment_open(struct nfl_pkt *p, uint32_t data,
                           const struct nfl_fragment_sink *to);
/* Puts the data of a fragment to their place in those of all. */
void nfl_fragment_join(uint8_t *data, const struct nfl_pkt *p);

#endif
