/* The C of bytes.nfl. */
#include <stdbool.h>
#include <stdint.h>

uint32_t nfx_fnv(const uint8_t *packet, uint32_t packet_len, uint16_t with)
{
    uint32_t h = 2166136261u ^ with;

    for (uint32_t i = 0; i < packet_len; i++)
        h = (h ^ packet[i]) * 16777619u;
    return h;
}

bool nfx_both(const uint8_t *outer, uint32_t outer_len, const uint8_t *inner,
              uint32_t inner_len, uint32_t *result_0, uint32_t *result_1)
{
    *result_0 = nfx_fnv(outer, outer_len, 1);
    *result_1 = nfx_fnv(inner, inner_len, 2);
    return outer_len >= inner_len;
}

void nfx_spoil(uint8_t *payload, uint32_t payload_len)
{
    for (uint32_t i = 0; i < payload_len; i += 3)
        payload[i] ^= 0x5a;
}
