/* Do the functions of extern types, which are C, keep to what the compiler
 * takes for granted of them? */
#ifndef TOOL_EXTERNS_H
#define TOOL_EXTERNS_H

#include <stdio.h>

struct unit;

/* Prints an answer for each function that an NF of a chain calls: verified,
 * refuted or trusted. It reads bitcode that was installed with nflc; nothing
 * of the opened tree is compiled or run. */
void externs_explain(const struct unit *u, FILE *to);

#endif
