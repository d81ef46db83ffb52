/* What tests/ustack/tcp does; each returns the exit status. */
#ifndef NFL_TESTS_COMMANDS_H
#define NFL_TESTS_COMMANDS_H

#include "engine.h"

/* Prints "FILE NAME LENGTH SHA-256" for each direction that has bytes. */
int streams(const struct engine *e, char **files);

/* Prints the variants of captures whose streams are not those of the capture,
 * then "N variants". */
int variants(const struct engine *e, unsigned n, uint64_t seed, char **files);

/* n random connections; prints those that both do not agree on. */
int lockstep(const struct engine *a, const struct engine *b, unsigned n,
             uint64_t seed);

/* Feeds at least n segments as nobody sends them to all monitors. Prints what
 * they do not agree about, with the seed that shows it again, and how many
 * there were. */
int all_differ(const struct engine *const *all, uint64_t n, uint64_t seed);

/* Reads lines, see feed.c. */
int feed(const struct engine *e);

#endif
