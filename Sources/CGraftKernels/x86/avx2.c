/* AVX2 with FMA: 16 registers of 8 floats. */
#if defined(__x86_64__)

#include <immintrin.h>

#include "../tables.h"

#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)

#define V_NAME avx2
#define V_ISA GRAFT_ISA_AVX2
#define V_LANES 8
#define ROWS_WIDE 6 /* 12 sums, two panel vectors and a broadcast: 15 registers */
#define ROWS_NARROW 12
#define ROWS_BLOCK 12
#define DEPTHWISE_ROWS 1 /* rows of outputs in a tile */
#define STRASSEN_ROWS 50 /* in a half tile, at most */

typedef __m256 V;
typedef int32_t VI __attribute__((vector_size(32)));

#define INLINE static inline __attribute__((always_inline))

#define V_SET1(s) _mm256_set1_ps(s)
#define V_LOAD(p) _mm256_loadu_ps(p)
#define V_STORE(p, v) _mm256_storeu_ps(p, v)
#define V_STREAM(p, v) _mm256_stream_ps(p, v)
#define V_STREAMED() _mm_sfence()
#define V_FMA(a, b, c) _mm256_fmadd_ps(a, b, c)
/* Of two arguments the second is kept where either is not a number. */
#define V_MAX(a, b) _mm256_max_ps(a, b)
#define V_MIN(a, b) _mm256_min_ps(a, b)

static const int32_t first_lanes[16] = {-1, -1, -1, -1, -1, -1, -1, -1, 0, 0, 0, 0, 0, 0, 0, 0};
#define V_MASK(n) _mm256_loadu_si256((const __m256i *)(first_lanes + 8 - (n)))
#define V_LOAD_N(p, n) _mm256_maskload_ps(p, V_MASK(n))
#define V_STORE_N(p, v, n) _mm256_maskstore_ps(p, V_MASK(n), v)

#include "../bodies.inc.h"

#pragma clang attribute pop

#endif
