/* Depthwise convolution: a vector of channels at a time, sums in registers. A sum starts with the bias; taps follow
 * in row-major order, without those that fall on padding. */

/* Windows that stick out of the image, and kernels of unusual size: one output, any window. */
INLINE V depthwise_any(
    const graft_window *g, size_t oy, size_t ox, const float *x, const float *w, V bias, size_t n) {
  const ptrdiff_t top = (ptrdiff_t)(oy * g->stride_y) - (ptrdiff_t)g->pad_top;
  const ptrdiff_t left = (ptrdiff_t)(ox * g->stride_x) - (ptrdiff_t)g->pad_left;
  V sum = bias;
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

/* Outputs of a tile: columns, and rows where registers hold the sums of two rows beside the weights. */
#define DEPTHWISE_COLUMNS 4
#define DEPTHWISE_CACHED (768 << 10) /* bytes of input */

/* What is the same for all tiles of a plane. */
typedef struct {
  const float *x; /* the first channel of the vector */
  float *y;
  size_t from, to; /* the outputs' rows */
  V bias, low, high;
  int clamps;
} depthwise_plane;

/* A tile of height x DEPTHWISE_COLUMNS outputs from (oy, ox) on. It may stick out of the image by half a kernel. */
INLINE void depthwise_tile(
    const int kernel, const int stride, const int height, const graft_window *g, const depthwise_plane *plane,
    const float *const *rows, const V *w, size_t oy, size_t ox) {
  const int across = (DEPTHWISE_COLUMNS - 1) * stride + kernel, down = (height - 1) * stride + kernel;
  const size_t step = g->in_stride, left = ox * (size_t)stride;
  const int first = left < g->pad_left ? (int)(g->pad_left - left) : 0;
  const int end = (int)smaller((size_t)across, g->in_width + g->pad_left - left);
  V sum[2][DEPTHWISE_COLUMNS];
  UNROLL for (int r = 0; r < height; r++)
    UNROLL for (int o = 0; o < DEPTHWISE_COLUMNS; o++) sum[r][o] = plane->bias;
  UNROLL for (int row = 0; row < down; row++) {
    if (!rows[row]) continue;
    const float *p = rows[row] + (ptrdiff_t)(left * step);
    UNROLL for (int column = 0; column < across; column++) {
      if (column < kernel / 2 && column < first) continue;
      if (column >= across - kernel / 2 && column >= end) continue;
      const V pixel = V_LOAD(p + (size_t)column * step);
      UNROLL for (int r = 0; r < height; r++)
        UNROLL for (int o = 0; o < DEPTHWISE_COLUMNS; o++) {
          const int ky = row - r * stride, kx = column - o * stride;
          if (ky >= 0 && ky < kernel && kx >= 0 && kx < kernel)
            sum[r][o] = V_FMA(pixel, w[ky * kernel + kx], sum[r][o]);
        }
    }
  }
  if (plane->clamps)
    UNROLL for (int r = 0; r < height; r++)
      UNROLL for (int o = 0; o < DEPTHWISE_COLUMNS; o++)
        sum[r][o] = v_clamp(sum[r][o], plane->low, plane->high);
  UNROLL for (int r = 0; r < height; r++)
    UNROLL for (int o = 0; o < DEPTHWISE_COLUMNS; o++)
      V_STORE(plane->y + ((oy + (size_t)r) * g->out_width + ox + (size_t)o) * g->out_stride, sum[r][o]);
}

/* `height` rows of outputs from oy on. The last tile may compute again what the one before it did. */
INLINE void depthwise_rows(
    const int kernel, const int stride, const int height, const graft_window *g, const depthwise_plane *plane,
    const V *w, size_t oy) {
  const float *rows[2 + 5];
  UNROLL for (int row = 0; row < (height - 1) * stride + kernel; row++) {
    const ptrdiff_t iy = (ptrdiff_t)(oy * (size_t)stride) - (ptrdiff_t)g->pad_top + row;
    rows[row] = iy >= 0 && iy < (ptrdiff_t)g->in_height
                    ? plane->x + (iy * (ptrdiff_t)g->in_width - (ptrdiff_t)g->pad_left) * (ptrdiff_t)g->in_stride
                    : NULL;
  }
  for (size_t ox = 0; ox < g->out_width; ox += DEPTHWISE_COLUMNS)
    depthwise_tile(
        kernel, stride, height, g, plane, rows, w, oy, smaller(ox, g->out_width - DEPTHWISE_COLUMNS));
}

/* Whether windows stick out of the image by no more than half a kernel at the sides, and rows have a tile. */
INLINE int depthwise_suits(const int kernel, const int stride, const graft_window *g) {
  return g->out_width >= DEPTHWISE_COLUMNS && g->pad_left <= (size_t)kernel / 2 &&
         (g->out_width - 1) * (size_t)stride + (size_t)kernel <= g->in_width + g->pad_left + (size_t)kernel / 2;
}

#define DEPTHWISE(kernel, stride)                                                                            \
  static __attribute__((noinline)) void depthwise_plane_##kernel##_##stride(                                 \
      const graft_window *g, const depthwise_plane *plane, const float *weights) {                           \
    V w[kernel * kernel];                                                                                    \
    UNROLL for (int t = 0; t < kernel * kernel; t++) w[t] = V_LOAD(weights + (size_t)t * g->in_channels);    \
    size_t oy = plane->from;                                                                                 \
    if (DEPTHWISE_ROWS == 2 && kernel == 3)                                                                  \
      for (; oy + 2 <= plane->to; oy += 2) depthwise_rows(kernel, stride, 2, g, plane, w, oy);               \
    for (; oy < plane->to; oy++) depthwise_rows(kernel, stride, 1, g, plane, w, oy);                         \
  }

DEPTHWISE(3, 1)
DEPTHWISE(3, 2)
DEPTHWISE(5, 1)
DEPTHWISE(5, 2)

/* Any window, and vectors of which only n channels exist. */
static __attribute__((noinline)) void depthwise_plane_any(
    const graft_window *g, const depthwise_plane *plane, const float *w, size_t n) {
  for (size_t oy = plane->from; oy < plane->to; oy++)
    for (size_t ox = 0; ox < g->out_width; ox++) {
      const V sum = depthwise_any(g, oy, ox, plane->x, w, plane->bias, n);
      const V v = plane->clamps ? v_clamp(sum, plane->low, plane->high) : sum;
      float *at = plane->y + (oy * g->out_width + ox) * g->out_stride;
      if (n == V_LANES) V_STORE(at, v);
      else V_STORE_N(at, v, n);
    }
}

static void depthwise(
    const graft_window *g, size_t begin, size_t end, const float *x, const float *w, float *y,
    const graft_epilogue *e) {
  void (*full)(const graft_window *, const depthwise_plane *, const float *) = NULL;
  if (g->kernel_height == g->kernel_width && g->stride_y == g->stride_x && g->dilation_y == 1 &&
      g->dilation_x == 1 && depthwise_suits((int)g->kernel_width, (int)g->stride_x, g)) {
    if (g->kernel_width == 3 && g->stride_x == 1) full = depthwise_plane_3_1;
    if (g->kernel_width == 3 && g->stride_x == 2) full = depthwise_plane_3_2;
    if (g->kernel_width == 5 && g->stride_x == 1) full = depthwise_plane_5_1;
    if (g->kernel_width == 5 && g->stride_x == 2) full = depthwise_plane_5_2;
  }
  depthwise_plane plane;
  clamp_limits(&e->activation, &plane.low, &plane.high);
  plane.clamps = e->activation.kind == GRAFT_CLAMP &&
                 (e->activation.low > -__builtin_inff() || e->activation.high < __builtin_inff());
  /* Rows that stay in the second cache go by a line of channels at a time, so that what one row of outputs reads is
   * in the first cache for the next. Others come from memory, where only neighbouring lines come fast. */
  const size_t channels = g->in_channels, unit = larger(LINE, V_LANES);
  const size_t bytes = (end - begin) * g->stride_y * g->in_width * g->in_stride * sizeof(float);
  const size_t together = bytes <= DEPTHWISE_CACHED ? unit : channels;
  const size_t height = bytes <= DEPTHWISE_CACHED ? end - begin : DEPTHWISE_ROWS;
  for (size_t from = 0; from < channels; from += together) {
    const size_t to = smaller(from + together, channels);
    for (plane.from = begin; plane.from < end; plane.from = plane.to) {
      plane.to = smaller(plane.from + height, end);
      for (size_t c = from; c < to; c += V_LANES) {
        const size_t n = smaller(channels - c, V_LANES);
        plane.x = x + c;
        plane.y = y + c;
        plane.bias = e->bias ? (n == V_LANES ? V_LOAD(e->bias + c) : V_LOAD_N(e->bias + c, n)) : V_SET1(0.0f);
        if (full && n == V_LANES) full(g, &plane, w + c);
        else depthwise_plane_any(g, &plane, w + c, n);
      }
    }
  }
  if (e->activation.kind == GRAFT_CLAMP) return;
  for (size_t oy = begin; oy < end; oy++)
    activate_rows(
        g->out_width, channels, y + oy * g->out_width * g->out_stride, g->out_stride, &e->activation);
}
