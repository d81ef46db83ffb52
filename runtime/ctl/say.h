/* Messages to people on stderr: "PROGRAM: ...", one line each. */
#ifndef NFL_CTL_SAY_H
#define NFL_CTL_SAY_H

#include <stdbool.h>

void nfl_say_init(const char *program);
void nfl_say_quiet(bool quiet);

/* What went wrong, or will. */
void nfl_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* What is good to know; silent with --quiet. */
void nfl_note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
