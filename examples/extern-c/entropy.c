/* Shannon's entropy of bytes, in whole numbers, so that it is the same on every
 * machine. */

/* log2(n) times 256, for n in 1..65535: bits, then eight digits behind them. */
static uint32_t log2_256(uint32_t n)
{
    uint32_t whole = 31 - (uint32_t)__builtin_clz(n), result = whole * 256;
    uint64_t x = (uint64_t)n << (31 - whole); /* 1 to 2, times 2^31 */

    for (uint32_t digit = 128; digit; digit /= 2) {
        x = x * x >> 31;
        if (x >> 32) {
            x /= 2;
            result += digit;
        }
    }
    return result;
}

uint16_t nfx_entropy(const uint8_t *payload, uint32_t payload_len)
{
    uint32_t count[256] = {0};
    uint64_t sum = 0;

    if (payload_len == 0 || payload_len > 65535)
        return 0;
    for (uint32_t i = 0; i < payload_len; i++)
        count[payload[i]]++;
    for (unsigned b = 0; b < 256; b++)
        if (count[b])
            sum += (uint64_t)count[b] * log2_256(count[b]);
    return (uint16_t)(log2_256(payload_len) - sum / payload_len);
}
