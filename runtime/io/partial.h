/* Checksums that the sender left to hardware which is not there. */
#ifndef NFL_IO_PARTIAL_H
#define NFL_IO_PARTIAL_H

#include <stdbool.h>
#include <stdint.h>

/* Is it a TCP or UDP packet, whole and no fragment? */
bool nfl_l4_whole(const uint8_t *frame, uint32_t len);

/* Does its checksum field hold just the sum of the pseudo-header, as Linux
 * leaves it for offloading, and is wrong as a checksum? False for frames that
 * are no whole TCP or UDP packet. */
bool nfl_checksum_partial(const uint8_t *frame, uint32_t len);

#endif
