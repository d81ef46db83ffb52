/* Processes that nflc runs: the C compiler. No shell is ever between. */
#ifndef TOOL_PROCESS_H
#define TOOL_PROCESS_H

#include "tool/words.h"

#include <stdbool.h>

/* The program that NAME means, a path or a name to look up in PATH, or NULL. */
const char *process_find(struct arena *a, const char *name);

/* Prints a command so that it can be pasted into a shell. */
void process_show(const struct words *argv);

/* Runs a command and waits. Returns its exit status, 128 + N if signal N
 * ended it, or -1 after a message if it cannot be started. When it takes more
 * than a second, a terminal is told WHAT goes on (NULL: nothing). */
int process_run(const struct words *argv, const char *what);

/* Runs a command without input. *out is what it printed, standard output and
 * error in one. */
int process_capture(const struct words *argv, const char *what,
                    const char **out);

/* Runs commands, as many at once as there are processors. Returns the status of
 * one that failed, or 0. */
int process_run_all(const struct words *argv, unsigned n, const char *what);

/* SIGINT, SIGTERM or SIGHUP, if one arrived since process_guard(), else 0.
 * From then on they no longer end nflc, so that it can clean up; a running
 * command gets them, too, and the next ones are not started. */
void process_guard(void);
int process_signal(void);
/* They end nflc again, as before. */
void process_unguard(void);

#endif
