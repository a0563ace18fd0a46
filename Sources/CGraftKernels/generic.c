/* Portable table: vectors of four floats in the compiler's own notation, no multiply-add that would be a
 * library call where the processor has none. */
#include "tables.h"

#define V_NAME portable
#define V_ISA GRAFT_ISA_PORTABLE
#define V_LANES 4
#define ROWS_WIDE 4   /* rows of a micro-kernel two vectors wide */
#define ROWS_NARROW 8 /* and of one a single vector wide */
#define ROWS_BLOCK 8
#define DEPTHWISE_ROWS 1 /* rows of outputs in a tile */
#define STRASSEN_ROWS 50 /* in a half tile, at most */

typedef float V __attribute__((vector_size(16)));
typedef int32_t VI __attribute__((vector_size(16)));
typedef float V_UNALIGNED __attribute__((vector_size(16), aligned(4)));

#define INLINE static inline __attribute__((always_inline))

#define V_SET1(s) ((V){(s), (s), (s), (s)})
#define V_LOAD(p) ((V) * (const V_UNALIGNED *)(p))
#define V_STORE(p, v) (*(V_UNALIGNED *)(p) = (v))
#define V_STREAM(p, v) V_STORE(p, v)
#define V_STREAMED()
#define V_FMA(a, b, c) ((a) * (b) + (c))
/* Of two arguments the second is kept where either is not a number. */
#define V_MAX(a, b) v_select((a) > (b), (a), (b))
#define V_MIN(a, b) v_select((a) < (b), (a), (b))

INLINE V v_select(VI mask, V a, V b) { return (V)((mask & (VI)a) | (~mask & (VI)b)); }

INLINE V V_LOAD_N(const float *p, size_t n) {
  V v = {0, 0, 0, 0};
  for (size_t i = 0; i < n; i++) v[i] = p[i];
  return v;
}

INLINE void V_STORE_N(float *p, V v, size_t n) {
  for (size_t i = 0; i < n; i++) p[i] = v[i];
}

#include "bodies.inc.h"
