/* Segments of inline chains that wait in front of the chain until it is their
 * turn: LANGUAGE.md, "Inline chains". */
#ifndef NFL_INTERP_EARLY_H
#define NFL_INTERP_EARLY_H

#include "interp/session.h"

struct moment;

/* A packet arrived, and its session is up to date. True: it is held, or there
 * is no room for it, which was counted. */
bool early_holds(struct moment *m);
/* Behind a packet of a flow (its number; 0: none): what is not early any more
 * enters the chain, first of the side that sent it. */
void early_enter(struct world *w, struct passage *c, uint64_t flow, bool back);
/* The flow ends: its packets are dropped. */
void early_forget(struct world *w, const struct session *s);
/* So does the run. */
void early_end(struct world *w);

#endif
