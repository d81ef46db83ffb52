/* The blocks of pcapng (draft-ietf-opsawg-pcapng) that our captures need: one
 * section, one Ethernet interface, timestamps in nanoseconds, the byte order
 * of the machine. Write errors are left in the stream. */
#ifndef NFL_CORE_PCAPNG_H
#define NFL_CORE_PCAPNG_H

#include <stdint.h>
#include <stdio.h>

void nfl_pcapng_head(FILE *f);
void nfl_pcapng_frame(FILE *f, uint64_t time, const uint8_t *data,
                      uint32_t len);

#endif
