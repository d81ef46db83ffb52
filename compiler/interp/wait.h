/* Packets that wait: LANGUAGE.md, "Packets that wait". */
#ifndef NFL_INTERP_WAIT_H
#define NFL_INTERP_WAIT_H

#include "interp/session.h"

/* Why the way of a packet ended: it waits, which is no drop. */
extern const struct reason packet_waits;

/* Those that need not wait any longer, behind a packet of the chain. */
void waiting_go_on(struct world *w, struct passage *c);
/* The flow ends: its packets are dropped. */
void waiting_forget(struct world *w, const struct session *s);
/* So does the run. */
void waiting_end(struct world *w);

#endif
