/* Gradients of convolutions and poolings with respect to weights and pictures.
 *
 * The gradient with respect to a convolution's weights is a product of two matrices that both have a pixel a row:
 * each tap's inputs and the gradients of the outputs. A block of pixels is packed, inputs in strips of ROWS_WIDE
 * channels and gradients in panels as weights are; then a micro-kernel adds the block's part to one strip by one
 * panel of the result, with all sums in registers. Blocks start at multiples of the block's size from `begin` on, so
 * the order of each sum follows from the range of pixels alone. */

/* Pixels of a block: a strip and a panel of them stay in the first cache. */
#define GRADIENT_PIXELS 192
#define STRIP ROWS_WIDE

INLINE size_t strips(size_t depth) { return (depth + STRIP - 1) / STRIP; }

/* A block of strip rows x panel columns: to += strip^T panel. */
INLINE void gradient_micro(
    const int width, size_t pixels, const float *strip, const float *panel, size_t rows, size_t columns,
    float *to, size_t stride) {
  V sum[STRIP][2];
  UNROLL for (int i = 0; i < STRIP; i++) UNROLL for (int q = 0; q < width; q++) sum[i][q] = V_SET1(0.0f);
  ROLLED for (size_t p = 0; p < pixels; p++, strip += STRIP, panel += width * V_LANES) {
    V w[2];
    UNROLL for (int q = 0; q < width; q++) w[q] = V_LOAD(panel + q * V_LANES);
    UNROLL for (int i = 0; i < STRIP; i++) {
      const V s = V_SET1(strip[i]);
      UNROLL for (int q = 0; q < width; q++) sum[i][q] = V_FMA(s, w[q], sum[i][q]);
    }
  }
  const int full = columns == (size_t)(width * V_LANES);
  UNROLL for (int i = 0; i < STRIP; i++) {
    if ((size_t)i < rows) {
      UNROLL for (int q = 0; q < width; q++) {
        float *at = to + (size_t)i * stride + q * V_LANES;
        const size_t first = (size_t)q * V_LANES;
        if (full)
          V_STORE(at, V_LOAD(at) + sum[i][q]);
        else if (first < columns) {
          const size_t n = smaller(columns - first, V_LANES);
          V_STORE_N(at, V_LOAD_N(at, n) + sum[i][q], n);
        }
      }
    }
  }
}

static __attribute__((noinline)) void gradient_micro_wide(
    size_t pixels, const float *strip, const float *panel, size_t rows, size_t columns, float *to,
    size_t stride) {
  gradient_micro(2, pixels, strip, panel, rows, columns, to, stride);
}

static __attribute__((noinline)) void gradient_micro_narrow(
    size_t pixels, const float *strip, const float *panel, size_t rows, size_t columns, float *to,
    size_t stride) {
  gradient_micro(1, pixels, strip, panel, rows, columns, to, stride);
}

static size_t weight_gradient_scratch(const graft_window *g, size_t depth, size_t columns) {
  const size_t taps = g->kernel_height * g->kernel_width;
  return round_up_64(GRADIENT_PIXELS * taps * sizeof(float *)) +
         sizeof(float) * GRADIENT_PIXELS * (strips(depth) * STRIP + (columns + PANEL - 1) / PANEL * PANEL);
}

/* Channels k0..<k1 of `count` rows into strips; NULL is a row of zeros. */
static __attribute__((noinline)) void pack_strips(
    size_t count, const float *const *rows, size_t k0, size_t k1, float *to) {
  const size_t size = count * STRIP, full = (k1 - k0) / STRIP;
  for (size_t p = 0; p < count; p++, to += STRIP) {
    float *at = to;
    if (rows[p] == NULL) {
      for (size_t s = 0; s < strips(k1 - k0); s++, at += size) memset(at, 0, STRIP * sizeof(float));
      continue;
    }
    const float *from = rows[p] + k0;
    for (size_t s = 0; s < full; s++, at += size, from += STRIP) memcpy(at, from, STRIP * sizeof(float));
    const size_t left = k1 - k0 - full * STRIP;
    if (left > 0) {
      memcpy(at, from, left * sizeof(float));
      memset(at + left, 0, (STRIP - left) * sizeof(float));
    }
  }
}

/* Columns first..<last of gradients of outputs begin..<begin + count into panels, and their sums. */
static __attribute__((noinline)) void pack_gradients(
    const graft_window *g, size_t begin, size_t count, const float *dy, size_t picture, size_t first,
    size_t last, float *to, float *sums) {
  const size_t pixels = g->out_height * g->out_width;
  for (size_t p = 0; p < count; p++) {
    const size_t at = begin + p;
    const float *from = dy + at / pixels * picture + at % pixels * g->out_stride;
    for (size_t j = first; j < last; j += PANEL) {
      const size_t width = panel_width(last, j);
      float *panel = to + (j - first) * count + p * width;
      for (size_t q = 0; q < width; q += V_LANES) {
        const size_t left = last - j - q;
        V_STORE(panel + q, left >= V_LANES ? V_LOAD(from + j + q) : V_LOAD_N(from + j + q, left));
      }
    }
  }
  if (sums == NULL) return;
  for (size_t j = first; j < last; j += PANEL) {
    const size_t width = panel_width(last, j);
    for (size_t q = 0; q < width; q += V_LANES) {
      const float *panel = to + (j - first) * count + q;
      V sum = V_SET1(0.0f);
      for (size_t p = 0; p < count; p++) sum = sum + V_LOAD(panel + p * width);
      const size_t n = smaller(last - j - q, V_LANES);
      float *at = sums + j + q;
      if (n == V_LANES)
        V_STORE(at, V_LOAD(at) + sum);
      else
        V_STORE_N(at, V_LOAD_N(at, n) + sum, n);
    }
  }
}

static void weight_gradient(
    const graft_window *g, size_t begin, size_t end, const float *x, size_t x_picture, const float *dy,
    size_t dy_picture, size_t k0, size_t k1, size_t first, size_t last, float *to, size_t stride, float *sums,
    void *scratch) {
  const size_t taps = g->kernel_height * g->kernel_width, pixels = g->out_height * g->out_width;
  const float **rows = scratch;
  float *packed_x = (float *)((char *)scratch + round_up_64(GRADIENT_PIXELS * taps * sizeof(float *)));
  float *packed_dy = packed_x + GRADIENT_PIXELS * strips(k1 - k0) * STRIP;
  for (size_t from = begin; from < end; from += GRADIENT_PIXELS) {
    const size_t count = smaller(end - from, GRADIENT_PIXELS);
    pack_gradients(g, from, count, dy, dy_picture, first, last, packed_dy, sums);
    size_t oy = from % pixels / g->out_width, ox = from % g->out_width;
    const float *picture = x + from / pixels * x_picture;
    if (taps == 1 && g->pad_top == 0 && g->pad_left == 0) {
      for (size_t p = 0; p < count; p++) {
        rows[p] = picture + (oy * g->stride_y * g->in_width + ox * g->stride_x) * g->in_stride;
        if (++ox == g->out_width) {
          ox = 0;
          if (++oy == g->out_height) oy = 0, picture += x_picture;
        }
      }
    } else {
      for (size_t p = 0; p < count; p++) {
        const ptrdiff_t top = (ptrdiff_t)(oy * g->stride_y) - (ptrdiff_t)g->pad_top;
        const ptrdiff_t left = (ptrdiff_t)(ox * g->stride_x) - (ptrdiff_t)g->pad_left;
        const float **row = rows + p;
        for (size_t ky = 0; ky < g->kernel_height; ky++) {
          const ptrdiff_t iy = top + (ptrdiff_t)(ky * g->dilation_y);
          const int inside = iy >= 0 && iy < (ptrdiff_t)g->in_height;
          for (size_t kx = 0; kx < g->kernel_width; kx++, row += GRADIENT_PIXELS) {
            const ptrdiff_t ix = left + (ptrdiff_t)(kx * g->dilation_x);
            *row = inside && ix >= 0 && ix < (ptrdiff_t)g->in_width
                       ? picture + (size_t)(iy * (ptrdiff_t)g->in_width + ix) * g->in_stride
                       : NULL;
          }
        }
        if (++ox == g->out_width) {
          ox = 0;
          if (++oy == g->out_height) oy = 0, picture += x_picture;
        }
      }
    }
    for (size_t tap = 0; tap < taps; tap++) {
      pack_strips(count, rows + tap * GRADIENT_PIXELS, k0, k1, packed_x);
      float *tap_to = to + (tap * g->in_channels + k0) * stride;
      for (size_t j = first; j < last; j += PANEL) {
        const size_t width = panel_width(last, j);
        const float *panel = packed_dy + (j - first) * count;
        for (size_t s = 0; s < strips(k1 - k0); s++) {
          float *at = tap_to + s * STRIP * stride + j;
          const float *strip = packed_x + s * STRIP * count;
          const size_t n = smaller(k1 - k0 - s * STRIP, STRIP), columns = smaller(last - j, width);
          if (width == PANEL)
            gradient_micro_wide(count, strip, panel, n, columns, at, stride);
          else
            gradient_micro_narrow(count, strip, panel, n, columns, at, stride);
        }
      }
    }
  }
}

/* Sums of one vector of channels over one row of outputs. Taps on padding are left out. */
INLINE void depthwise_gradient_any(
    const graft_window *g, size_t oy, size_t begin, size_t end, const float *x, const float *dy, size_t n,
    float *sum) {
  const ptrdiff_t top = (ptrdiff_t)(oy * g->stride_y) - (ptrdiff_t)g->pad_top;
  for (size_t ky = 0; ky < g->kernel_height; ky++) {
    const ptrdiff_t iy = top + (ptrdiff_t)(ky * g->dilation_y);
    if (iy < 0 || iy >= (ptrdiff_t)g->in_height) continue;
    for (size_t kx = 0; kx < g->kernel_width; kx++) {
      float *at = sum + (ky * g->kernel_width + kx) * g->in_channels;
      V total = n == V_LANES ? V_LOAD(at) : V_LOAD_N(at, n);
      for (size_t ox = begin; ox < end; ox++) {
        const ptrdiff_t ix =
            (ptrdiff_t)(ox * g->stride_x) - (ptrdiff_t)g->pad_left + (ptrdiff_t)(kx * g->dilation_x);
        if (ix < 0 || ix >= (ptrdiff_t)g->in_width) continue;
        const float *pixel = x + (size_t)(iy * (ptrdiff_t)g->in_width + ix) * g->in_stride;
        const float *gradient = dy + ox * g->out_stride;
        total = n == V_LANES ? V_FMA(V_LOAD(pixel), V_LOAD(gradient), total)
                             : V_FMA(V_LOAD_N(pixel, n), V_LOAD_N(gradient, n), total);
      }
      if (n == V_LANES)
        V_STORE(at, total);
      else
        V_STORE_N(at, total, n);
    }
  }
}

/* What rows above and below the image hold. */
static const float gradient_zeros[V_LANES];

/* The same for a square kernel without dilation and outputs whose windows do not stick out at the sides; what sticks
 * out above and below reads zeros. */
INLINE void depthwise_gradient_span(
    const int kernel, const int stride, const graft_window *g, size_t oy, size_t begin, size_t end,
    const float *x, const float *dy, float *sum) {
  V total[25];
  UNROLL for (int t = 0; t < kernel * kernel; t++) total[t] = V_LOAD(sum + (size_t)t * g->in_channels);
  const float *rows[5];
  size_t steps[5];
  UNROLL for (int ky = 0; ky < kernel; ky++) {
    const ptrdiff_t iy = (ptrdiff_t)(oy * (size_t)stride) - (ptrdiff_t)g->pad_top + ky;
    const int exists = iy >= 0 && iy < (ptrdiff_t)g->in_height;
    rows[ky] = exists ? x + ((size_t)iy * g->in_width + begin * (size_t)stride - g->pad_left) * g->in_stride
                      : gradient_zeros;
    steps[ky] = exists ? g->in_stride : 0;
  }
  const float *gradient = dy + begin * g->out_stride;
  ROLLED for (size_t ox = begin; ox < end; ox++, gradient += g->out_stride) {
    const V d = V_LOAD(gradient);
    UNROLL for (int ky = 0; ky < kernel; ky++) {
      UNROLL for (int kx = 0; kx < kernel; kx++)
        total[ky * kernel + kx] = V_FMA(V_LOAD(rows[ky] + (size_t)kx * steps[ky]), d, total[ky * kernel + kx]);
      rows[ky] += (size_t)stride * steps[ky];
    }
  }
  UNROLL for (int t = 0; t < kernel * kernel; t++) V_STORE(sum + (size_t)t * g->in_channels, total[t]);
}

INLINE void depthwise_gradient_row(
    const int kernel, const int stride, const graft_window *g, size_t oy, const float *x, const float *dy,
    size_t n, float *sum) {
  size_t begin = 0, end = 0;
  const size_t reach = g->in_width + g->pad_left;
  if (kernel > 0 && n == V_LANES && reach >= (size_t)kernel) {
    begin = smaller((g->pad_left + (size_t)stride - 1) / (size_t)stride, g->out_width);
    end = larger(smaller((reach - (size_t)kernel) / (size_t)stride + 1, g->out_width), begin);
    depthwise_gradient_span(kernel, stride, g, oy, begin, end, x, dy, sum);
  }
  if (begin > 0) depthwise_gradient_any(g, oy, 0, begin, x, dy, n, sum);
  if (end < g->out_width) depthwise_gradient_any(g, oy, end, g->out_width, x, dy, n, sum);
}

#define DEPTHWISE_GRADIENT(kernel, stride)                                                                  \
  static __attribute__((noinline)) void depthwise_gradient_##kernel##_##stride(                             \
      const graft_window *g, size_t oy, const float *x, const float *dy, size_t n, float *sum) {            \
    depthwise_gradient_row(kernel, stride, g, oy, x, dy, n, sum);                                           \
  }

DEPTHWISE_GRADIENT(3, 1)
DEPTHWISE_GRADIENT(3, 2)
DEPTHWISE_GRADIENT(5, 1)
DEPTHWISE_GRADIENT(5, 2)
DEPTHWISE_GRADIENT(0, 0)

static void depthwise_weight_gradient(
    const graft_window *g, size_t begin, size_t end, const float *x, const float *dy, float *to, float *sums) {
  void (*row)(const graft_window *, size_t, const float *, const float *, size_t, float *) =
      depthwise_gradient_0_0;
  if (g->kernel_height == g->kernel_width && g->stride_y == g->stride_x && g->dilation_y == 1 &&
      g->dilation_x == 1) {
    if (g->kernel_width == 3 && g->stride_x == 1) row = depthwise_gradient_3_1;
    if (g->kernel_width == 3 && g->stride_x == 2) row = depthwise_gradient_3_2;
    if (g->kernel_width == 5 && g->stride_x == 1) row = depthwise_gradient_5_1;
    if (g->kernel_width == 5 && g->stride_x == 2) row = depthwise_gradient_5_2;
  }
  const size_t channels = g->in_channels;
  for (size_t oy = begin; oy < end; oy++) {
    const float *from = dy + oy * g->out_width * g->out_stride;
    for (size_t c = 0; c < channels; c += V_LANES) {
      const size_t n = smaller(channels - c, V_LANES);
      row(g, oy, x + c, from + c, n, to + c);
      if (sums == NULL) continue;
      V total = n == V_LANES ? V_LOAD(sums + c) : V_LOAD_N(sums + c, n);
      for (size_t ox = 0; ox < g->out_width; ox++) {
        const float *at = from + ox * g->out_stride + c;
        total = total + (n == V_LANES ? V_LOAD(at) : V_LOAD_N(at, n));
      }
      if (n == V_LANES)
        V_STORE(sums + c, total);
      else
        V_STORE_N(sums + c, total, n);
    }
  }
}

/* Taps of one input pixel at most that are gathered at once. */
#define GATHERED 64

static void depthwise_input_gradient(
    const graft_window *g, size_t begin, size_t end, const float *dy, const float *weights, float *dx,
    int accumulates) {
  const size_t channels = g->in_channels;
  for (size_t iy = begin; iy < end; iy++) {
    for (size_t ix = 0; ix < g->in_width; ix++) {
      float *to = dx + (iy * g->in_width + ix) * g->in_stride;
      const float *gradients[GATHERED], *taps[GATHERED];
      size_t count = 0;
      int adds = accumulates;
      for (size_t ky = 0; ky <= g->kernel_height; ky++) {
        const int done = ky == g->kernel_height;
        /* oy * stride + ky * dilation - pad = iy */
        const ptrdiff_t y = (ptrdiff_t)(iy + g->pad_top) - (ptrdiff_t)(ky * g->dilation_y);
        if (!done && (y < 0 || (size_t)y % g->stride_y != 0 || (size_t)y / g->stride_y >= g->out_height)) continue;
        for (size_t kx = 0; kx < g->kernel_width; kx++) {
          const ptrdiff_t x = (ptrdiff_t)(ix + g->pad_left) - (ptrdiff_t)(kx * g->dilation_x);
          if (!done) {
            if (x < 0 || (size_t)x % g->stride_x != 0 || (size_t)x / g->stride_x >= g->out_width) continue;
            gradients[count] =
                dy + ((size_t)y / g->stride_y * g->out_width + (size_t)x / g->stride_x) * g->out_stride;
            taps[count++] = weights + (ky * g->kernel_width + kx) * channels;
            if (count < GATHERED) continue;
          }
          if (count > 0 || !adds) {
            for (size_t c = 0; c < channels; c += V_LANES) {
              const size_t n = smaller(channels - c, V_LANES);
              if (n == V_LANES) {
                V sum = adds ? V_LOAD(to + c) : V_SET1(0.0f);
                for (size_t t = 0; t < count; t++) sum = V_FMA(V_LOAD(gradients[t] + c), V_LOAD(taps[t] + c), sum);
                V_STORE(to + c, sum);
              } else {
                V sum = adds ? V_LOAD_N(to + c, n) : V_SET1(0.0f);
                for (size_t t = 0; t < count; t++)
                  sum = V_FMA(V_LOAD_N(gradients[t] + c, n), V_LOAD_N(taps[t] + c, n), sum);
                V_STORE_N(to + c, sum, n);
              }
            }
            adds = 1;
            count = 0;
          }
          if (done) break;
        }
      }
    }
  }
}

/* All of a picture, whose gradients are added up: windows overlap. */
static void pool_max_gradient(
    const graft_window *g, const float *x, const float *dy, float *dx, int padding_counts) {
  const size_t channels = g->in_channels;
  for (size_t oy = 0; oy < g->out_height; oy++)
    for (size_t ox = 0; ox < g->out_width; ox++) {
      const ptrdiff_t top = (ptrdiff_t)(oy * g->stride_y) - (ptrdiff_t)g->pad_top;
      const ptrdiff_t left = (ptrdiff_t)(ox * g->stride_x) - (ptrdiff_t)g->pad_left;
      const float *gradient = dy + (oy * g->out_width + ox) * g->out_stride;
      for (size_t c = 0; c < channels; c += V_LANES) {
        const size_t n = smaller(channels - c, V_LANES);
        const V d = n == V_LANES ? V_LOAD(gradient + c) : V_LOAD_N(gradient + c, n);
        /* The place of the first of the largest, as the number of its tap. */
        V most = V_SET1(-__builtin_inff());
        VI place = (VI)V_SET1(0.0f) - 1;
        for (int pass = 0; pass < 2; pass++) {
          int32_t number = 0;
          for (size_t ky = 0; ky < g->kernel_height; ky++)
            for (size_t kx = 0; kx < g->kernel_width; kx++, number++) {
              const ptrdiff_t iy = top + (ptrdiff_t)(ky * g->dilation_y);
              const ptrdiff_t ix = left + (ptrdiff_t)(kx * g->dilation_x);
              const int inside =
                  iy >= 0 && iy < (ptrdiff_t)g->in_height && ix >= 0 && ix < (ptrdiff_t)g->in_width;
              if (!inside && (pass == 1 || !padding_counts)) continue;
              const size_t at = inside ? (size_t)(iy * (ptrdiff_t)g->in_width + ix) * g->in_stride + c : 0;
              if (pass == 0) {
                const V v = !inside          ? V_SET1(0.0f)
                            : n == V_LANES ? V_LOAD(x + at)
                                           : V_LOAD_N(x + at, n);
                const VI larger_here = (VI)(v > most) | (place == -1);
                place = (larger_here & number) | (~larger_here & place);
                most = (V)((larger_here & (VI)v) | (~larger_here & (VI)most));
              } else {
                const V part = (V)((VI)d & (place == number));
                if (n == V_LANES)
                  V_STORE(dx + at, V_LOAD(dx + at) + part);
                else
                  V_STORE_N(dx + at, V_LOAD_N(dx + at, n) + part, n);
              }
            }
        }
      }
    }
}

static void gate(
    size_t rows, size_t columns, const float *y, size_t y_stride, float low, float high, float *dy,
    size_t dy_stride) {
  const V l = V_SET1(low), h = V_SET1(high);
  for (size_t r = 0; r < rows; r++, y += y_stride, dy += dy_stride) {
    size_t c = 0;
    ROLLED for (; c + V_LANES <= columns; c += V_LANES) {
      const V v = V_LOAD(y + c);
      V_STORE(dy + c, (V)((VI)V_LOAD(dy + c) & (VI)(v > l) & (VI)(v < h)));
    }
    const size_t n = columns - c;
    if (n > 0) {
      const V v = V_LOAD_N(y + c, n);
      V_STORE_N(dy + c, (V)((VI)V_LOAD_N(dy + c, n) & (VI)(v > l) & (VI)(v < h)), n);
    }
  }
}
