/* Depthwise convolution: a vector of channels at a time, sums in registers, taps in row-major order. Taps that
 * fall on padding are left out. */

/* Windows that stick out of the image, and kernels of unusual size: one output, any window. */
INLINE V depthwise_any(
    const graft_window *g, size_t oy, size_t ox, const float *x, const float *w, size_t n) {
  const ptrdiff_t top = (ptrdiff_t)(oy * g->stride_y) - (ptrdiff_t)g->pad_top;
  const ptrdiff_t left = (ptrdiff_t)(ox * g->stride_x) - (ptrdiff_t)g->pad_left;
  V sum = V_SET1(0.0f);
  for (size_t ky = 0; ky < g->kernel_height; ky++) {
    const ptrdiff_t iy = top + (ptrdiff_t)(ky * g->dilation_y);
    if (iy < 0 || iy >= (ptrdiff_t)g->in_height) continue;
    const float *row = x + (size_t)iy * g->in_width * g->in_stride;
    const float *row_weights = w + ky * g->kernel_width * g->in_channels;
    for (size_t kx = 0; kx < g->kernel_width; kx++) {
      const ptrdiff_t ix = left + (ptrdiff_t)(kx * g->dilation_x);
      if (ix < 0 || ix >= (ptrdiff_t)g->in_width) continue;
      const float *pixel = row + (size_t)ix * g->in_stride, *tap = row_weights + kx * g->in_channels;
      sum = n == V_LANES ? V_FMA(V_LOAD(pixel), V_LOAD(tap), sum)
                         : V_FMA(V_LOAD_N(pixel, n), V_LOAD_N(tap, n), sum);
    }
  }
  return sum;
}

/* What rows above and below the image hold. */
static const float depthwise_zeros[V_LANES];

/* `group` neighbouring outputs whose windows do not stick out at the sides, all channels of a full vector.
 * rows[ky] points at the first window's left edge; steps[ky] is the distance of pixels, 0 where the row is
 * padding. With `inside` all steps are the same. */
INLINE void depthwise_group(
    const int kernel, const int stride, const int group, const int inside, const float *const *rows,
    const size_t *steps, const V *w, V *sum) {
  UNROLL for (int o = 0; o < group; o++) sum[o] = V_SET1(0.0f);
  UNROLL for (int ky = 0; ky < kernel; ky++) {
    const size_t step = steps[inside ? 0 : ky];
    UNROLL for (int column = 0; column < (group - 1) * stride + kernel; column++) {
      const V pixel = V_LOAD(rows[ky] + (size_t)column * step);
      UNROLL for (int o = 0; o < group; o++) {
        const int kx = column - o * stride;
        if (kx >= 0 && kx < kernel) sum[o] = V_FMA(pixel, w[ky * kernel + kx], sum[o]);
      }
    }
  }
}

#define DEPTHWISE_GROUP 4
#define DEPTHWISE_CACHED (768 << 10) /* bytes of input */

/* Outputs begin..<end of a row, whose windows do not stick out at the sides. */
INLINE void depthwise_span(
    const int kernel, const int stride, const int inside, const graft_window *g, size_t oy, size_t begin,
    size_t end, const float *x, const float *w, float *y, V bias, V low, V high) {
  V weights[25];
  UNROLL for (int t = 0; t < kernel * kernel; t++) weights[t] = V_LOAD(w + (size_t)t * g->in_channels);
  const float *rows[5];
  size_t steps[5];
  UNROLL for (int ky = 0; ky < kernel; ky++) {
    const ptrdiff_t iy = (ptrdiff_t)(oy * (size_t)stride) - (ptrdiff_t)g->pad_top + ky;
    const int exists = inside || (iy >= 0 && iy < (ptrdiff_t)g->in_height);
    const size_t left = begin * (size_t)stride - g->pad_left;
    rows[ky] = exists ? x + ((size_t)iy * g->in_width + left) * g->in_stride : depthwise_zeros;
    steps[ky] = exists ? g->in_stride : 0;
  }
  size_t ox = begin;
  ROLLED for (; ox + DEPTHWISE_GROUP <= end; ox += DEPTHWISE_GROUP) {
    V sum[DEPTHWISE_GROUP];
    depthwise_group(kernel, stride, DEPTHWISE_GROUP, inside, rows, steps, weights, sum);
    UNROLL for (int ky = 0; ky < kernel; ky++) rows[ky] += DEPTHWISE_GROUP * (size_t)stride * steps[ky];
    UNROLL for (int o = 0; o < DEPTHWISE_GROUP; o++)
      V_STORE(y + (ox + (size_t)o) * g->out_stride, v_clamp(sum[o] + bias, low, high));
  }
  ROLLED for (; ox < end; ox++) {
    V sum[1];
    depthwise_group(kernel, stride, 1, inside, rows, steps, weights, sum);
    UNROLL for (int ky = 0; ky < kernel; ky++) rows[ky] += (size_t)stride * steps[ky];
    V_STORE(y + ox * g->out_stride, v_clamp(sum[0] + bias, low, high));
  }
}

/* One output row of a vector of channels, of which n exist; kernel = 0 stands for any. */
INLINE void depthwise_row(
    const int kernel, const int stride, const graft_window *g, size_t oy, const float *x, const float *w,
    size_t n, float *y, const graft_epilogue *e, const float *bias_at) {
  const V bias = bias_at ? (n == V_LANES ? V_LOAD(bias_at) : V_LOAD_N(bias_at, n)) : V_SET1(0.0f);
  V low, high;
  clamp_limits(&e->activation, &low, &high);

  /* The windows of outputs begin..<end do not stick out at the sides: ox * stride + kernel <= reach. */
  size_t begin = 0, end = 0;
  const size_t reach = g->in_width + g->pad_left;
  if (kernel > 0 && n == V_LANES && reach >= (size_t)kernel) {
    begin = smaller((g->pad_left + (size_t)stride - 1) / (size_t)stride, g->out_width);
    end = larger(smaller((reach - (size_t)kernel) / (size_t)stride + 1, g->out_width), begin);
    const size_t top = oy * (size_t)stride;
    if (top >= g->pad_top && top + (size_t)kernel <= g->in_height + g->pad_top)
      depthwise_span(kernel, stride, 1, g, oy, begin, end, x, w, y, bias, low, high);
    else
      depthwise_span(kernel, stride, 0, g, oy, begin, end, x, w, y, bias, low, high);
  }
  for (size_t ox = 0; ox < g->out_width; ox++) {
    if (ox == begin) ox = end;
    if (ox >= g->out_width) break;
    const V v = v_clamp(depthwise_any(g, oy, ox, x, w, n) + bias, low, high);
    if (n == V_LANES)
      V_STORE(y + ox * g->out_stride, v);
    else
      V_STORE_N(y + ox * g->out_stride, v, n);
  }
}

#define DEPTHWISE(kernel, stride)                                                                            \
  static __attribute__((noinline)) void depthwise_row_##kernel##_##stride(                                   \
      const graft_window *g, size_t oy, const float *x, const float *w, size_t n, float *y,                  \
      const graft_epilogue *e, const float *bias) {                                                          \
    depthwise_row(kernel, stride, g, oy, x, w, n, y, e, bias);                                               \
  }

DEPTHWISE(3, 1)
DEPTHWISE(3, 2)
DEPTHWISE(5, 1)
DEPTHWISE(5, 2)
DEPTHWISE(0, 0)

static void depthwise(
    const graft_window *g, size_t begin, size_t end, const float *x, const float *w, float *y,
    const graft_epilogue *e) {
  void (*row)(
      const graft_window *, size_t, const float *, const float *, size_t, float *, const graft_epilogue *,
      const float *) = depthwise_row_0_0;
  if (g->kernel_height == g->kernel_width && g->stride_y == g->stride_x && g->dilation_y == 1 &&
      g->dilation_x == 1) {
    if (g->kernel_width == 3 && g->stride_x == 1) row = depthwise_row_3_1;
    if (g->kernel_width == 3 && g->stride_x == 2) row = depthwise_row_3_2;
    if (g->kernel_width == 5 && g->stride_x == 1) row = depthwise_row_5_1;
    if (g->kernel_width == 5 && g->stride_x == 2) row = depthwise_row_5_2;
  }
  /* Rows that stay in the second cache go by a line of channels at a time, so that what one row of outputs reads is
   * in the first cache for the next. Others come from memory, where only neighbouring lines come fast. */
  const size_t channels = g->in_channels, unit = larger(LINE, V_LANES);
  const size_t bytes = (end - begin) * g->stride_y * g->in_width * g->in_stride * sizeof(float);
  const size_t together = bytes <= DEPTHWISE_CACHED ? unit : channels;
  for (size_t from = 0; from < channels; from += together) {
    const size_t to = smaller(from + together, channels);
    for (size_t oy = begin; oy < end; oy++) {
      float *out = y + oy * g->out_width * g->out_stride;
      for (size_t c = from; c < to; c += V_LANES)
        row(g, oy, x + c, w + c, smaller(channels - c, V_LANES), out + c, e, e->bias ? e->bias + c : NULL);
    }
  }
  if (e->activation.kind == GRAFT_CLAMP) return;
  for (size_t oy = begin; oy < end; oy++)
    activate_rows(
        g->out_width, channels, y + oy * g->out_width * g->out_stride, g->out_stride, &e->activation);
}
