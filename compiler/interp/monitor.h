/* The TCP monitor of a chain: LANGUAGE.md, "TCP". */
#ifndef NFL_INTERP_MONITOR_H
#define NFL_INTERP_MONITOR_H

#include "interp/world.h"

/* What it has for the shards of a chain. */
void monitor_init(struct world *w, struct passage *c);

/* A packet arrived, and its session is up to date: it is seen, if some handler
 * asks. Fills in m->view. */
void monitor_sees(struct moment *m);

/* The session ends. */
void monitor_forgets(struct session *s);

/* Does the NF at hand keep bytes? Then as which of those that do? */
bool monitor_keeps(const struct moment *m);
unsigned monitor_slot(const struct moment *m);

#endif
