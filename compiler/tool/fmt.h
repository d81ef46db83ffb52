/* nflc fmt: programs in the one form of the language. */
#ifndef TOOL_FMT_H
#define TOOL_FMT_H

#include <stdio.h>

struct arena;

void fmt_help(FILE *to);

/* argv[0] is the word fmt. Returns the exit status: 0 fine, 1 if a file is
 * wrong or, with --check and --diff, not formatted, 2 after a usage error. */
int fmt(struct arena *a, int argc, char **argv);

#endif
