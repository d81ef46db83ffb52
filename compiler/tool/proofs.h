/* --verify: proofs before anything is compiled. */
#ifndef TOOL_PROOFS_H
#define TOOL_PROOFS_H

#include <stdbool.h>
#include <stdio.h>

struct settings;
struct unit;

/* Prints what is proved. False if something is refuted, or if this nflc has no
 * Z3; what could not be proved is told, and stops nothing. */
bool proofs_good(const struct unit *u, const struct settings *s, FILE *to);

#endif
