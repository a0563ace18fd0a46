/* Pooling over windows and over whole images. */

/* The taps of a window's side that fall into the image: begin..<end. */
INLINE void taps_inside(
    size_t out, size_t stride, size_t pad, size_t dilation, size_t kernel, size_t size, size_t *begin,
    size_t *end) {
  const ptrdiff_t origin = (ptrdiff_t)(out * stride) - (ptrdiff_t)pad;
  size_t b = 0, e = kernel;
  while (b < kernel && origin + (ptrdiff_t)(b * dilation) < 0) b++;
  while (e > b && origin + (ptrdiff_t)((e - 1) * dilation) >= (ptrdiff_t)size) e--;
  *begin = b;
  *end = e;
}

INLINE void pool(
    const int takes_max, const graft_window *g, size_t begin, size_t end, const float *x, float *y,
    int padding_counts) {
  const size_t channels = g->in_channels, all = g->kernel_height * g->kernel_width;
  for (size_t oy = begin; oy < end; oy++) {
    size_t ky0, ky1;
    taps_inside(oy, g->stride_y, g->pad_top, g->dilation_y, g->kernel_height, g->in_height, &ky0, &ky1);
    for (size_t ox = 0; ox < g->out_width; ox++) {
      size_t kx0, kx1;
      taps_inside(ox, g->stride_x, g->pad_left, g->dilation_x, g->kernel_width, g->in_width, &kx0, &kx1);
      const size_t inside = (ky1 - ky0) * (kx1 - kx0);
      float *to = y + (oy * g->out_width + ox) * g->out_stride;
      const V start = V_SET1(takes_max && !(padding_counts && inside < all) ? -__builtin_inff() : 0.0f);
      const size_t count = padding_counts ? all : inside;
      const V scale = V_SET1(count > 0 ? 1.0f / (float)count : 0.0f);
      const ptrdiff_t top = (ptrdiff_t)(oy * g->stride_y) - (ptrdiff_t)g->pad_top;
      const ptrdiff_t left = (ptrdiff_t)(ox * g->stride_x) - (ptrdiff_t)g->pad_left;
      for (size_t c = 0; c < channels; c += V_LANES) {
        const size_t n = smaller(channels - c, V_LANES);
        V result = start;
        for (size_t ky = ky0; ky < ky1; ky++) {
          const size_t iy = (size_t)(top + (ptrdiff_t)(ky * g->dilation_y));
          const size_t ix = (size_t)(left + (ptrdiff_t)(kx0 * g->dilation_x));
          const float *pixel = x + (iy * g->in_width + ix) * g->in_stride + c;
          for (size_t kx = kx0; kx < kx1; kx++, pixel += g->dilation_x * g->in_stride) {
            const V v = n == V_LANES ? V_LOAD(pixel) : V_LOAD_N(pixel, n);
            result = takes_max ? V_MAX(result, v) : result + v;
          }
        }
        if (!takes_max) result = result * scale;
        if (n == V_LANES)
          V_STORE(to + c, result);
        else
          V_STORE_N(to + c, result, n);
      }
    }
  }
}

static void pool_max(
    const graft_window *g, size_t begin, size_t end, const float *x, float *y, int padding_counts) {
  pool(1, g, begin, end, x, y, padding_counts);
}

static void pool_average(
    const graft_window *g, size_t begin, size_t end, const float *x, float *y, int padding_counts) {
  pool(0, g, begin, end, x, y, padding_counts);
}

static void global_average(size_t pixels, size_t channels, const float *x, size_t stride, float *y) {
  const V scale = V_SET1(1.0f / (float)pixels);
  size_t c = 0;
  for (; c + V_LANES <= channels; c += V_LANES) {
    V sum = V_SET1(0.0f);
    ROLLED for (size_t p = 0; p < pixels; p++) sum = sum + V_LOAD(x + p * stride + c);
    V_STORE(y + c, sum * scale);
  }
  if (c < channels) {
    V sum = V_SET1(0.0f);
    for (size_t p = 0; p < pixels; p++) sum = sum + V_LOAD_N(x + p * stride + c, channels - c);
    V_STORE_N(y + c, sum * scale, channels - c);
  }
}

static void global_max(size_t pixels, size_t channels, const float *x, size_t stride, float *y) {
  size_t c = 0;
  for (; c + V_LANES <= channels; c += V_LANES) {
    V best = V_SET1(-__builtin_inff());
    ROLLED for (size_t p = 0; p < pixels; p++) best = V_MAX(best, V_LOAD(x + p * stride + c));
    V_STORE(y + c, best);
  }
  if (c < channels) {
    V best = V_SET1(-__builtin_inff());
    for (size_t p = 0; p < pixels; p++) best = V_MAX(best, V_LOAD_N(x + p * stride + c, channels - c));
    V_STORE_N(y + c, best, channels - c);
  }
}
