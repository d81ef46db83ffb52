/* The normative hash (SipHash-1-3, after Aumasson and Bernstein) and the
 * division of things among shards. */
#include <nfl/session.h>
#include <string.h>

struct sip {
    uint64_t v0, v1, v2, v3;
};

static inline uint64_t rotl(uint64_t x, unsigned n)
{
    return x << n | x >> (64 - n);
}

static inline void sip_round(struct sip *s)
{
    s->v0 += s->v1;
    s->v1 = rotl(s->v1, 13) ^ s->v0;
    s->v0 = rotl(s->v0, 32);
    s->v2 += s->v3;
    s->v3 = rotl(s->v3, 16) ^ s->v2;
    s->v0 += s->v3;
    s->v3 = rotl(s->v3, 21) ^ s->v0;
    s->v2 += s->v1;
    s->v1 = rotl(s->v1, 17) ^ s->v2;
    s->v2 = rotl(s->v2, 32);
}

static inline void sip_word(struct sip *s, uint64_t m)
{
    s->v3 ^= m;
    sip_round(s);
    s->v0 ^= m;
}

/* Up to 8 bytes as a little-endian number. */
static inline uint64_t load_le(const uint8_t *p, size_t len)
{
    uint64_t v = 0;
    size_t i;

    for (i = 0; i < len; i++)
        v |= (uint64_t)p[i] << (8 * i);
    return v;
}

uint64_t nfl_hash(uint64_t seed, const void *data, size_t len)
{
    const uint8_t *p = data;
    uint64_t k0 = seed, k1 = ~seed, last = (uint64_t)len << 56;
    struct sip s = {k0 ^ 0x736f6d6570736575, k1 ^ 0x646f72616e646f6d,
                    k0 ^ 0x6c7967656e657261, k1 ^ 0x7465646279746573};
    unsigned i;

    for (; len >= 8; p += 8, len -= 8)
        sip_word(&s, load_le(p, 8));
    sip_word(&s, last | load_le(p, len));
    s.v2 ^= 0xff;
    for (i = 0; i < 3; i++)
        sip_round(&s);
    return s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
}

uint64_t nfl_share(uint64_t n, uint32_t shards, uint32_t s)
{
    return n / shards + (s < n % shards);
}
