/* DPDK's environment layer, started with arguments that work here. */
#ifndef NFL_CTL_EAL_H
#define NFL_CTL_EAL_H

#include <nfl/options.h>

/* Prints what went wrong, in one line. */
bool nfl_eal_start(const char *program, const struct nfl_options *o);
/* After what may have failed in DPDK: its first message since the start, or
 * NULL. Valid until the next call. */
const char *nfl_eal_complaint(void);
/* The packet path begins: what DPDK says now goes to stderr. */
void nfl_eal_settled(void);
void nfl_eal_stop(void);

#endif
