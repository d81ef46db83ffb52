/* SIGHUP in a live run: parameters and their files are read again. */
#ifndef NFL_CTL_RELOAD_H
#define NFL_CTL_RELOAD_H

#include "io/port.h"

/* One step of what SIGHUP asked for, by the main thread; never waits. Prints
 * what was done, or why not. */
void nfl_reload_step(struct nfl_io *io);
/* When no worker runs any more: waits for what is read at the moment, and
 * forgets it. */
void nfl_reload_end(struct nfl_io *io);

#endif
