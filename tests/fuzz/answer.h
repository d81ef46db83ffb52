/* What the peers of random packets answer. */
#ifndef FUZZ_ANSWER_H
#define FUZZ_ANSWER_H

#include <stdbool.h>
#include <stdint.h>

/* Writes the capture TO: what is in OWN, and, by time between it, answers to
 * most packets of ASKED, which left where OWN arrives. The same seed gives the
 * same ones. False if a file cannot be read or written. */
bool answer(const char *own, const char *asked, const char *to, uint64_t seed);

#endif
