/* The one's complement sum of RFC 1071. */
#include <stdbool.h>
#include <stdint.h>

enum { IPV6_BYTES = 16, ICMP6 = 58 };

/* Of at most 65,535 bytes, so that no carry is lost. */
static uint64_t add(uint64_t sum, const uint8_t *p, uint32_t n)
{
    uint32_t i;

    for (i = 0; i + 1 < n; i += 2)
        sum += (uint32_t)p[i] << 8 | p[i + 1];
    return i < n ? sum + ((uint32_t)p[i] << 8) : sum;
}

static bool is_right(uint64_t sum)
{
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return sum == 0xffff;
}

bool nfx_icmp_right(const uint8_t *message, uint32_t message_len)
{
    return is_right(add(0, message, message_len));
}

bool nfx_icmp6_right(const uint8_t *message, uint32_t message_len,
                     const uint8_t *from, const uint8_t *to)
{
    uint64_t sum = message_len + ICMP6;

    sum = add(sum, from, IPV6_BYTES);
    sum = add(sum, to, IPV6_BYTES);
    return is_right(add(sum, message, message_len));
}
