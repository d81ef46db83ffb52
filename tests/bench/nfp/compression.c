/* Runs of a byte, up to 255, become the byte and how often, if that fits where
 * they were. Returns how many bytes are left over. */
#include <stdint.h>
#include <string.h>

static uint32_t run(const uint8_t *at, uint32_t left)
{
    uint32_t n = 1;

    while (n < left && n < 255 && at[n] == at[0])
        n++;
    return n;
}

/* So that it never meets what is still to be read. */
static uint32_t fits(const uint8_t *payload, uint32_t len)
{
    uint32_t n = 0, to = 0;

    for (uint32_t i = 0; i < len; i += n, to += 2) {
        n = run(payload + i, len - i);
        if (to + 2 > i + n)
            return 0;
    }
    return to;
}

uint32_t nfx_compress(uint8_t *payload, uint32_t payload_len)
{
    uint32_t n = 0, to = 0;

    if (!fits(payload, payload_len))
        return 0;
    for (uint32_t i = 0; i < payload_len; i += n) {
        uint8_t byte = payload[i];

        n = run(payload + i, payload_len - i);
        payload[to++] = byte;
        payload[to++] = (uint8_t)n;
    }
    memset(payload + to, 0, payload_len - to);
    return payload_len - to;
}
