/* MD5 (RFC 1321) and SHA-256 (RFC 6234) of short texts: for names by which
 * things are known, not for secrets. */
#ifndef NFS_DIGEST_H
#define NFS_DIGEST_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

struct digest {
    uint32_t state[8];
    uint64_t len;
    uint8_t block[64];
    bool sha;
};

static inline uint32_t digest_left(uint32_t x, unsigned n)
{
    return x << n | x >> (32 - n);
}

static inline uint32_t digest_right(uint32_t x, unsigned n)
{
    return x >> n | x << (32 - n);
}

/* Word i of the block, in the byte order of the function. */
static inline uint32_t digest_word(const struct digest *d, unsigned i)
{
    const uint8_t *b = d->block + 4 * i;

    if (d->sha)
        return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 |
               (uint32_t)b[2] << 8 | b[3];
    return (uint32_t)b[3] << 24 | (uint32_t)b[2] << 16 | (uint32_t)b[1] << 8 |
           b[0];
}

static inline void digest_md5_block(struct digest *d)
{
    static const uint8_t turns[4][4] = {
        {7, 12, 17, 22}, {5, 9, 14, 20}, {4, 11, 16, 23}, {6, 10, 15, 21}};
    static const uint32_t sines[64] = {
        0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee, 0xf57c0faf, 0x4787c62a,
        0xa8304613, 0xfd469501, 0x698098d8, 0x8b44f7af, 0xffff5bb1, 0x895cd7be,
        0x6b901122, 0xfd987193, 0xa679438e, 0x49b40821, 0xf61e2562, 0xc040b340,
        0x265e5a51, 0xe9b6c7aa, 0xd62f105d, 0x02441453, 0xd8a1e681, 0xe7d3fbc8,
        0x21e1cde6, 0xc33707d6, 0xf4d50d87, 0x455a14ed, 0xa9e3e905, 0xfcefa3f8,
        0x676f02d9, 0x8d2a4c8a, 0xfffa3942, 0x8771f681, 0x6d9d6122, 0xfde5380c,
        0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70, 0x289b7ec6, 0xeaa127fa,
        0xd4ef3085, 0x04881d05, 0xd9d4d039, 0xe6db99e5, 0x1fa27cf8, 0xc4ac5665,
        0xf4292244, 0x432aff97, 0xab9423a7, 0xfc93a039, 0x655b59c3, 0x8f0ccc92,
        0xffeff47d, 0x85845dd1, 0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1,
        0xf7537e82, 0xbd3af235, 0x2ad7d2bb, 0xeb86d391};
    uint32_t a = d->state[0], b = d->state[1], c = d->state[2], e = d->state[3];

    for (unsigned i = 0; i < 64; i++) {
        unsigned round = i / 16, k;
        uint32_t f, next;

        f = round == 0   ? (b & c) | (~b & e)
            : round == 1 ? (e & b) | (~e & c)
            : round == 2 ? b ^ c ^ e
                         : c ^ (b | ~e);
        k = round == 0   ? i
            : round == 1 ? 5 * i + 1
            : round == 2 ? 3 * i + 5
                         : 7 * i;
        next = b + digest_left(a + f + sines[i] + digest_word(d, k % 16),
                               turns[round][i % 4]);
        a = e;
        e = c;
        c = b;
        b = next;
    }
    d->state[0] += a;
    d->state[1] += b;
    d->state[2] += c;
    d->state[3] += e;
}

static inline void digest_sha_words(const struct digest *d, uint32_t w[64])
{
    for (unsigned i = 0; i < 16; i++)
        w[i] = digest_word(d, i);
    for (unsigned i = 16; i < 64; i++) {
        uint32_t x = w[i - 15], y = w[i - 2];

        w[i] = w[i - 16] + w[i - 7] +
               (digest_right(x, 7) ^ digest_right(x, 18) ^ x >> 3) +
               (digest_right(y, 17) ^ digest_right(y, 19) ^ y >> 10);
    }
}

static inline void digest_sha_block(struct digest *d)
{
    static const uint32_t roots[64] = {
        0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1,
        0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3,
        0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786,
        0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
        0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147,
        0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13,
        0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b,
        0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
        0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a,
        0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208,
        0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};
    uint32_t w[64], s[8];

    digest_sha_words(d, w);
    memcpy(s, d->state, sizeof(s));
    for (unsigned i = 0; i < 64; i++) {
        uint32_t e = s[4], a = s[0];
        uint32_t t1 =
            s[7] +
            (digest_right(e, 6) ^ digest_right(e, 11) ^ digest_right(e, 25)) +
            ((e & s[5]) ^ (~e & s[6])) + roots[i] + w[i];
        uint32_t t2 =
            (digest_right(a, 2) ^ digest_right(a, 13) ^ digest_right(a, 22)) +
            ((a & s[1]) ^ (a & s[2]) ^ (s[1] & s[2]));

        memmove(s + 1, s, 7 * sizeof(s[0]));
        s[4] += t1;
        s[0] = t1 + t2;
    }
    for (unsigned i = 0; i < 8; i++)
        d->state[i] += s[i];
}

static inline void digest_begin(struct digest *d, bool sha)
{
    static const uint32_t md5[8] = {0x67452301, 0xefcdab89, 0x98badcfe,
                                    0x10325476};
    static const uint32_t sha256[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372,
                                       0xa54ff53a, 0x510e527f, 0x9b05688c,
                                       0x1f83d9ab, 0x5be0cd19};

    memcpy(d->state, sha ? sha256 : md5, sizeof(d->state));
    d->len = 0;
    d->sha = sha;
}

static inline void digest_add(struct digest *d, uint8_t byte)
{
    d->block[d->len++ % 64] = byte;
    if (d->len % 64 != 0)
        return;
    if (d->sha)
        digest_sha_block(d);
    else
        digest_md5_block(d);
}

static inline void digest_text(struct digest *d, const char *text)
{
    for (; *text; text++)
        digest_add(d, (uint8_t)*text);
}

/* The first 64 bits are word 0, the next word 1. */
static inline uint64_t digest_end(struct digest *d, unsigned word)
{
    uint64_t bits = d->len * 8, v = 0;

    digest_add(d, 0x80);
    while (d->len % 64 != 56)
        digest_add(d, 0);
    for (unsigned i = 0; i < 8; i++)
        digest_add(d, (uint8_t)(bits >> 8 * (d->sha ? 7 - i : i)));
    for (unsigned i = 0; i < 8; i++) {
        uint32_t s = d->state[2 * word + i / 4];

        v = v << 8 | (uint8_t)(s >> 8 * (d->sha ? 3 - i % 4 : i % 4));
    }
    return v;
}

#endif
