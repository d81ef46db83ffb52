/* Arithmetic that is total (LANGUAGE.md, section 5), and the bytes and bits of
 * a header that begins at p, big endian. Only gen.h includes this. */
#ifndef NFL_GEN_BITS_H
#define NFL_GEN_BITS_H

/* ---- arithmetic that is total: LANGUAGE.md, section 5 ---- */

#define NFLG_ARITH(n, type)                                                    \
    NFLG_FN type nflg_div##n(type a, type b)                                   \
    {                                                                          \
        return b ? a / b : 0;                                                  \
    }                                                                          \
    NFLG_FN type nflg_mod##n(type a, type b)                                   \
    {                                                                          \
        return b ? a % b : a;                                                  \
    }                                                                          \
    NFLG_FN type nflg_compl##n(type a)                                         \
    {                                                                          \
        return ~a;                                                             \
    }                                                                          \
    /* of a number of `bits` bits; what is shifted out of them is lost */      \
    NFLG_FN type nflg_shl##n(type a, nfl_u128 by, unsigned bits)               \
    {                                                                          \
        return by < bits ? (type)(a << by) & (type)(~(type)0 >> (n - bits))    \
                         : 0;                                                  \
    }                                                                          \
    NFLG_FN type nflg_shr##n(type a, nfl_u128 by, unsigned bits)               \
    {                                                                          \
        return by < bits ? a >> by : 0;                                        \
    }

NFLG_ARITH(32, uint32_t)
NFLG_ARITH(64, uint64_t)
NFLG_ARITH(128, nfl_u128)

/* True if a is of the given family and lies between lo and hi. */
NFLG_FN bool nflg_addr_in(struct nfl_ipaddr a, uint8_t v6, nfl_u128 lo,
                          nfl_u128 hi)
{
    return a.v6 == v6 && a.a >= lo && a.a <= hi;
}

NFLG_FN struct nfl_ipaddr nflg_addr(uint8_t v6, nfl_u128 a)
{
    struct nfl_ipaddr r = {a, v6};

    return r;
}

/* ---- bytes and bits of a header that begins at p, big endian ---- */

NFLG_FN uint32_t nflg_get8(const uint8_t *p, unsigned off)
{
    return p[off];
}

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define NFLG_BE(n, x) __builtin_bswap##n(x)
#else
#define NFLG_BE(n, x) (x)
#endif

#define NFLG_BYTES(n, type)                                                    \
    NFLG_FN type nflg_get##n(const uint8_t *p, unsigned off)                   \
    {                                                                          \
        uint##n##_t v;                                                         \
                                                                               \
        memcpy(&v, p + off, n / 8);                                            \
        return NFLG_BE(n, v);                                                  \
    }                                                                          \
    NFLG_FN void nflg_put##n(uint8_t *p, unsigned off, uint##n##_t v)          \
    {                                                                          \
        v = NFLG_BE(n, v);                                                     \
        memcpy(p + off, &v, n / 8);                                            \
    }

NFLG_BYTES(16, uint32_t)
NFLG_BYTES(32, uint32_t)
NFLG_BYTES(64, uint64_t)

NFLG_FN nfl_u128 nflg_get128(const uint8_t *p, unsigned off)
{
    return NFLG_U128(nflg_get64(p, off), nflg_get64(p, off + 8));
}

/* `bits` bits (1 to 128) from bit `bit` on, bit 0 being the highest of p[0].
 * Reads only the bytes they lie in. Both are constants in most calls, so what
 * is left of this are a few loads. */
NFLG_FN nfl_u128 nflg_getbits128(const uint8_t *p, unsigned bit, unsigned bits)
{
    unsigned off = bit / 8, have = 8 - bit % 8;
    nfl_u128 v = 0;

    if (have < 8 || bits < 8) {
        v = p[off++] & (0xffu >> (8 - have));
        if (bits <= have)
            return v >> (have - bits);
        bits -= have;
    }
    for (; bits >= 64; bits -= 64, off += 8)
        v = v << 32 << 32 | nflg_get64(p, off);
    if (bits & 32)
        v = v << 32 | nflg_get32(p, off);
    off += (bits & 32) / 8;
    if (bits & 16)
        v = v << 16 | nflg_get16(p, off);
    off += (bits & 16) / 8;
    if (bits & 8)
        v = v << 8 | p[off];
    off += (bits & 8) / 8;
    if (bits & 7)
        v = v << (bits & 7) | p[off] >> (8 - (bits & 7));
    return v;
}

NFLG_FN uint64_t nflg_getbits64(const uint8_t *p, unsigned bit, unsigned bits)
{
    return (uint64_t)nflg_getbits128(p, bit, bits);
}

NFLG_FN uint32_t nflg_getbits32(const uint8_t *p, unsigned bit, unsigned bits)
{
    unsigned first = bit / 8, to = bit + bits, n = (to + 7) / 8 - first;

    if (n == 2) /* one load for both bytes */
        return (nflg_get16(p, first) >> (16 - (to - 8 * first))) &
               ((1u << bits) - 1);
    return (uint32_t)nflg_getbits128(p, bit, bits);
}

/* Sets `bits` bits (1 to 8) of one byte, of which `low` are behind them. */
NFLG_FN void nflg_putbyte(uint8_t *p, unsigned bits, unsigned low, unsigned v)
{
    unsigned mask = (0xffu >> (8 - bits)) << low;

    *p = (uint8_t)((*p & ~mask) | (v << low & mask));
}

/* The reverse of nflg_getbits; other bits of the first and the last byte
 * stay. From the last byte to the first. */
NFLG_FN void nflg_putbits(uint8_t *p, unsigned bit, unsigned bits, nfl_u128 v)
{
    unsigned end = bit + bits, n = end % 8;

    if (n) {
        n = n < bits ? n : bits;
        nflg_putbyte(p + end / 8, n, 8 - end % 8, (unsigned)v & 0xff);
        v >>= n;
        bits -= n;
    }
    end /= 8;
    for (; bits >= 64; bits -= 64, v = v >> 32 >> 32)
        nflg_put64(p, end -= 8, (uint64_t)v);
    if (bits & 32)
        nflg_put32(p, end -= 4, (uint32_t)v);
    v >>= bits & 32;
    if (bits & 16)
        nflg_put16(p, end -= 2, (uint16_t)v);
    v >>= bits & 16;
    if (bits & 8)
        p[--end] = (uint8_t)v;
    v >>= bits & 8;
    if (bits & 7)
        nflg_putbyte(p + end - 1, bits & 7, 0, (unsigned)v & 0xff);
}

#endif
