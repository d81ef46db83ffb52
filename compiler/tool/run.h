/* nflc run: the binary is executed from memory. */
#ifndef TOOL_RUN_H
#define TOOL_RUN_H

#include "tool/cache.h"

/* Becomes the program: same process, so signals, exit status, terminal and
 * standard streams are its own. rest[0] gives way to `name`, what follows are
 * its options. Returns 1 after a message if it cannot. */
int run_program(const char *name, const struct blob *bin, char **rest);

#endif
