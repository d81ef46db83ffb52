/* RFC 9293, 3.2; RFC 7323, 2 and 3; RFC 2018, 2; RFC 2385; RFC 5925, 2. */
#include "ustack/options.h"

enum {
    KIND_END = 0,
    KIND_NOP = 1,
    KIND_SCALE = 3,
    KIND_SACKS = 4,
    KIND_STAMP = 8,
    KIND_MD5 = 19,
    KIND_AO = 29
};
enum { SCALE_BYTES = 3, SACKS_BYTES = 2, STAMP_BYTES = 10, SCALE_MAX = 14 };

static void option(struct us_header *h, const uint8_t *p, unsigned len)
{
    if (p[0] == KIND_SCALE && len == SCALE_BYTES) {
        h->scaled = true;
        h->scale = p[2] < SCALE_MAX ? p[2] : SCALE_MAX;
    } else if (p[0] == KIND_SACKS && len == SACKS_BYTES) {
        h->sacks = true;
    } else if (p[0] == KIND_MD5 || p[0] == KIND_AO) {
        h->with_sign = true;
    } else if (p[0] == KIND_STAMP && len == STAMP_BYTES) {
        h->stamped = true;
        h->stamp = nfl_tcp_get32(p + 2);
    }
}

bool us_options(struct us_header *h, const uint8_t *p, uint32_t n)
{
    uint32_t at = 0;

    while (at < n && p[at] != KIND_END) {
        if (p[at] == KIND_NOP) {
            at++;
            continue;
        }
        if (n - at < 2 || p[at + 1] < 2 || p[at + 1] > n - at)
            return false;
        option(h, p + at, p[at + 1]);
        at += p[at + 1];
    }
    return true;
}
