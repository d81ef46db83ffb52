/* For tests/chain/streams.nfl. */

/* A number that tells bytes apart. */
uint32_t nfx_digest(const uint8_t *b, uint32_t b_len)
{
    uint32_t n = 2166136261u, i;

    for (i = 0; i < b_len; i++)
        n = (n ^ b[i]) * 16777619u;
    return n;
}

void nfx_scribble(uint8_t *b, uint32_t b_len)
{
    uint32_t i;

    for (i = 0; i < b_len; i += 7)
        b[i] = (uint8_t)~b[i];
}
