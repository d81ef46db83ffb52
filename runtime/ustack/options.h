/* The options of a TCP header that the monitor looks at. */
#ifndef NFL_USTACK_OPTIONS_H
#define NFL_USTACK_OPTIONS_H

#include "ustack/stream.h"

/* Reads the n bytes of options into h. False: they are malformed from some
 * place on, and those before it count. */
bool us_options(struct us_header *h, const uint8_t *p, uint32_t n);

#endif
