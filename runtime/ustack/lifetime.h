/* How long a session lives: the little of TCP that its timeouts need, as
 * LANGUAGE.md, "Lifetime", says. It tracks no sequence space, no windows. */
#ifndef NFL_USTACK_LIFETIME_H
#define NFL_USTACK_LIFETIME_H

#include <nfl/session.h>

/* Takes a packet of the session into account; `first`: it opens it. `from` is
 * who sent it: 0 the initiator, 1 the responder. Sets s->phase. */
void us_lifetime_packet(struct nfl_session *s, const struct nfl_l4 *l4,
                        unsigned from, bool first);

/* The same of a packet that changes no phase; l4: the header with its ports.
 * False: it may, and nothing was taken into account. */
bool us_lifetime_goes_on(struct nfl_session *s, uint8_t proto,
                         const uint8_t *l4, unsigned from);

/* A SYN that ends a session in phase closing and opens a new one. */
bool us_lifetime_reopens(const struct nfl_session *s, const struct nfl_l4 *l4);

#endif
