/* Rounds of AES in a chain over the blocks of a key (one for IPv4, three for
 * IPv6), four for each: after two every bit depends on every other. */
#include "flow/bucket.h"
#include <nfl/session.h>
#ifdef __x86_64__
#include <wmmintrin.h>
#endif

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

static inline AES __m128i block(uint64_t low, uint64_t high)
{
    return _mm_set_epi64x((long long)high, (long long)low);
}

static inline AES uint64_t aes_hash4(const __m128i *k, const uint64_t *w)
{
    __m128i x = rounds(k, _mm_xor_si128(k[0], block(w[0], w[1])));

    return (uint64_t)_mm_cvtsi128_si64(x);
}

static AES uint64_t aes_hash(const struct nfl_bucket_key *key,
                             const uint64_t *w, bool v6)
{
    const __m128i *k = (const __m128i *)(const void *)key->k;
    __m128i x = k[0];

    if (!v6)
        return aes_hash4(k, w);
    x = rounds(k, _mm_xor_si128(x, block(w[0], w[1])));
    x = rounds(k, _mm_xor_si128(x, block(w[2], w[3])));
    x = rounds(k, _mm_xor_si128(x, block(w[4], 1)));
    return (uint64_t)_mm_cvtsi128_si64(x);
}

static AES void aes_hash_all4(const struct nfl_bucket_key *key,
                              const uint64_t (*w)[NFL_KEY4_WORDS],
                              uint64_t *hash, unsigned n)
{
    const __m128i *k = (const __m128i *)(const void *)key->k;
    unsigned i;

    for (i = 0; i < n; i++)
        hash[i] = aes_hash4(k, w[i]);
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

static uint64_t aes_hash(const struct nfl_bucket_key *key, const uint64_t *w,
                         bool v6)
{
    (void)key, (void)w, (void)v6;
    return 0;
}

static void aes_hash_all4(const struct nfl_bucket_key *key,
                          const uint64_t (*w)[NFL_KEY4_WORDS], uint64_t *hash,
                          unsigned n)
{
    (void)key, (void)w, (void)hash, (void)n;
}
#endif

void nfl_bucket_key_init(struct nfl_bucket_key *key, uint64_t seed)
{
    static const char what[] = "bucket";
    uint64_t first = nfl_hash(seed, what, sizeof(what)), i;

    for (i = 0; i < sizeof(key->k) / sizeof(*key->k); i++)
        key->k[i] = nfl_hash(first, &i, sizeof(i));
    key->aes = has_aes();
}

uint64_t nfl_bucket_hash(const struct nfl_bucket_key *key, const uint64_t *w,
                         bool v6)
{
    if (key->aes)
        return aes_hash(key, w, v6);
    return nfl_hash(key->k[0], w,
                    (v6 ? NFL_KEY6_WORDS : NFL_KEY4_WORDS) * sizeof(*w));
}

uint64_t nfl_hash_probe(const struct nfl_finder *f, const struct nfl_probe *k)
{
    return nfl_hash_words(f, k->w, k->v6);
}

uint64_t nfl_hash_words(const struct nfl_finder *f, const uint64_t *w, bool v6)
{
    return nfl_bucket_hash(&f->key, w, v6);
}

void nfl_hash_keys4(const struct nfl_finder *f,
                    const uint64_t (*w)[NFL_KEY4_WORDS], uint64_t *hash,
                    unsigned n)
{
    unsigned i;

    if (f->key.aes)
        aes_hash_all4(&f->key, w, hash, n);
    for (i = 0; i < n; i++) {
        if (!f->key.aes)
            hash[i] = nfl_bucket_hash(&f->key, w[i], false);
        nfl_find_fetch_line(f, hash[i]);
    }
}

uint64_t nfl_bucket_words(const struct nfl_bucket_key *key, const uint64_t *w,
                          unsigned n)
{
    return key->aes ? aes_words(key, w, n)
                    : nfl_hash(key->k[0], w, n * sizeof(*w));
}
