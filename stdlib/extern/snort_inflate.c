/* Bodies of HTTP that are compressed: gzip, and deflate with its header or
 * without. All that is kept of a body is inflated anew whenever it is judged,
 * into memory that was made at the start, and no further than there is room. */
#include "snort_run.h"

#include <string.h>
#include <zlib.h>

/* ---- memory ---- */

static voidpf take(voidpf of, uInt n, uInt size)
{
    struct nfs_scratch *s = of;
    size_t bytes = ((size_t)n * size + 15) & ~(size_t)15;
    void *at = s->pool + s->pool_n;

    if (bytes > sizeof(s->pool) - s->pool_n)
        return Z_NULL;
    s->pool_n += (uint32_t)bytes;
    return at;
}

static void give(voidpf of, voidpf at)
{
    (void)of, (void)at;
}

/* ---- bodies ---- */

/* How many bytes come of it, also if it is wrong or goes on; 0: none. `bits` as
 * in inflateInit2. */
static uint32_t inflate_as(struct nfs_scratch *s, const uint8_t *at,
                           uint32_t len, int bits)
{
    z_stream z = {.zalloc = take,
                  .zfree = give,
                  .opaque = s,
                  .next_in = (Bytef *)(uintptr_t)at,
                  .avail_in = len,
                  .next_out = s->inflated,
                  .avail_out = sizeof(s->inflated)};

    s->pool_n = 0;
    if (inflateInit2(&z, bits) != Z_OK)
        return 0;
    inflate(&z, Z_SYNC_FLUSH);
    inflateEnd(&z);
    return (uint32_t)(sizeof(s->inflated) - z.avail_out);
}

/* Bytes of the head of gzip (RFC 1952, 2.3), or all: its checksum is not asked,
 * which not all clients do. */
static uint32_t gzip_head(const uint8_t *at, uint32_t len)
{
    enum { CRC = 2, EXTRA = 4, NAME = 8, COMMENT = 16 };
    uint32_t n = 10;

    if (len < 12)
        return len;
    if (at[3] & EXTRA)
        n += 2u + at[10] + at[11] * 256u;
    for (unsigned text = at[3] & (NAME | COMMENT); text; text &= text - 1) {
        while (n < len && at[n])
            n++;
        n++;
    }
    n += at[3] & CRC;
    return n < len ? n : len;
}

static bool has(const uint8_t *at, uint32_t len, const char *word)
{
    uint32_t n = (uint32_t)strlen(word), k;

    for (uint32_t i = 0; at && i + n <= len; i++) {
        for (k = 0; k < n && (at[i + k] | 0x20) == word[k];)
            k++;
        if (k == n)
            return true;
    }
    return false;
}

/* What clients take for gzip or deflate is taken so here, however it is told;
 * gzip also shows by its first bytes. */
void nfs_inflate(const struct nfs_http *h, struct nfs_scratch *s,
                 const uint8_t **at, uint32_t *len)
{
    uint32_t value_len = 0, n = 0;
    const uint8_t *value = nfs_http_value(h, "content-encoding", &value_len);

    if (*len < 2)
        return;
    if ((*at)[0] == 0x1f && (*at)[1] == 0x8b) {
        n = gzip_head(*at, *len);
        n = inflate_as(s, *at + n, *len - n, -15);
    } else if (has(value, value_len, "deflate")) {
        n = inflate_as(s, *at, *len, 15);
        if (n == 0)
            n = inflate_as(s, *at, *len, -15);
    }
    if (n == 0)
        return;
    *at = s->inflated;
    *len = n;
}
