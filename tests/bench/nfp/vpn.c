/* XTEA in counter mode (Needham and Wheeler, 1997): an example of C that reads
 * and writes a payload, not of a cipher to use. */
#include <stdint.h>

static uint64_t block(uint64_t key, uint32_t nonce, uint32_t n)
{
    uint32_t k[4] = {(uint32_t)key, (uint32_t)(key >> 32), ~(uint32_t)key,
                     ~(uint32_t)(key >> 32)};
    uint32_t a = nonce, b = n, sum = 0;

    for (unsigned i = 0; i < 32; i++) {
        a += (((b << 4) ^ (b >> 5)) + b) ^ (sum + k[sum & 3]);
        sum += 0x9e3779b9;
        b += (((a << 4) ^ (a >> 5)) + a) ^ (sum + k[sum >> 11 & 3]);
    }
    return (uint64_t)a << 32 | b;
}

void nfx_encipher(uint8_t *payload, uint32_t payload_len, uint64_t key,
                  uint32_t nonce)
{
    for (uint32_t i = 0; i < payload_len; i++)
        payload[i] ^= (uint8_t)(block(key, nonce, i / 8) >> (i % 8 * 8));
}
