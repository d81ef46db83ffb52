/* Which chain takes a packet. */
#ifndef NFL_INTERP_INGRESS_H
#define NFL_INTERP_INGRESS_H

struct world;
struct passage;
struct packet;
struct port;

/* The chain that takes a parsed packet, and the side where it comes in. NULL:
 * it was dropped, which was counted. */
struct passage *ingress(struct world *w, struct packet *p,
                        const struct port *port, unsigned *side);

#endif
