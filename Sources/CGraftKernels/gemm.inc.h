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

/* Floats in a cache line. */
#define LINE 16
/* How far ahead a panel is fetched into the first-level cache: 4 KB. The processor's own prefetching stops at the
 * end of each page. */
#define PREFETCH 1024
/* The shortest sums during which the lines of the results are worth fetching. */
#define PREFETCH_DEPTH 48
/* Weights that pass by whole for each group of rows: less than half of a small second-level cache. */
#define SWEPT_BYTES (112 << 10)
/* Where weights come from beyond the second-level cache, as many blocks of rows pass over a panel before the next:
 * then reading the weights is what takes long. Otherwise blocks go one after the other, each with its rows in the
 * first-level cache. */
#define CHUNK_BLOCKS 6
#define STREAMED_BYTES (512 << 10)

typedef struct {
  size_t taps, depth;           /* depth of one tap */
  const float *const *rows;     /* rows[tap * ROWS_BLOCK + row] */
  const float *panel;
  const float *ahead;           /* what is read next from a farther cache, and floats of it to fetch a step */
  size_t ahead_step;
  size_t panels;                /* that follow one another */
  size_t columns;               /* of a panel that exist */
  float *y;
  size_t y_stride;
  const float *bias, *residual; /* at the panel's first column, or NULL */
  size_t residual_stride;
  const float *partial;         /* sums that are added to these, rows `partial_stride` floats apart, or NULL */
  size_t partial_stride;
  float low, high;
} micro_call;

INLINE void micro(const int row_count, const int width, const int sweeps, const micro_call *call) {
  const size_t columns = call->columns;
  const int full = columns == (size_t)(width * V_LANES);
  const float *panel = call->panel, *ahead = call->ahead;
  const size_t ahead_step = call->ahead_step;
  size_t j = 0; /* the panel's first column */
  ROLLED for (size_t left = sweeps ? call->panels : 1; left > 0; left--, j += (size_t)(width * V_LANES)) {
    V sum[ROWS_BLOCK][2];
    UNROLL for (int q = 0; q < width; q++) {
      const size_t at = (size_t)q * V_LANES;
      V bias = V_SET1(0.0f);
      if (call->bias) {
        if (full) bias = V_LOAD(call->bias + j + at);
        else if (at < columns) bias = V_LOAD_N(call->bias + j + at, smaller(columns - at, V_LANES));
      }
      UNROLL for (int i = 0; i < row_count; i++) sum[i][q] = bias;
    }

    /* The lines of the results, and of what is added to them, come while the sums are made, if these take long. */
    if (call->taps * call->depth >= PREFETCH_DEPTH)
      UNROLL for (int i = 0; i < row_count; i++)
        UNROLL for (int line = 0; line < width * V_LANES; line += LINE) {
          if (call->residual) __builtin_prefetch(call->residual + j + (size_t)i * call->residual_stride + line, 0, 3);
          __builtin_prefetch(call->y + j + (size_t)i * call->y_stride + line, 1, 3);
        }

    const float *const *rows = call->rows;
    const size_t depth = call->depth;
    for (size_t tap = call->taps; tap > 0; tap--, rows += ROWS_BLOCK) {
      const float *x[ROWS_BLOCK];
      UNROLL for (int i = 0; i < row_count; i++) x[i] = rows[i];
      ROLLED for (size_t k = 0; k < depth; k++) {
        V w[2];
        UNROLL for (int q = 0; q < width; q++) w[q] = V_LOAD(panel + q * V_LANES);
        UNROLL for (int line = 0; line < width * V_LANES; line += LINE) __builtin_prefetch(ahead + line, 0, 3);
        ahead += ahead_step;
        panel += width * V_LANES;
        UNROLL for (int i = 0; i < row_count; i++) {
          const V s = V_SET1(x[i][k]);
          UNROLL for (int q = 0; q < width; q++) sum[i][q] = V_FMA(s, w[q], sum[i][q]);
        }
      }
    }

    if (full) {
      if (call->partial)
        UNROLL for (int i = 0; i < row_count; i++) UNROLL for (int q = 0; q < width; q++)
          sum[i][q] = sum[i][q] + V_LOAD(call->partial + j + (size_t)i * call->partial_stride + q * V_LANES);
      if (call->residual)
        UNROLL for (int i = 0; i < row_count; i++) UNROLL for (int q = 0; q < width; q++)
          sum[i][q] = sum[i][q] + V_LOAD(call->residual + j + (size_t)i * call->residual_stride + q * V_LANES);
      if (call->low > -__builtin_inff()) {
        const V low = V_SET1(call->low);
        UNROLL for (int i = 0; i < row_count; i++) UNROLL for (int q = 0; q < width; q++)
          sum[i][q] = V_MAX(low, sum[i][q]);
      }
      if (call->high < __builtin_inff()) {
        const V high = V_SET1(call->high);
        UNROLL for (int i = 0; i < row_count; i++) UNROLL for (int q = 0; q < width; q++)
          sum[i][q] = V_MIN(high, sum[i][q]);
      }
      UNROLL for (int i = 0; i < row_count; i++) UNROLL for (int q = 0; q < width; q++)
        V_STORE(call->y + j + (size_t)i * call->y_stride + q * V_LANES, sum[i][q]);
    } else {
      const V low = V_SET1(call->low), high = V_SET1(call->high);
      UNROLL for (int q = 0; q < width; q++) {
        const size_t at = (size_t)q * V_LANES;
        if (at < columns) {
          const size_t n = smaller(columns - at, V_LANES);
          UNROLL for (int i = 0; i < row_count; i++) {
            V v = sum[i][q];
            if (call->residual) v = v + V_LOAD_N(call->residual + j + (size_t)i * call->residual_stride + at, n);
            V_STORE_N(call->y + j + (size_t)i * call->y_stride + at, v_clamp(v, low, high), n);
          }
        }
      }
    }
  }
}

#define MICRO(R, Q) \
  static __attribute__((noinline)) void micro_##R##x##Q(const micro_call *call) { micro(R, Q, 0, call); }
#define MICRO_SWEEP(R) \
  static __attribute__((noinline)) void micro_sweep_##R(const micro_call *call) { micro(R, 2, 1, call); }

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

MICRO_SWEEP(1) MICRO_SWEEP(2) MICRO_SWEEP(3) MICRO_SWEEP(4)
#if ROWS_WIDE >= 6
MICRO_SWEEP(5) MICRO_SWEEP(6)
#endif
#if ROWS_WIDE >= 8
MICRO_SWEEP(7) MICRO_SWEEP(8)
#endif
#if ROWS_WIDE >= 12
MICRO_SWEEP(9) MICRO_SWEEP(10) MICRO_SWEEP(11) MICRO_SWEEP(12)
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

/* The same for several full panels, one after the other. */
static const micro_kernel micro_sweep[ROWS_WIDE + 1] = {
    NULL, micro_sweep_1, micro_sweep_2, micro_sweep_3, micro_sweep_4,
#if ROWS_WIDE >= 6
    micro_sweep_5, micro_sweep_6,
#endif
#if ROWS_WIDE >= 8
    micro_sweep_7, micro_sweep_8,
#endif
#if ROWS_WIDE >= 12
    micro_sweep_9, micro_sweep_10, micro_sweep_11, micro_sweep_12,
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

/* The size of one of some parts of nearly the same size. */
INLINE size_t count_of(size_t part, size_t parts, size_t count) {
  return parts == 1 ? count : (uint32_t)count / (uint32_t)parts + (part < (uint32_t)count % (uint32_t)parts);
}

/* Rows that a micro-kernel computes together: their number, the first one, and where its pointer stands. */
typedef struct {
  uint32_t rows, first, pointer;
} micro_group;

#define GROUPS_BLOCK ((ROWS_BLOCK + ROWS_WIDE - 1) / ROWS_WIDE)

/* Cuts the rows of some blocks into groups of at most `most`, those of a block nearly equal, so that none is left with
 * too few sums to hide the latency of a multiply-add. Made once for all panels: divisions take as long as short sums. */
INLINE size_t micro_groups(size_t count, size_t blocks, size_t block_pointers, size_t most, micro_group *groups) {
  size_t made = 0;
  for (size_t block = 0, first = 0; block < blocks; block++) {
    const size_t rows = count_of(block, blocks, count);
    const size_t parts = rows <= most ? 1 : ((uint32_t)rows + (uint32_t)most - 1) / (uint32_t)most;
    for (size_t part = 0, r = 0; part < parts; part++, made++) {
      const size_t n = count_of(part, parts, rows);
      groups[made].rows = (uint32_t)n;
      groups[made].first = (uint32_t)(first + r);
      groups[made].pointer = (uint32_t)(block * block_pointers + r);
      r += n;
    }
    first += rows;
  }
  return made;
}

/* Rows in blocks of at most ROWS_BLOCK of nearly the same size, and columns first..<last; the pointers of a block's
 * rows lie together. Panels of the weights go by in the outer loop. With `streams` the next panel is fetched while
 * the blocks pass over one, a part of it with each pass; otherwise a panel is fetched a little ahead of its use. */
INLINE void product_chunk(
    int streams, size_t count, size_t blocks, size_t taps, size_t depth, const float *const *pointers, const float *packed,
    size_t columns, size_t first, size_t last, float *y, size_t y_stride, const float *residual,
    const graft_epilogue *e) {
  const int clamps = e->activation.kind == GRAFT_CLAMP;
  micro_call call;
  call.taps = taps;
  call.depth = depth;
  call.y_stride = y_stride;
  call.residual_stride = e->residual_stride;
  call.partial = NULL;
  call.partial_stride = 0;
  call.low = clamps ? e->activation.low : -__builtin_inff();
  call.high = clamps ? e->activation.high : __builtin_inff();
  micro_group groups[CHUNK_BLOCKS * GROUPS_BLOCK];
  size_t made = 0, made_width = 0, step = 0;
  for (size_t j = first; j < last; j += PANEL) {
    const size_t width = panel_width(columns, j), size = taps * depth * width;
    const micro_kernel *kernels = width == PANEL ? micro_wide : micro_narrow;
    const float *panel = panel_at(packed, taps * depth, j);
    if (width != made_width) {
      made = micro_groups(
          count, blocks, taps * ROWS_BLOCK, width == PANEL ? ROWS_WIDE : ROWS_NARROW, groups);
      made_width = width;
      step = streams && made > 1 ? ((uint32_t)width + (uint32_t)made - 1) / (uint32_t)made : 0;
    }
    call.panel = panel;
    call.panels = 1;
    call.ahead = panel + (step ? size : PREFETCH);
    call.ahead_step = step ? step : width;
    call.columns = smaller(columns - j, width);
    call.bias = e->bias ? e->bias + j : NULL;
    /* All full panels in one call, if there is one group of rows or the next finds them in a cache nearby. */
    const size_t together = (last - j) / PANEL;
    if (!step && clamps && together > 1 && (made == 1 || together * size * sizeof(float) <= SWEPT_BYTES)) {
      call.panels = together;
      kernels = micro_sweep;
    }
    for (size_t i = 0; i < made; i++) {
      const micro_group group = groups[i];
      call.rows = pointers + group.pointer;
      call.y = y + group.first * y_stride + j;
      call.residual = residual ? residual + group.first * e->residual_stride + j : NULL;
      kernels[group.rows](&call);
      if (step) call.ahead += step * taps * depth;
      if (!clamps) activate_rows(group.rows, call.columns, call.y, y_stride, &e->activation);
    }
    j += (call.panels - 1) * PANEL;
  }
}

/* How many of some blocks pass over the panels together. */
INLINE size_t chunk_blocks(int streams, size_t blocks) {
  return streams && blocks <= CHUNK_BLOCKS ? larger(blocks, 1) : 1;
}

INLINE void product_rows(
    int streams, size_t rows, size_t depth, const float *x, size_t x_stride, const float *packed, size_t columns,
    size_t first, size_t last, float *y, size_t y_stride, const graft_epilogue *e) {
  const float *pointers[CHUNK_BLOCKS * ROWS_BLOCK];
  const size_t blocks = (rows + ROWS_BLOCK - 1) / ROWS_BLOCK, most = chunk_blocks(streams, blocks);
  const size_t size = rows / larger(blocks, 1), larger_blocks = rows - size * blocks;
  for (size_t first_block = 0, r = 0; first_block < blocks; first_block += most) {
    /* Either all blocks together or one by one. */
    const size_t count = most > 1 ? rows : size + (first_block < larger_blocks);
    for (size_t block = 0, i = 0; block < most; block++)
      for (size_t n = count_of(block, most, count), row = 0; row < n; row++, i++)
        pointers[block * ROWS_BLOCK + row] = x + (r + i) * x_stride;
    product_chunk(
        streams, count, most, 1, depth, pointers, packed, columns, first, last, y + r * y_stride, y_stride,
        e->residual ? e->residual + r * e->residual_stride : NULL, e);
    r += count;
  }
}

/* A few rows that are all there are: weights are read once. */
INLINE int reads_once(size_t rows, size_t depth, size_t columns) {
  return rows > 2 * ROWS_BLOCK && depth * columns * sizeof(float) >= STREAMED_BYTES;
}

static void product(
    size_t rows, size_t depth, const float *x, size_t x_stride, const float *packed, size_t columns,
    size_t first, size_t last, float *y, size_t y_stride, const graft_epilogue *e) {
  product_rows(
      reads_once(rows, depth, columns), rows, depth, x, x_stride, packed, columns, first, last, y, y_stride, e);
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
  const size_t rows = CHUNK_BLOCKS * ROWS_BLOCK;
  const size_t pointers = round_up_64(taps * rows * sizeof(float *));
  const size_t zeros = round_up_64(depth * sizeof(float));
  return pointers + zeros + (joined ? taps * rows * depth * sizeof(float) : 0);
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
  const int streams = reads_once(end - begin, taps * depth, columns);
  const float **pointers = scratch;
  float *zeros = (float *)((char *)scratch + round_up_64(taps * CHUNK_BLOCKS * ROWS_BLOCK * sizeof(float *)));
  float *patches = (float *)((char *)zeros + round_up_64(depth * sizeof(float)));
  memset(zeros, 0, depth * sizeof(float));

  const size_t rows = end - begin, blocks = (rows + ROWS_BLOCK - 1) / ROWS_BLOCK;
  const size_t most = chunk_blocks(streams, blocks), size = rows / larger(blocks, 1);
  const size_t larger_blocks = rows - size * blocks;
  size_t p = begin, oy = begin / g->out_width, ox = begin % g->out_width;
  for (size_t first_block = 0; first_block < blocks; first_block += most) {
    const size_t count = most > 1 ? rows : size + (first_block < larger_blocks);
    for (size_t block = 0; block < most; block++) {
      const size_t n = count_of(block, most, count);
      const float **table = pointers + block * taps * ROWS_BLOCK;
      float *own = patches + block * taps * ROWS_BLOCK * depth;
      if (joined && ox + n <= g->out_width && ox * g->stride_x >= g->pad_left &&
          (ox + n - 1) * g->stride_x + g->kernel_width <= g->in_width + g->pad_left) {
        point_along_row(g, oy, ox, n, x, zeros, table);
        ox += n;
        if (ox == g->out_width) ox = 0, oy++;
        continue;
      }
      for (size_t i = 0; i < n; i++) {
        if (joined)
          point_at_rows(g, oy, ox, x, zeros, own + i * taps * depth, table + i);
        else
          point_at_pixels(g, oy, ox, x, zeros, table + i);
        if (++ox == g->out_width) ox = 0, oy++;
      }
    }
    product_chunk(
        streams, count, most, taps, depth, pointers, packed, columns, first, last, y + p * g->out_stride,
        g->out_stride, e->residual ? e->residual + p * e->residual_stride : NULL, e);
    p += count;
  }
}
