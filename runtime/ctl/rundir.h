/* The folder that the EAL makes for each run, as /run/dpdk/PREFIX. A run that
 * nobody else is to find needs none: then none is made, and nothing is left of
 * it however the run ends. */
#ifndef NFL_CTL_RUNDIR_H
#define NFL_CTL_RUNDIR_H

#include <nfl/options.h>

/* Nothing can be made below a file that is no folder. */
#define NFL_RUNDIR_NONE "/dev/null"

/* Before the EAL starts. */
void nfl_rundir_choose(const struct nfl_options *o);
/* After. The socket of telemetry is for the user of the run and its group. */
void nfl_rundir_settle(bool started);
void nfl_rundir_remove(void);

#endif
