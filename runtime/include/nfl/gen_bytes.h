/* The C of the prelude's type bytes: the payload of a packet. Only gen.h
 * includes this. */
#ifndef NFL_GEN_BYTES_H
#define NFL_GEN_BYTES_H

struct nflg_bytes {
    const uint8_t *at;
    uint32_t len;
};

/* Behind the last header, up to the end that the headers give. */
NFLG_FN struct nflg_bytes nfs_packet_payload(const struct nfl_ctx *c,
                                             const struct nflg_head *h)
{
    struct nflg_bytes b = {h->data + h->at, h->end - h->at};

    (void)c;
    return b;
}

#ifdef NFLG_EDITS
/* The header, the outermost of its kind, and what it carries, up to its end. */
NFLG_FN struct nflg_bytes nflg_header_bytes(const struct nflg_head *h,
                                            unsigned kind)
{
    unsigned at = h->off[kind], i = 0;
    struct nflg_bytes b = {h->data + at, 0};
    struct nflg_plan p = {.n = 0};

    nflg_ends(h, &p);
    while (i < h->n && h->parsed[i].at != at)
        i++;
    b.len = i < h->n ? p.end[i] - at : 0;
    return b;
}
#endif

NFLG_FN uint32_t nfs_bytes_len(const struct nfl_ctx *c, struct nflg_bytes b)
{
    (void)c;
    return b.len;
}

NFLG_FN bool nfs_bytes_starts(const struct nfl_ctx *c, struct nflg_bytes b,
                              const char *text, uint64_t at)
{
    size_t n = strlen(text);

    (void)c;
    return at <= b.len && n <= b.len - at && memcmp(b.at + at, text, n) == 0;
}

NFLG_FN bool nfs_bytes_ends(const struct nfl_ctx *c, struct nflg_bytes b,
                            const char *text)
{
    size_t n = strlen(text);

    return n <= b.len && nfs_bytes_starts(c, b, text, b.len - n);
}

NFLG_FN bool nfs_bytes_find(const struct nfl_ctx *c, struct nflg_bytes b,
                            const char *text, uint64_t at, uint64_t *result)
{
    const uint8_t *p, *end = b.at + b.len;
    size_t n = strlen(text);

    (void)c;
    if (at > b.len)
        return false;
    p = b.at + at;
    for (; n && (size_t)(end - p) >= n; p++) {
        p = memchr(p, (unsigned char)*text, (size_t)(end - p) - n + 1);
        if (!p)
            return false;
        if (memcmp(p, text, n) == 0)
            break;
    }
    *result = (uint64_t)(p - b.at);
    return (size_t)(end - p) >= n;
}

NFLG_FN bool nfs_bytes_contains(const struct nfl_ctx *c, struct nflg_bytes b,
                                const char *text, uint64_t at)
{
    uint64_t found;

    return nfs_bytes_find(c, b, text, at, &found);
}

/* Before C writes to the payload: what it was is kept for the checksums. */
NFLG_FN void nflg_edit_payload(const struct nfl_ctx *c, struct nflg_head *h)
{
    nflg_touch(h);
    if (h->was)
        return;
    h->was = c->worker->payload;
    memcpy(c->worker->payload, h->data + h->at, h->end - h->at);
}

#define NFLG_READ(n)                                                           \
    NFLG_FN bool nfs_bytes_u##n(const struct nfl_ctx *c, struct nflg_bytes b,  \
                                uint64_t at, uint64_t *result)                 \
    {                                                                          \
        (void)c;                                                               \
        if (at > b.len || b.len - at < n / 8)                                  \
            return false;                                                      \
        *result = nflg_get##n(b.at + at, 0);                                   \
        return true;                                                           \
    }

NFLG_READ(8)
NFLG_READ(16)
NFLG_READ(32)

#endif
