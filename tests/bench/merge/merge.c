/* Writing what a row says into headers: the copies and stores that nflc emits,
 * beside one masked merge of the first 64 bytes, whose mask is the shape's and
 * whose values are the row's. Checksums depend on the packet, so all variants
 * change them the same way. Variants alternate, and the first comes twice.
 *
 *     merge ROUNDS
 *
 * prints, for each side, its name and the 10th percentiles of cycles a packet:
 * of the copy, again of the copy, and of the variants in their order; 0 where
 * the processor lacks the instructions. */
#include <immintrin.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BURST = 32, ROWS = 1000, BURSTS = 256, WINDOW = 64, RUNS = 6 };
enum { ETH = 14, TOS = ETH + 1, ENDS4 = ETH + 12, ENDS6 = ETH + 8 };

/* As of a session: what packets leave with. */
struct row {
    uint8_t ends[36]; /* addresses and ports, as they lie in a packet */
    uint8_t tos;
    uint16_t delta[2];
} __attribute__((aligned(64)));

struct value {
    uint8_t byte[WINDOW]; /* 0 where the mask is */
} __attribute__((aligned(64)));

static struct row rows[ROWS];
static struct value values[ROWS];
static uint8_t fresh[BURST][WINDOW], frames[BURST][WINDOW];
static uint16_t order[BURSTS][BURST];

/* ---- checksums: RFC 1624, equation 3 ---- */

static inline uint16_t load16(const uint8_t *p)
{
    uint16_t v;

    memcpy(&v, p, sizeof(v));
    return v;
}

static inline uint16_t changed(const uint8_t *p, uint16_t by)
{
    uint32_t sum = (uint16_t)~load16(p) + (uint32_t)by;

    sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)~((sum & 0xffff) + (sum >> 16));
}

/* ---- sides: what is constant where code is emitted ---- */

struct side {
    const char *name;
    unsigned at, bytes; /* of the ends */
    bool tos;
    unsigned sum[2], sums;
};

static const struct side side_v4 = {
    .name = "ipv4", .at = ENDS4, .bytes = 12, .sum = {24, 50}, .sums = 2};
static const struct side side_dscp = {.name = "ipv4-dscp",
                                      .at = ENDS4,
                                      .bytes = 12,
                                      .tos = true,
                                      .sum = {24, 50},
                                      .sums = 2};
static const struct side side_v6 = {
    .name = "ipv6", .at = ENDS6, .bytes = 36, .sum = {60}, .sums = 1};

static inline uint8_t mask_at(const struct side *s, unsigned i)
{
    if (s->tos && i == TOS)
        return 0xfc;
    return i >= s->at && i < s->at + s->bytes ? 0xff : 0;
}

static inline uint64_t mask64(const struct side *s, unsigned i)
{
    uint64_t m = 0;

#pragma GCC unroll 8
    for (unsigned k = 0; k < 8; k++)
        m |= (uint64_t)mask_at(s, i + k) << 8 * k;
    return m;
}

/* ---- variants: the bytes of a frame become the row's ---- */

static inline void copy(uint8_t *p, const struct row *r, const struct value *v,
                        const struct side *s)
{
    (void)v;
    memcpy(p + s->at, r->ends, s->bytes);
    if (s->tos)
        p[TOS] = (uint8_t)((p[TOS] & 3) | r->tos);
}

static inline void scalar(uint8_t *p, const struct row *r,
                          const struct value *v, const struct side *s)
{
    (void)r;
#pragma GCC unroll 8
    for (unsigned i = 0; i < WINDOW; i += 8) {
        uint64_t m = mask64(s, i), old, new;

        if (!m)
            continue;
        memcpy(&old, p + i, sizeof(old));
        memcpy(&new, v->byte + i, sizeof(new));
        new |= old & ~m;
        memcpy(p + i, &new, sizeof(new));
        __asm__ volatile("" ::: "memory"); /* else it becomes a vector */
    }
}

static inline __attribute__((target("sse2"))) void sse(uint8_t *p,
                                                       const struct row *r,
                                                       const struct value *v,
                                                       const struct side *s)
{
    (void)r;
#pragma GCC unroll 4
    for (unsigned i = 0; i < WINDOW; i += 16) {
        __m128i m = _mm_set_epi64x((long long)mask64(s, i + 8),
                                   (long long)mask64(s, i));
        __m128i old = _mm_loadu_si128((const __m128i *)(const void *)(p + i));

        if (!mask64(s, i) && !mask64(s, i + 8))
            continue;
        old = _mm_or_si128(
            _mm_andnot_si128(m, old),
            _mm_load_si128((const __m128i *)(const void *)(v->byte + i)));
        _mm_storeu_si128((__m128i *)(void *)(p + i), old);
    }
}

static inline __attribute__((target("avx2"))) void avx2(uint8_t *p,
                                                        const struct row *r,
                                                        const struct value *v,
                                                        const struct side *s)
{
    (void)r;
#pragma GCC unroll 2
    for (unsigned i = 0; i < WINDOW; i += 32) {
        __m256i m = _mm256_set_epi64x(
            (long long)mask64(s, i + 24), (long long)mask64(s, i + 16),
            (long long)mask64(s, i + 8), (long long)mask64(s, i));
        __m256i old = _mm256_loadu_si256((const void *)(p + i));

        old = _mm256_or_si256(_mm256_andnot_si256(m, old),
                              _mm256_load_si256((const void *)(v->byte + i)));
        _mm256_storeu_si256((void *)(p + i), old);
    }
}

/* One load, one ternary (mask ? value : old), one store. */
static inline __attribute__((target("avx512f"))) void avx512(
    uint8_t *p, const struct row *r, const struct value *v,
    const struct side *s)
{
    __m512i m =
        _mm512_set_epi64((long long)mask64(s, 56), (long long)mask64(s, 48),
                         (long long)mask64(s, 40), (long long)mask64(s, 32),
                         (long long)mask64(s, 24), (long long)mask64(s, 16),
                         (long long)mask64(s, 8), (long long)mask64(s, 0));

    (void)r;
    _mm512_storeu_si512(p,
                        _mm512_ternarylogic_epi64(m, _mm512_load_si512(v->byte),
                                                  _mm512_loadu_si512(p), 0xca));
}

/* ---- bursts ---- */

#define BURST_OF(variant, features, of)                                        \
    static __attribute__((noinline, target(features))) void variant##_##of(    \
        const uint16_t *rows_of)                                               \
    {                                                                          \
        const struct side s = side_##of;                                       \
                                                                               \
        for (unsigned i = 0; i < BURST; i++) {                                 \
            const struct row *r = &rows[rows_of[i]];                           \
            uint8_t *p = frames[i];                                            \
            uint16_t sum[2];                                                   \
                                                                               \
            for (unsigned k = 0; k < s.sums; k++)                              \
                sum[k] = changed(p + s.sum[k], r->delta[k]);                   \
            variant(p, r, &values[rows_of[i]], &s);                            \
            for (unsigned k = 0; k < s.sums; k++)                              \
                memcpy(p + s.sum[k], &sum[k], sizeof(sum[k]));                 \
        }                                                                      \
    }

#define BURSTS_OF(of)                                                          \
    BURST_OF(copy, "sse2", of)                                                 \
    BURST_OF(avx512, "avx512f", of)                                            \
    BURST_OF(avx2, "avx2", of)                                                 \
    BURST_OF(sse, "sse2", of)                                                  \
    BURST_OF(scalar, "sse2", of)                                               \
    static burst_fn *const all_##of[RUNS] = {                                  \
        copy_##of, copy_##of, avx512_##of, avx2_##of, sse_##of, scalar_##of};

typedef void burst_fn(const uint16_t *rows_of);
BURSTS_OF(v4)
BURSTS_OF(dscp)
BURSTS_OF(v6)

static bool there(unsigned run)
{
    return run == 2   ? __builtin_cpu_supports("avx512f")
           : run == 3 ? __builtin_cpu_supports("avx2")
                      : true;
}

/* ---- measuring ---- */

static uint64_t look(void)
{
    uint64_t t;

    _mm_lfence();
    t = __rdtsc();
    _mm_lfence();
    return t;
}

/* Cycles a packet, over all bursts. */
static double one(burst_fn *burst, uint64_t looking)
{
    uint64_t sum = 0, t;

    for (unsigned i = 0; i < BURSTS; i++) {
        memcpy(frames, fresh, sizeof(frames));
        t = look();
        burst(order[i]);
        sum += look() - t - looking;
    }
    return (double)sum / (BURSTS * BURST);
}

static uint64_t least_look(void)
{
    uint64_t least = UINT64_MAX;

    for (unsigned i = 0; i < 1000; i++) {
        uint64_t t = look();

        t = look() - t;
        least = t < least ? t : least;
    }
    return least;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static void fill(const struct side *s)
{
    for (unsigned i = 0; i < ROWS; i++) {
        for (unsigned k = 0; k < sizeof(rows[i].ends); k++)
            rows[i].ends[k] = (uint8_t)rand();
        rows[i].tos = (uint8_t)(rand() & 0xfc);
        rows[i].delta[0] = (uint16_t)rand();
        rows[i].delta[1] = (uint16_t)rand();
        memset(&values[i], 0, sizeof(values[i]));
        memcpy(values[i].byte + s->at, rows[i].ends, s->bytes);
        if (s->tos)
            values[i].byte[TOS] = rows[i].tos;
    }
}

/* All variants make the same of a burst. */
static void compare(burst_fn *const *all)
{
    uint8_t want[BURST][WINDOW];

    for (unsigned k = 0; k < RUNS; k++) {
        if (!there(k))
            continue;
        memcpy(frames, fresh, sizeof(frames));
        all[k](order[0]);
        if (k == 0)
            memcpy(want, frames, sizeof(want));
        else if (memcmp(want, frames, sizeof(want)) != 0) {
            fprintf(stderr, "merge: variant %u makes something else\n", k);
            exit(1);
        }
    }
}

static void measure(const struct side *s, burst_fn *const *all, unsigned rounds)
{
    double *found = calloc((size_t)RUNS * rounds, sizeof(*found));
    uint64_t looking = least_look();

    if (!found)
        exit(1);
    fill(s);
    compare(all);
    for (unsigned i = 0; i < rounds; i++)
        for (unsigned k = 0; k < RUNS; k++)
            found[k * rounds + i] = there(k) ? one(all[k], looking) : 0;
    printf("%s", s->name);
    for (unsigned k = 0; k < RUNS; k++) {
        qsort(&found[k * rounds], rounds, sizeof(*found), by_value);
        printf(" %.3f", found[k * rounds + (rounds + 9) / 10 - 1]);
    }
    putchar('\n');
    free(found);
}

int main(int argc, char **argv)
{
    int rounds = argc == 2 ? atoi(argv[1]) : 0;

    if (rounds < 1) {
        fprintf(stderr, "usage: merge ROUNDS\n");
        return 2;
    }
    for (unsigned i = 0; i < BURST; i++)
        for (unsigned k = 0; k < WINDOW; k++)
            fresh[i][k] = (uint8_t)rand();
    for (unsigned i = 0; i < BURSTS; i++)
        for (unsigned k = 0; k < BURST; k++)
            order[i][k] = (uint16_t)(rand() % ROWS);
    measure(&side_v4, all_v4, (unsigned)rounds);
    measure(&side_dscp, all_dscp, (unsigned)rounds);
    measure(&side_v6, all_v6, (unsigned)rounds);
    return 0;
}
