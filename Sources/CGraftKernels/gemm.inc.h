/* Matrix product with packed weights, and the convolution that runs on the same micro-kernels.
 *
 * Packed weights are panels of 2 * V_LANES columns, depth first: panel[k][column]. A last panel with no more
 * than V_LANES columns left is one vector wide; missing columns are zeros.
 *
 * A micro-kernel computes up to ROWS_BLOCK rows of one panel. It reads its rows through pointers, one per row
 * and tap, so that the plain product (one tap) and a convolution (a tap per kernel position) are the same code.
 * Each output is one chain of multiply-adds over taps, then channels; which other rows share the registers does
 * not enter. */

#define PANEL (2 * V_LANES)

/* Floats in a cache line, and how far ahead a panel is fetched: 4 KB. Large panels come from the second or third
 * cache, and the processor's own prefetching stops at each page. */
#define LINE 16
#define PREFETCH 1024

typedef struct {
  size_t taps, depth;           /* depth of one tap */
  const float *const *rows;     /* rows[tap * ROWS_BLOCK + row] */
  const float *panel;
  size_t columns;               /* of the panel that exist */
  float *y;
  size_t y_stride;
  const float *bias, *residual; /* at the panel's first column, or NULL */
  size_t residual_stride;
  float low, high;
} micro_call;

INLINE void micro(const int row_count, const int width, const micro_call *call) {
  V sum[ROWS_BLOCK][2];
  UNROLL for (int i = 0; i < row_count; i++) UNROLL for (int q = 0; q < width; q++) sum[i][q] = V_SET1(0.0f);

  const float *panel = call->panel;
  const float *const *rows = call->rows;
  const size_t depth = call->depth;
  for (size_t tap = call->taps; tap > 0; tap--, rows += ROWS_BLOCK) {
    const float *x[ROWS_BLOCK];
    UNROLL for (int i = 0; i < row_count; i++) x[i] = rows[i];
    ROLLED for (size_t k = 0; k < depth; k++) {
      V w[2];
      UNROLL for (int q = 0; q < width; q++) w[q] = V_LOAD(panel + q * V_LANES);
      UNROLL for (int line = 0; line < width * V_LANES; line += LINE)
        __builtin_prefetch(panel + PREFETCH + line, 0, 3);
      panel += width * V_LANES;
      UNROLL for (int i = 0; i < row_count; i++) {
        const V s = V_SET1(x[i][k]);
        UNROLL for (int q = 0; q < width; q++) sum[i][q] = V_FMA(s, w[q], sum[i][q]);
      }
    }
  }

  const V low = V_SET1(call->low), high = V_SET1(call->high);
  const size_t columns = call->columns;
  if (columns == (size_t)(width * V_LANES)) {
    UNROLL for (int q = 0; q < width; q++) {
      const V bias = call->bias ? V_LOAD(call->bias + q * V_LANES) : V_SET1(0.0f);
      UNROLL for (int i = 0; i < row_count; i++) {
        V v = sum[i][q] + bias;
        if (call->residual)
          v = v + V_LOAD(call->residual + (size_t)i * call->residual_stride + q * V_LANES);
        V_STORE(call->y + (size_t)i * call->y_stride + q * V_LANES, v_clamp(v, low, high));
      }
    }
  } else {
    UNROLL for (int q = 0; q < width; q++) {
      const size_t at = (size_t)q * V_LANES;
      if (at < columns) {
        const size_t n = smaller(columns - at, V_LANES);
        const V bias = call->bias ? V_LOAD_N(call->bias + at, n) : V_SET1(0.0f);
        UNROLL for (int i = 0; i < row_count; i++) {
          V v = sum[i][q] + bias;
          if (call->residual) v = v + V_LOAD_N(call->residual + (size_t)i * call->residual_stride + at, n);
          V_STORE_N(call->y + (size_t)i * call->y_stride + at, v_clamp(v, low, high), n);
        }
      }
    }
  }
}

#define MICRO(R, Q) \
  static __attribute__((noinline)) void micro_##R##x##Q(const micro_call *call) { micro(R, Q, call); }

MICRO(1, 1) MICRO(2, 1) MICRO(3, 1) MICRO(4, 1) MICRO(5, 1) MICRO(6, 1) MICRO(7, 1) MICRO(8, 1)
#if ROWS_NARROW == 12
MICRO(9, 1) MICRO(10, 1) MICRO(11, 1) MICRO(12, 1)
#endif
MICRO(1, 2) MICRO(2, 2) MICRO(3, 2) MICRO(4, 2)
#if ROWS_WIDE >= 6
MICRO(5, 2) MICRO(6, 2)
#endif
#if ROWS_WIDE >= 8
MICRO(7, 2) MICRO(8, 2)
#endif
#if ROWS_WIDE >= 12
MICRO(9, 2) MICRO(10, 2) MICRO(11, 2) MICRO(12, 2)
#endif

typedef void (*micro_kernel)(const micro_call *);

static const micro_kernel micro_narrow[ROWS_NARROW + 1] = {
    NULL, micro_1x1, micro_2x1, micro_3x1, micro_4x1, micro_5x1, micro_6x1, micro_7x1, micro_8x1,
#if ROWS_NARROW == 12
    micro_9x1, micro_10x1, micro_11x1, micro_12x1,
#endif
};

static const micro_kernel micro_wide[ROWS_WIDE + 1] = {
    NULL, micro_1x2, micro_2x2, micro_3x2, micro_4x2,
#if ROWS_WIDE >= 6
    micro_5x2, micro_6x2,
#endif
#if ROWS_WIDE >= 8
    micro_7x2, micro_8x2,
#endif
#if ROWS_WIDE >= 12
    micro_9x2, micro_10x2, micro_11x2, micro_12x2,
#endif
};

/* Where the panel that starts at column `first` (a multiple of PANEL) lies: all before it are full. */
INLINE const float *panel_at(const float *packed, size_t depth, size_t first) { return packed + depth * first; }

INLINE size_t panel_width(size_t columns, size_t first) {
  return columns - first > V_LANES ? PANEL : V_LANES;
}

static size_t product_packed_size(size_t depth, size_t columns) {
  const size_t full = columns / PANEL * PANEL;
  return depth * (full + (columns > full ? panel_width(columns, full) : 0));
}

static void product_pack(
    size_t depth, size_t columns, const float *weights, size_t stride, float *packed) {
  for (size_t first = 0; first < columns; first += PANEL) {
    const size_t width = panel_width(columns, first);
    const size_t filled = smaller(columns - first, width);
    for (size_t k = 0; k < depth; k++, packed += width) {
      memcpy(packed, weights + k * stride + first, filled * sizeof(float));
      memset(packed + filled, 0, (width - filled) * sizeof(float));
    }
  }
}

/* One block of at most ROWS_BLOCK rows, columns first..<last. */
INLINE void product_block(
    size_t count, size_t taps, size_t depth, const float *const *rows, const float *packed, size_t columns,
    size_t first, size_t last, float *y, size_t y_stride, const float *residual, const graft_epilogue *e) {
  const int clamps = e->activation.kind == GRAFT_CLAMP;
  micro_call call;
  call.taps = taps;
  call.depth = depth;
  call.y_stride = y_stride;
  call.residual_stride = e->residual_stride;
  call.low = clamps ? e->activation.low : -__builtin_inff();
  call.high = clamps ? e->activation.high : __builtin_inff();
  for (size_t j = first; j < last; j += PANEL) {
    const size_t width = panel_width(columns, j);
    const size_t most = width == PANEL ? ROWS_WIDE : ROWS_NARROW;
    const micro_kernel *kernels = width == PANEL ? micro_wide : micro_narrow;
    call.panel = panel_at(packed, taps * depth, j);
    call.columns = smaller(columns - j, width);
    call.bias = e->bias ? e->bias + j : NULL;
    /* Equal parts, so that no part is left with too few sums to hide the latency of a multiply-add. */
    const size_t parts = (count + most - 1) / most;
    for (size_t part = 0; part < parts; part++) {
      const size_t r = count * part / parts, end = count * (part + 1) / parts;
      call.rows = rows + r;
      call.y = y + r * y_stride + j;
      call.residual = residual ? residual + r * e->residual_stride + j : NULL;
      kernels[end - r](&call);
      if (!clamps) activate_rows(end - r, call.columns, call.y, y_stride, &e->activation);
    }
  }
}

static void product(
    size_t rows, size_t depth, const float *x, size_t x_stride, const float *packed, size_t columns,
    size_t first, size_t last, float *y, size_t y_stride, const graft_epilogue *e) {
  const float *pointers[ROWS_BLOCK];
  const size_t blocks = (rows + ROWS_BLOCK - 1) / ROWS_BLOCK;
  for (size_t block = 0; block < blocks; block++) {
    const size_t r = rows * block / blocks, end = rows * (block + 1) / blocks;
    for (size_t i = 0; i < end - r; i++) pointers[i] = x + (r + i) * x_stride;
    product_block(
        end - r, 1, depth, pointers, packed, columns, first, last, y + r * y_stride, y_stride,
        e->residual ? e->residual + r * e->residual_stride : NULL, e);
  }
}

/* With few channels a whole kernel row, which lies in one piece in the image, is one tap; windows that stick out
 * at the sides are copied into scratch with zeros around them. The order of the sum is the same. */
INLINE int joins_row(const graft_window *g) {
  return g->in_channels < 16 && g->dilation_x == 1 && g->in_stride == g->in_channels && g->kernel_width > 1;
}

INLINE size_t round_up_64(size_t bytes) { return (bytes + 63) / 64 * 64; }

static size_t convolution_scratch(const graft_window *g) {
  const int joined = joins_row(g);
  const size_t taps = joined ? g->kernel_height : g->kernel_height * g->kernel_width;
  const size_t depth = joined ? g->kernel_width * g->in_channels : g->in_channels;
  const size_t pointers = round_up_64(taps * ROWS_BLOCK * sizeof(float *));
  const size_t zeros = round_up_64(depth * sizeof(float));
  return pointers + zeros + (joined ? taps * ROWS_BLOCK * depth * sizeof(float) : 0);
}

/* Pointers for a window at (oy, ox): one tap a kernel position. */
INLINE void point_at_pixels(
    const graft_window *g, size_t oy, size_t ox, const float *x, const float *zeros, const float **pointers) {
  const ptrdiff_t top = (ptrdiff_t)(oy * g->stride_y) - (ptrdiff_t)g->pad_top;
  const ptrdiff_t left = (ptrdiff_t)(ox * g->stride_x) - (ptrdiff_t)g->pad_left;
  for (size_t ky = 0; ky < g->kernel_height; ky++) {
    const ptrdiff_t iy = top + (ptrdiff_t)(ky * g->dilation_y);
    const int inside = iy >= 0 && iy < (ptrdiff_t)g->in_height;
    for (size_t kx = 0; kx < g->kernel_width; kx++, pointers += ROWS_BLOCK) {
      const ptrdiff_t ix = left + (ptrdiff_t)(kx * g->dilation_x);
      *pointers = inside && ix >= 0 && ix < (ptrdiff_t)g->in_width
                      ? x + (size_t)(iy * (ptrdiff_t)g->in_width + ix) * g->in_stride
                      : zeros;
    }
  }
}

/* The same with one tap a kernel row; `patches` has room for the rows that stick out. */
INLINE void point_at_rows(
    const graft_window *g, size_t oy, size_t ox, const float *x, const float *zeros, float *patches,
    const float **pointers) {
  const size_t channels = g->in_channels, depth = g->kernel_width * channels;
  const ptrdiff_t width = (ptrdiff_t)g->in_width;
  const ptrdiff_t top = (ptrdiff_t)(oy * g->stride_y) - (ptrdiff_t)g->pad_top;
  const ptrdiff_t left = (ptrdiff_t)(ox * g->stride_x) - (ptrdiff_t)g->pad_left;
  const ptrdiff_t right = left + (ptrdiff_t)g->kernel_width;
  for (size_t ky = 0; ky < g->kernel_height; ky++, pointers += ROWS_BLOCK, patches += depth) {
    const ptrdiff_t iy = top + (ptrdiff_t)(ky * g->dilation_y);
    if (iy < 0 || iy >= (ptrdiff_t)g->in_height || right <= 0 || left >= width) {
      *pointers = zeros;
    } else if (left >= 0 && right <= width) {
      *pointers = x + (size_t)(iy * width + left) * channels;
    } else {
      const ptrdiff_t from = left < 0 ? 0 : left, to = right > width ? width : right;
      memset(patches, 0, depth * sizeof(float));
      memcpy(
          patches + (size_t)(from - left) * channels, x + (size_t)(iy * width + from) * channels,
          (size_t)(to - from) * channels * sizeof(float));
      *pointers = patches;
    }
  }
}

/* The same for `count` windows from (oy, ox) on, all in one row of outputs and none sticking out at the sides; they
 * lie `stride_x` pixels apart. */
INLINE void point_along_row(
    const graft_window *g, size_t oy, size_t ox, size_t count, const float *x, const float *zeros,
    const float **pointers) {
  const size_t step = g->stride_x * g->in_channels;
  const ptrdiff_t top = (ptrdiff_t)(oy * g->stride_y) - (ptrdiff_t)g->pad_top;
  const size_t left = (ox * g->stride_x - g->pad_left) * g->in_channels;
  for (size_t ky = 0; ky < g->kernel_height; ky++, pointers += ROWS_BLOCK) {
    const ptrdiff_t iy = top + (ptrdiff_t)(ky * g->dilation_y);
    const int inside = iy >= 0 && iy < (ptrdiff_t)g->in_height;
    const float *p = inside ? x + (size_t)iy * g->in_width * g->in_channels + left : zeros;
    for (size_t i = 0; i < count; i++) pointers[i] = p + (inside ? i * step : 0);
  }
}

static void convolution(
    const graft_window *g, size_t begin, size_t end, const float *x, const float *packed, size_t columns,
    size_t first, size_t last, float *y, const graft_epilogue *e, void *scratch) {
  const int joined = joins_row(g);
  const size_t taps = joined ? g->kernel_height : g->kernel_height * g->kernel_width;
  const size_t depth = joined ? g->kernel_width * g->in_channels : g->in_channels;
  const float **pointers = scratch;
  float *zeros = (float *)((char *)scratch + round_up_64(taps * ROWS_BLOCK * sizeof(float *)));
  float *patches = (float *)((char *)zeros + round_up_64(depth * sizeof(float)));
  memset(zeros, 0, depth * sizeof(float));

  const size_t blocks = (end - begin + ROWS_BLOCK - 1) / ROWS_BLOCK;
  for (size_t block = 0; block < blocks; block++) {
    const size_t p = begin + (end - begin) * block / blocks;
    const size_t count = begin + (end - begin) * (block + 1) / blocks - p;
    size_t oy = p / g->out_width, ox = p % g->out_width;
    const int along = joined && ox + count <= g->out_width && ox * g->stride_x >= g->pad_left &&
                      (ox + count - 1) * g->stride_x + g->kernel_width <= g->in_width + g->pad_left;
    if (along) point_along_row(g, oy, ox, count, x, zeros, pointers);
    for (size_t i = 0; !along && i < count; i++) {
      if (joined)
        point_at_rows(g, oy, ox, x, zeros, patches + i * taps * depth, pointers + i);
      else
        point_at_pixels(g, oy, ox, x, zeros, pointers + i);
      if (++ox == g->out_width) ox = 0, oy++;
    }
    product_block(
        count, taps, depth, pointers, packed, columns, first, last, y + p * g->out_stride, g->out_stride,
        e->residual ? e->residual + p * e->residual_stride : NULL, e);
  }
}
