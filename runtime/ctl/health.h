/* --health: a process of its own, made before the EAL starts, runs a command
 * for each backend every few seconds, and says which can be used. What it says
 * becomes a change of configuration, between two bursts of each worker. */
#ifndef NFL_CTL_HEALTH_H
#define NFL_CTL_HEALTH_H

#include "io/port.h"

struct nfl_reload;

/* In the only thread there is, with the rights of who starts the program: makes
 * the process, which gives up all of them but those of --user, or of nobody,
 * and waits until it is ready. Each of these is false after a line that says
 * what is wrong, and true if there is nothing to do. */
bool nfl_health_start(const struct nfl_options *o, const struct nfl_module *m);
/* The workers have their objects: from now on backends are asked. */
bool nfl_health_begin(struct nfl_io *io);

/* By the main thread; never waits. True once after something was said. */
bool nfl_health_pending(void);
/* While no set of parameters is made: tells of what was said, and notes it for
 * the next set. False if no object has to be made anew. */
bool nfl_health_take(struct nfl_io *io);
/* What was made knows all that was noted. */
void nfl_health_known(struct nfl_worker *first);
/* By the thread that made a set: the process asks the backends of its files. */
void nfl_health_lists(const struct nfl_worker *first,
                      const struct nfl_reload *made);

/* Ends the process, and waits for it. */
void nfl_health_end(void);

#endif
