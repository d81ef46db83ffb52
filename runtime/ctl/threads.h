/* The same in all threads: the kernel keeps rights for each of them. */
#ifndef NFL_CTL_THREADS_H
#define NFL_CTL_THREADS_H

#include <stdbool.h>

/* Calls `job`, which must be async-signal-safe, once in each thread of the
 * process, in the others by a signal. False if it failed in one, or if one
 * did not come to it. No thread may be created meanwhile. */
bool nfl_in_every_thread(bool (*job)(void));

#endif
