/* Statements, handlers, and the way of a packet through a chain. */
#ifndef NFL_INTERP_EXEC_H
#define NFL_INTERP_EXEC_H

#include <stdbool.h>

struct world;
struct passage;
struct packet;
struct session;

/* Takes a parsed packet through the chain. False if it was dropped, which was
 * counted. */
bool passage_run(struct world *w, struct passage *c, struct packet *p,
                 unsigned side);

/* Raises the end of a flow. */
void passage_end(struct world *w, struct session *s);

#endif
