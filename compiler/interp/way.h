/* From NF to NF: LANGUAGE.md, "Branches". */
#ifndef NFL_INTERP_WAY_H
#define NFL_INTERP_WAY_H

#include <stdbool.h>

struct exit;
struct moment;
struct passage;
struct world;

/* The packet at the NF of the moment; false if it is dropped (exec.c). */
bool station_passes(struct moment *m);

/* The packet of the moment on its way; false if it is dropped, at the NF and
 * for the reason of the moment. */
bool way_passes(struct moment *m);

/* The same for one that the NF at a position made: from there on. */
bool way_goes_on(struct moment *m, unsigned position);

/* The NF at hand chooses an exit, for its packet or for the flow. */
void way_choose(struct moment *m, const struct exit *x, bool flow);

/* Sets the orders of c, once its NFs are known. */
void way_orders(struct world *w, struct passage *c);

#endif
