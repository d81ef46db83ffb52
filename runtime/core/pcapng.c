#include "core/pcapng.h"

enum {
    SECTION = 0x0a0d0d0a,
    INTERFACE = 1,
    PACKET = 6,
    BYTE_ORDER = 0x1a2b3c4d,
    LINK_ETHERNET = 1,
    OPT_END = 0,
    OPT_TSRESOL = 9
};

static void put16(FILE *f, uint16_t v)
{
    fwrite(&v, sizeof(v), 1, f);
}

static void put32(FILE *f, uint32_t v)
{
    fwrite(&v, sizeof(v), 1, f);
}

static void section(FILE *f)
{
    const uint32_t size = 28;

    put32(f, SECTION);
    put32(f, size);
    put32(f, BYTE_ORDER);
    put16(f, 1); /* version 1.0 */
    put16(f, 0);
    put32(f, UINT32_MAX); /* length of the section: not told */
    put32(f, UINT32_MAX);
    put32(f, size);
}

static void interface(FILE *f)
{
    const uint32_t size = 32;
    const uint8_t nanoseconds[4] = {9};

    put32(f, INTERFACE);
    put32(f, size);
    put16(f, LINK_ETHERNET);
    put16(f, 0);
    put32(f, 0); /* frames of any length */
    put16(f, OPT_TSRESOL);
    put16(f, 1);
    fwrite(nanoseconds, sizeof(nanoseconds), 1, f);
    put16(f, OPT_END);
    put16(f, 0);
    put32(f, size);
}

void nfl_pcapng_head(FILE *f)
{
    section(f);
    interface(f);
}

void nfl_pcapng_frame(FILE *f, uint64_t time, const uint8_t *data, uint32_t len)
{
    const uint8_t zero[4] = {0};
    uint32_t pad = -len & 3, size = 32 + len + pad;

    put32(f, PACKET);
    put32(f, size);
    put32(f, 0); /* interface */
    put32(f, (uint32_t)(time >> 32));
    put32(f, (uint32_t)time);
    put32(f, len);
    put32(f, len);
    fwrite(data, 1, len, f);
    fwrite(zero, 1, pad, f);
    put32(f, size);
}
