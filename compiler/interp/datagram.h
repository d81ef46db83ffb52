/* What is a fragment, datagrams made of them, and fragments made of datagrams:
 * LANGUAGE.md, "Fragments". */
#ifndef NFL_INTERP_DATAGRAM_H
#define NFL_INTERP_DATAGRAM_H

#include "base/num.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arrival;
struct packet;

struct fragment {
    num_t src, dst, id, proto, at, len;
    bool v6, more;
    size_t ip, data; /* where in the frame its IP header and its data begin */
    size_t next;     /* IPv6: where the type of its fragment header stands */
};

/* Is the frame one? */
bool fragment_of(const struct arrival *a, struct fragment *f);

/* What a list of all fragments of a datagram becomes, or NULL: it would be too
 * long. They stay as they are. */
struct arrival *datagram_of(const struct arrival *list, num_t total);
/* Calls send with each frame as which a packet leaves, until that says false,
 * and then it is false. */
bool datagram_leaves(const struct packet *p,
                     bool (*send)(void *self, const uint8_t *bytes, size_t len),
                     void *self);

#endif
