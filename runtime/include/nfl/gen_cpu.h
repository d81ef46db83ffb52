/* NFLG_FEATURES: the instruction sets that the compiler was free to use in this
 * translation unit, each name followed by a space. Names are those that
 * __builtin_cpu_supports accepts in gcc and clang. Part of gen.h. */
#ifndef NFL_GEN_CPU_H
#define NFL_GEN_CPU_H

#ifdef __SSE3__
#define NFLG_SSE3 "sse3 "
#else
#define NFLG_SSE3 ""
#endif
#ifdef __SSSE3__
#define NFLG_SSSE3 "ssse3 "
#else
#define NFLG_SSSE3 ""
#endif
#ifdef __SSE4_1__
#define NFLG_SSE4_1 "sse4.1 "
#else
#define NFLG_SSE4_1 ""
#endif
#ifdef __SSE4_2__
#define NFLG_SSE4_2 "sse4.2 "
#else
#define NFLG_SSE4_2 ""
#endif
#ifdef __POPCNT__
#define NFLG_POPCNT "popcnt "
#else
#define NFLG_POPCNT ""
#endif
#ifdef __AES__
#define NFLG_AES "aes "
#else
#define NFLG_AES ""
#endif
#ifdef __PCLMUL__
#define NFLG_PCLMUL "pclmul "
#else
#define NFLG_PCLMUL ""
#endif
#ifdef __AVX__
#define NFLG_AVX "avx "
#else
#define NFLG_AVX ""
#endif
#ifdef __FMA__
#define NFLG_FMA "fma "
#else
#define NFLG_FMA ""
#endif
#ifdef __BMI__
#define NFLG_BMI "bmi "
#else
#define NFLG_BMI ""
#endif
#ifdef __BMI2__
#define NFLG_BMI2 "bmi2 "
#else
#define NFLG_BMI2 ""
#endif
#ifdef __AVX2__
#define NFLG_AVX2 "avx2 "
#else
#define NFLG_AVX2 ""
#endif
#ifdef __AVX512F__
#define NFLG_AVX512F "avx512f "
#else
#define NFLG_AVX512F ""
#endif
#ifdef __AVX512CD__
#define NFLG_AVX512CD "avx512cd "
#else
#define NFLG_AVX512CD ""
#endif
#ifdef __AVX512DQ__
#define NFLG_AVX512DQ "avx512dq "
#else
#define NFLG_AVX512DQ ""
#endif
#ifdef __AVX512BW__
#define NFLG_AVX512BW "avx512bw "
#else
#define NFLG_AVX512BW ""
#endif
#ifdef __AVX512VL__
#define NFLG_AVX512VL "avx512vl "
#else
#define NFLG_AVX512VL ""
#endif
#ifdef __AVX512IFMA__
#define NFLG_AVX512IFMA "avx512ifma "
#else
#define NFLG_AVX512IFMA ""
#endif
#ifdef __AVX512VBMI__
#define NFLG_AVX512VBMI "avx512vbmi "
#else
#define NFLG_AVX512VBMI ""
#endif
#ifdef __AVX512VBMI2__
#define NFLG_AVX512VBMI2 "avx512vbmi2 "
#else
#define NFLG_AVX512VBMI2 ""
#endif
#ifdef __AVX512VNNI__
#define NFLG_AVX512VNNI "avx512vnni "
#else
#define NFLG_AVX512VNNI ""
#endif
#ifdef __AVX512BITALG__
#define NFLG_AVX512BITALG "avx512bitalg "
#else
#define NFLG_AVX512BITALG ""
#endif
#ifdef __AVX512VPOPCNTDQ__
#define NFLG_AVX512VPOPCNTDQ "avx512vpopcntdq "
#else
#define NFLG_AVX512VPOPCNTDQ ""
#endif
#ifdef __GFNI__
#define NFLG_GFNI "gfni "
#else
#define NFLG_GFNI ""
#endif
#ifdef __VPCLMULQDQ__
#define NFLG_VPCLMULQDQ "vpclmulqdq "
#else
#define NFLG_VPCLMULQDQ ""
#endif
#ifdef __LZCNT__
#define NFLG_LZCNT "lzcnt "
#else
#define NFLG_LZCNT ""
#endif
#ifdef __MOVBE__
#define NFLG_MOVBE "movbe "
#else
#define NFLG_MOVBE ""
#endif
#ifdef __F16C__
#define NFLG_F16C "f16c "
#else
#define NFLG_F16C ""
#endif
#ifdef __ADX__
#define NFLG_ADX "adx "
#else
#define NFLG_ADX ""
#endif
#ifdef __SHA__
#define NFLG_SHA "sha "
#else
#define NFLG_SHA ""
#endif
#ifdef __VAES__
#define NFLG_VAES "vaes "
#else
#define NFLG_VAES ""
#endif
#ifdef __SSE4A__
#define NFLG_SSE4A "sse4a "
#else
#define NFLG_SSE4A ""
#endif
#ifdef __FMA4__
#define NFLG_FMA4 "fma4 "
#else
#define NFLG_FMA4 ""
#endif
#ifdef __XOP__
#define NFLG_XOP "xop "
#else
#define NFLG_XOP ""
#endif
#ifdef __TBM__
#define NFLG_TBM "tbm "
#else
#define NFLG_TBM ""
#endif
#ifdef __AVX512BF16__
#define NFLG_AVX512BF16 "avx512bf16 "
#else
#define NFLG_AVX512BF16 ""
#endif
#ifdef __AVX512FP16__
#define NFLG_AVX512FP16 "avx512fp16 "
#else
#define NFLG_AVX512FP16 ""
#endif
#ifdef __AVX512VP2INTERSECT__
#define NFLG_AVX512VP2INTERSECT "avx512vp2intersect "
#else
#define NFLG_AVX512VP2INTERSECT ""
#endif
#ifdef __AVXVNNI__
#define NFLG_AVXVNNI "avxvnni "
#else
#define NFLG_AVXVNNI ""
#endif

/* clang-format off */
#define NFLG_FEATURES \
    NFLG_SSE3 NFLG_SSSE3 NFLG_SSE4_1 NFLG_SSE4_2 NFLG_POPCNT NFLG_AES \
    NFLG_PCLMUL NFLG_AVX NFLG_FMA NFLG_BMI NFLG_BMI2 NFLG_AVX2 NFLG_AVX512F \
    NFLG_AVX512CD NFLG_AVX512DQ NFLG_AVX512BW NFLG_AVX512VL NFLG_AVX512IFMA \
    NFLG_AVX512VBMI NFLG_AVX512VBMI2 NFLG_AVX512VNNI NFLG_AVX512BITALG \
    NFLG_AVX512VPOPCNTDQ NFLG_GFNI NFLG_VPCLMULQDQ \
    NFLG_LZCNT NFLG_MOVBE NFLG_F16C NFLG_ADX NFLG_SHA NFLG_VAES NFLG_SSE4A \
    NFLG_FMA4 NFLG_XOP NFLG_TBM NFLG_AVX512BF16 NFLG_AVX512FP16 \
    NFLG_AVX512VP2INTERSECT NFLG_AVXVNNI
/* clang-format on */

#endif
