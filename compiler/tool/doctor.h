/* nflc doctor: is this machine fit for what nflc, or a program, would do? */
#ifndef TOOL_DOCTOR_H
#define TOOL_DOCTOR_H

#include <stdio.h>

struct arena;

void doctor_help(FILE *to);

/* argv[0] is the word doctor, the rest are options of a program. Returns the
 * exit status: 0 fine, 1 if something is bad, 2 after a usage error. */
int doctor(struct arena *a, int argc, char **argv);

#endif
