/* AVX-512 (F, BW, DQ, VL): 32 registers of 16 floats. */
#if defined(__x86_64__)

#include <immintrin.h>

#include "../tables.h"

/* Clang would otherwise split wide vectors on processors whose tuning prefers 256 bits. */
#pragma clang attribute push( \
    __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma,prfchw,evex512"), min_vector_width(512))), \
    apply_to = function)

#define V_NAME avx512
#define V_ISA GRAFT_ISA_AVX512
#define V_LANES 16
#define ROWS_WIDE 12 /* 24 sums, two panel vectors, and as many row pointers as there are registers for them */
#define ROWS_NARROW 12
#define ROWS_BLOCK 12
#define DEPTHWISE_ROWS 2 /* rows of outputs in a tile */
#define STRASSEN_ROWS 98 /* in a half tile, at most: the second-level cache has a megabyte or more */

typedef __m512 V;
typedef int32_t VI __attribute__((vector_size(64)));

#define INLINE static inline __attribute__((always_inline))

#define V_SET1(s) _mm512_set1_ps(s)
#define V_LOAD(p) _mm512_loadu_ps(p)
#define V_STORE(p, v) _mm512_storeu_ps(p, v)
#define V_STREAM(p, v) _mm512_stream_ps(p, v)
#define V_STREAMED() _mm_sfence()
#define V_FMA(a, b, c) _mm512_fmadd_ps(a, b, c)
/* Of two arguments the second is kept where either is not a number. */
#define V_MAX(a, b) _mm512_max_ps(a, b)
#define V_MIN(a, b) _mm512_min_ps(a, b)

#define V_MASK(n) ((__mmask16)((1u << (n)) - 1))
#define V_LOAD_N(p, n) _mm512_maskz_loadu_ps(V_MASK(n), p)
#define V_STORE_N(p, v, n) _mm512_mask_storeu_ps(p, V_MASK(n), v)

#include "../bodies.inc.h"

#pragma clang attribute pop

#endif
