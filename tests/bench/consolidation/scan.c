/* Reads each byte of a payload: FNV-1a, in the place of a search. */
#include <stdint.h>

uint32_t nfx_scan(const uint8_t *payload, uint32_t payload_len);

uint32_t nfx_scan(const uint8_t *payload, uint32_t payload_len)
{
    uint32_t h = 2166136261;

    for (uint32_t i = 0; i < payload_len; i++)
        h = (h ^ payload[i]) * 16777619;
    return h;
}
