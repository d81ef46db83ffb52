/* Where packets come in, at ports where fragments are looked at: between a back
 * end that reads frames and the workers. One for each thread that reads. */
#ifndef NFL_FLOW_INLET_H
#define NFL_FLOW_INLET_H

#include <nfl/session.h>

/* So many buffers of a port wait, at most, besides those of a burst. */
unsigned nfl_inlet_held(const struct nfl_module *m);

struct nfl_inlet;

/* Drops are counted in drops[]; discard gives the buffer of such a packet
 * back. False: no memory. *inlet is NULL if no port of the module needs one. */
bool nfl_inlet_new(struct nfl_inlet **inlet, const struct nfl_module *m,
                   uint64_t seed, uint64_t *drops,
                   void (*discard)(void *buffer));
/* Discards what waits. */
void nfl_inlet_free(struct nfl_inlet *in);

/* A frame arrived; at most NFL_BURST of one port before nfl_inlet_get says that
 * there is nothing. */
void nfl_inlet_put(struct nfl_inlet *in, struct nfl_pkt *p);
/* The next packet that enters. */
bool nfl_inlet_get(struct nfl_inlet *in, struct nfl_pkt *p);
/* No more frames: what waits is dropped. */
void nfl_inlet_end(struct nfl_inlet *in);

#endif
