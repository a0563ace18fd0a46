/* NEON (AArch64): 32 registers of 4 floats. */
#if defined(__aarch64__)

#include <arm_neon.h>

#include "../tables.h"

#define V_NAME neon
#define V_ISA GRAFT_ISA_NEON
#define V_LANES 4
#define ROWS_WIDE 8
#define ROWS_NARROW 8
#define ROWS_BLOCK 8
#define DEPTHWISE_ROWS 2 /* rows of outputs in a tile */
#define STRASSEN_ROWS 50 /* in a half tile, at most */

typedef float32x4_t V;
typedef int32_t VI __attribute__((vector_size(16)));

#define INLINE static inline __attribute__((always_inline))

#define V_SET1(s) vdupq_n_f32(s)
#define V_LOAD(p) vld1q_f32(p)
#define V_STORE(p, v) vst1q_f32(p, v)
#define V_STREAM(p, v) V_STORE(p, v)
#define V_STREAMED()
#define V_FMA(a, b, c) vfmaq_f32(c, a, b)
/* NEON's own maximum and minimum are not a number where either argument is not. */
#define V_MAX(a, b) vmaxq_f32(a, b)
#define V_MIN(a, b) vminq_f32(a, b)

INLINE V V_LOAD_N(const float *p, size_t n) {
  float lanes[4] = {0, 0, 0, 0};
  for (size_t i = 0; i < n; i++) lanes[i] = p[i];
  return vld1q_f32(lanes);
}

INLINE void V_STORE_N(float *p, V v, size_t n) {
  float lanes[4];
  vst1q_f32(lanes, v);
  for (size_t i = 0; i < n; i++) p[i] = lanes[i];
}

#include "../bodies.inc.h"

#endif
