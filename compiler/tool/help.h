/* Usage, and what is said when it is wrong. */
#ifndef TOOL_HELP_H
#define TOOL_HELP_H

#include "tool/settings.h"
#include <stdio.h>

struct option_row {
    const char *spelling, *argument; /* NULL: takes none */
    unsigned commands;               /* bit i: command i knows it */
    const char *what;
};

enum option_id {
#define OPTION(id, spelling, argument, commands, what) OPT_##id,
#include "tool/option.def"
#undef OPTION
    OPT_N
};

extern const struct option_row option_rows[OPT_N];
extern const char *const command_names[CMD_N];
extern const char *const pass_names[PASS_N];

/* What follows the file is the program's. */
bool command_has_rest(enum command_id c);

void help_all(FILE *to);
void help_command(enum command_id c, FILE *to);
void help_passes(FILE *to);

/* Prints `nflc: ...` and where to read on; `command` is CMD_N if none was
 * given. Returns 2. */
int usage_error(enum command_id command, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* "; did you mean 'build'?" or "" if nothing is near. */
const char *did_you_mean(struct arena *a, const char *word,
                         const char *const *names, unsigned n);

#endif
