/* Rounds of AES in a chain over the blocks of a tuple (one for IPv4, three for
 * IPv6), four for each: after two every bit depends on every other. */
#include "flow/bucket.h"
#include <nfl/session.h>
#ifdef __x86_64__
#include <wmmintrin.h>
#endif

/* All of a tuple but the addresses. */
static inline uint64_t rest_of(const struct nfl_tuple *t, unsigned side)
{
    return (uint64_t)t->sport << 48 | (uint64_t)t->dport << 32 |
           (uint64_t)t->proto << 16 | (uint64_t)t->v6 << 8 | side;
}

static inline uint64_t ends_of(const struct nfl_tuple *t)
{
    return (uint64_t)t->src << 32 | (uint32_t)t->dst;
}

#ifdef __x86_64__
#define AES __attribute__((target("aes")))

static bool has_aes(void)
{
    return __builtin_cpu_supports("aes");
}

static inline AES __m128i number(nfl_u128 v)
{
    return _mm_set_epi64x((long long)(v >> 64), (long long)v);
}

static inline AES __m128i rounds(const __m128i *k, __m128i x)
{
    int i;

    for (i = 1; i <= NFL_BUCKET_ROUNDS; i++)
        x = _mm_aesenc_si128(x, k[i]);
    return x;
}

static AES uint64_t aes_hash(const struct nfl_bucket_key *key,
                             const struct nfl_tuple *t, unsigned side)
{
    const __m128i *k = (const __m128i *)(const void *)key->k;
    nfl_u128 last = (nfl_u128)rest_of(t, side) << 64;
    __m128i x = k[0];

    if (t->v6) {
        x = rounds(k, _mm_xor_si128(x, number(t->src)));
        x = rounds(k, _mm_xor_si128(x, number(t->dst)));
    } else {
        last |= ends_of(t);
    }
    x = rounds(k, _mm_xor_si128(x, number(last)));
    return (uint64_t)_mm_cvtsi128_si64(x);
}

static AES uint64_t aes_words(const struct nfl_bucket_key *key,
                              const uint64_t *w, unsigned n)
{
    const __m128i *k = (const __m128i *)(const void *)key->k;
    __m128i x = k[0];
    unsigned i;

    for (i = 0; i < n; i += 2)
        x = rounds(k, _mm_xor_si128(
                          x, number((nfl_u128)(i + 1 < n ? w[i + 1] : 0) << 64 |
                                    w[i])));
    return (uint64_t)_mm_cvtsi128_si64(x);
}
#else
static bool has_aes(void)
{
    return false;
}

static uint64_t aes_words(const struct nfl_bucket_key *key, const uint64_t *w,
                          unsigned n)
{
    (void)key, (void)w, (void)n;
    return 0;
}

static uint64_t aes_hash(const struct nfl_bucket_key *key,
                         const struct nfl_tuple *t, unsigned side)
{
    (void)key, (void)t, (void)side;
    return 0;
}
#endif

static uint64_t sip_hash(const struct nfl_bucket_key *key,
                         const struct nfl_tuple *t, unsigned side)
{
    uint64_t v4[] = {ends_of(t), rest_of(t, side)};
    uint64_t v6[] = {(uint64_t)t->src, (uint64_t)(t->src >> 64),
                     (uint64_t)t->dst, (uint64_t)(t->dst >> 64),
                     rest_of(t, side)};

    return t->v6 ? nfl_hash(key->k[0], v6, sizeof(v6))
                 : nfl_hash(key->k[0], v4, sizeof(v4));
}

void nfl_bucket_key_init(struct nfl_bucket_key *key, uint64_t seed)
{
    static const char what[] = "bucket";
    uint64_t first = nfl_hash(seed, what, sizeof(what)), i;

    for (i = 0; i < sizeof(key->k) / sizeof(*key->k); i++)
        key->k[i] = nfl_hash(first, &i, sizeof(i));
    key->aes = has_aes();
}

uint64_t nfl_bucket_hash(const struct nfl_bucket_key *key,
                         const struct nfl_tuple *t, unsigned side)
{
    return key->aes ? aes_hash(key, t, side) : sip_hash(key, t, side);
}

uint64_t nfl_bucket_words(const struct nfl_bucket_key *key, const uint64_t *w,
                          unsigned n)
{
    return key->aes ? aes_words(key, w, n)
                    : nfl_hash(key->k[0], w, n * sizeof(*w));
}
