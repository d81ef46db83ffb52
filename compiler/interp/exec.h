/* Statements, handlers, and the way of a packet through a chain. */
#ifndef NFL_INTERP_EXEC_H
#define NFL_INTERP_EXEC_H

#include <stdbool.h>

struct world;
struct passage;
struct packet;
struct session;
struct moment;
struct handler;

/* Takes a parsed packet through the chain. False if it was dropped, which was
 * counted. */
bool passage_run(struct world *w, struct passage *c, struct packet *p,
                 unsigned side);

/* Runs a handler where it has to, as number `place` of the NF's list. */
void exec_handler(struct moment *m, const struct handler *h, unsigned place);

/* Raises the end of a flow. */
void passage_end(struct world *w, struct session *s);

#endif
