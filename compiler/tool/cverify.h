/* Does C of the program keep to what is declared of it? */
#ifndef TOOL_CVERIFY_H
#define TOOL_CVERIFY_H

#include "tool/ccode.h"

struct diags;

/* Looks at the bitcode of a file. False after an error: a function does more,
 * or it cannot be known and is not declared `trusted`. */
bool cverify(struct ccode *c, struct diags *diags, const char *path);

/* ccode.c: the command that compiles C of the program; running one. */
struct words ccode_command(const struct ccode *c, const char *cc,
                           const char *flags, const char *from, const char *to);
bool ccode_run(struct ccode *c, const struct words *argv, const char *what);

#endif
