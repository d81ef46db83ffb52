/* Before the constructors of DPDK's libraries, which use instructions that an
 * old CPU lacks. */
#ifndef NFL_CTL_EARLY_H
#define NFL_CTL_EARLY_H

/* Ends the process with a message, and status 1, if the CPU is too old. Only
 * an executable may run it, from its .preinit_array. */
void nfl_early_check(void);

#endif
