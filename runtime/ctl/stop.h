/* SIGINT, SIGTERM and SIGHUP ask a run to stop; a second one kills. A live run
 * takes SIGHUP for a request to read its configuration again, unless the kernel
 * sends it because the terminal is gone. */
#ifndef NFL_CTL_STOP_H
#define NFL_CTL_STOP_H

#include <signal.h>
#include <stdbool.h>

/* Blocked until the threads of the EAL run, so that they never take them. From
 * now on a write that cannot succeed fails, and kills nobody. */
void nfl_stop_block(void);
void nfl_stop_install(bool live);

extern volatile sig_atomic_t nfl_stop_signal;   /* 0: go on */
extern volatile sig_atomic_t nfl_reload_signal; /* who acts on it, clears it */

#endif
