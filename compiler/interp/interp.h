/* The reference interpreter: runs the typed tree over captures, packet by
 * packet, as part II of compiler/LANGUAGE.md says. Small, slow and obviously
 * right; it shares nothing with what the compiler emits or the runtime does
 * but the reading of command lines, captures and rule files, and the printing
 * of reports, traces and states. */
#ifndef NFL_INTERP_INTERP_H
#define NFL_INTERP_INTERP_H

#include <stdio.h>

struct chain;
struct unit;

/* Runs the checked program of u->tree. argv is that of a compiled program (see
 * nfl/options.h), argv[0] is not looked at. Returns the exit status. */
int interp_run(struct unit *u, int argc, char **argv);

/* Warns of what is odd in rule files that the program of u->tree names; files
 * that are not there, or cannot be read, are passed over. */
void interp_advise(struct unit *u);

/* What follows from the files that the chain's objects are made of, in lines of
 * explain. */
void interp_tell(const struct unit *u, const struct chain *c, FILE *to);

#endif
