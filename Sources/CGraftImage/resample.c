#include "CGraftImage.h"

#include <string.h>

/* The arithmetic of Pillow's Resample.c for bytes: 32-bit sums of pixels times weights of GRAFT_RESAMPLE_BITS fraction
 * bits, one half added, shifted, and limited to a byte. Bodies are written once, with the compiler's vectors, and
 * compiled for the baseline and for AVX2, which multiplies 32-bit integers in one instruction. */

typedef uint8_t bytes4 __attribute__((vector_size(4)));
typedef int32_t ints4 __attribute__((vector_size(16)));
typedef uint8_t bytes16 __attribute__((vector_size(16)));
typedef int32_t ints16 __attribute__((vector_size(64)));

#define INLINE static inline __attribute__((always_inline))
#define HALF (1 << (GRAFT_RESAMPLE_BITS - 1))
#define ROWS 4 /* rows that go together, so that weights and the ends of loops count once for all of them */

INLINE uint8_t byte_of(int32_t sum) {
  const int32_t v = sum >> GRAFT_RESAMPLE_BITS;
  return (uint8_t)(v < 0 ? 0 : v > 255 ? 255 : v);
}

/* One pixel of `count` rows, by numbers one at a time: where four bytes would reach beyond the picture. */
INLINE void squeeze_plain(
    const graft_resample_span *span, const int32_t *w, const uint8_t *x, size_t row_bytes, int count, uint8_t *to,
    size_t to_bytes) {
  for (int i = 0; i < count; i++)
    for (int c = 0; c < 3; c++) {
      int32_t sum = HALF;
      for (size_t tap = 0; tap < span->count; tap++) sum += x[(size_t)i * row_bytes + 3 * tap + (size_t)c] * w[tap];
      to[(size_t)i * to_bytes + (size_t)c] = byte_of(sum);
    }
}

/* The same, a pixel and the byte behind it as a vector. */
INLINE void squeeze(
    const graft_resample_span *span, const int32_t *w, const uint8_t *x, size_t row_bytes, int count, uint8_t *to,
    size_t to_bytes) {
  ints4 sum[ROWS];
  for (int i = 0; i < count; i++) sum[i] = (ints4){HALF, HALF, HALF, HALF};
  for (size_t tap = 0; tap < span->count; tap++, x += 3)
    for (int i = 0; i < count; i++) {
      bytes4 pixel;
      memcpy(&pixel, x + (size_t)i * row_bytes, sizeof pixel);
      sum[i] += __builtin_convertvector(pixel, ints4) * w[tap];
    }
  for (int i = 0; i < count; i++) {
    uint8_t *at = to + (size_t)i * to_bytes;
    at[0] = byte_of(sum[i][0]);
    at[1] = byte_of(sum[i][1]);
    at[2] = byte_of(sum[i][2]);
  }
}

INLINE void squeeze_rows(
    const graft_resample_span *spans, size_t span_count, const int32_t *weights, const uint8_t *source,
    size_t row_bytes, size_t row_pixels, size_t rows, uint8_t *target) {
  const size_t to_bytes = 3 * span_count;
  for (size_t row = 0; row < rows;) {
    const int together = rows - row >= ROWS ? ROWS : 1;
    const int is_last = row + (size_t)together == rows;
    const uint8_t *x = source + row * row_bytes;
    uint8_t *to = target + row * to_bytes;
    for (const graft_resample_span *span = spans; span < spans + span_count; span++, to += 3) {
      const int32_t *w = weights + span->first_weight;
      const uint8_t *from = x + 3 * span->start;
      if (is_last && span->start + span->count >= row_pixels)
        squeeze_plain(span, w, from, row_bytes, together, to, to_bytes);
      else if (together == ROWS)
        squeeze(span, w, from, row_bytes, ROWS, to, to_bytes);
      else
        squeeze(span, w, from, row_bytes, 1, to, to_bytes);
    }
    row += (size_t)together;
  }
}

INLINE void squeeze_columns(
    const graft_resample_span *spans, size_t span_count, const int32_t *weights, const uint8_t *source,
    size_t row_length, size_t first_row, uint8_t *target) {
  for (const graft_resample_span *span = spans; span < spans + span_count; span++, target += row_length) {
    const int32_t *w = weights + span->first_weight;
    const uint8_t *x = source + (span->start - first_row) * row_length;
    size_t at = 0;
    for (; at + 16 <= row_length; at += 16) {
      ints16 sum = (ints16){} + HALF;
      for (size_t tap = 0; tap < span->count; tap++) {
        bytes16 line;
        memcpy(&line, x + tap * row_length + at, sizeof line);
        sum += __builtin_convertvector(line, ints16) * w[tap];
      }
      sum >>= GRAFT_RESAMPLE_BITS;
      sum = __builtin_elementwise_min(__builtin_elementwise_max(sum, (ints16){}), (ints16){} + 255);
      const bytes16 bytes = __builtin_convertvector(sum, bytes16);
      memcpy(target + at, &bytes, sizeof bytes);
    }
    for (; at < row_length; at++) {
      int32_t sum = HALF;
      for (size_t tap = 0; tap < span->count; tap++) sum += x[tap * row_length + at] * w[tap];
      target[at] = byte_of(sum);
    }
  }
}

#if defined(__x86_64__)
__attribute__((target("avx2"))) static void squeeze_rows_avx2(
    const graft_resample_span *spans, size_t span_count, const int32_t *weights, const uint8_t *source,
    size_t row_bytes, size_t row_pixels, size_t rows, uint8_t *target) {
  squeeze_rows(spans, span_count, weights, source, row_bytes, row_pixels, rows, target);
}

__attribute__((target("avx2"))) static void squeeze_columns_avx2(
    const graft_resample_span *spans, size_t span_count, const int32_t *weights, const uint8_t *source,
    size_t row_length, size_t first_row, uint8_t *target) {
  squeeze_columns(spans, span_count, weights, source, row_length, first_row, target);
}
#endif

void graft_resample_rows(
    const graft_resample_span *spans, size_t span_count, const int32_t *weights, const uint8_t *source,
    size_t row_bytes, size_t row_pixels, size_t rows, uint8_t *target) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2")) {
    squeeze_rows_avx2(spans, span_count, weights, source, row_bytes, row_pixels, rows, target);
    return;
  }
#endif
  squeeze_rows(spans, span_count, weights, source, row_bytes, row_pixels, rows, target);
}

void graft_resample_columns(
    const graft_resample_span *spans, size_t span_count, const int32_t *weights, const uint8_t *source,
    size_t row_length, size_t first_row, uint8_t *target) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2")) {
    squeeze_columns_avx2(spans, span_count, weights, source, row_length, first_row, target);
    return;
  }
#endif
  squeeze_columns(spans, span_count, weights, source, row_length, first_row, target);
}
