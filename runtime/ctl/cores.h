/* The CPUs of a run: a worker has one of its own; where there are several, the
 * main thread has what is left, or shares the first. */
#ifndef NFL_CTL_CORES_H
#define NFL_CTL_CORES_H

#include <nfl/options.h>
#include <stddef.h>

/* Before the EAL: has this process the CPUs that --cores asks for? Prints what
 * is wrong. */
bool nfl_cores_check(const struct nfl_options *o);
/* The argument of EAL's --lcores: lcore 0 is the main thread, and the worker,
 * too, if there is only one; else worker i is lcore i + 1. */
void nfl_cores_lcores(const struct nfl_options *o, char *buf, size_t len);

/* After the EAL: has it an lcore for each worker? Prints. */
bool nfl_cores_ready(const struct nfl_options *o);
/* Runs fn(arg, index) for each of n workers on a lcore of its own. The main
 * thread goes on; nfl_cores_join waits for all. */
void nfl_cores_launch(unsigned n, void (*fn)(void *arg, unsigned index),
                      void *arg);
void nfl_cores_join(void);

#endif
