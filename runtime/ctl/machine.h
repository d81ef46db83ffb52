/* Is the machine fit for the run? */
#ifndef NFL_CTL_MACHINE_H
#define NFL_CTL_MACHINE_H

#include <nfl/options.h>

/* Prints what is not, before DPDK would: one line for each finding. */
bool nfl_machine_fits(const struct nfl_options *o);

#endif
