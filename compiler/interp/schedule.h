/* For tests of what the compiler finds out: NFs of a chain run at the same
 * time, as `--schedule FILE` says (the interpreter has the option, no other
 * program). Each line says it for packets from one side of a chain:
 *
 *   CHAIN left|right order|turns SEED GROUP...
 *
 * A group is a list of positions as 1,0c,2; those with c work on a copy of the
 * packet, and the flow's tuple is what it was before the group. All of a group
 * run, whatever the others decide: `order`, one after the other as they are
 * listed; `turns`, handler by handler, whose turn it is being random. Then, in
 * the order of the chain, what was written to copies goes into the packet, and
 * the first that dropped decides. */
#ifndef NFL_INTERP_SCHEDULE_H
#define NFL_INTERP_SCHEDULE_H

#include <stdbool.h>

struct world;
struct moment;
struct schedule;

/* False and w->err on failure. */
bool schedule_read(struct world *w, const char *path);

/* Takes the packet of m through all groups. False if it was dropped, which was
 * counted. */
bool schedule_run(const struct moment *m, struct schedule *s);

#endif
