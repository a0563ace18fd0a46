/* 3x3 convolutions of stride 1 by Winograd's minimal filtering: F(4x4, 3x3), where each tile of 4x4 outputs is made
 * of 36 products instead of 144, and F(2x2, 3x3), 16 products instead of 36 for a tile of 2x2. The larger tile takes
 * fewer products; its transformed weights are 4 times as large as the kernel, those of the smaller 1.8 times.
 *
 * F(4x4) has the points 0, +-1/sqrt 2, +-sqrt 2 and infinity: with them rounding errors are about a third of those
 * with the usual 0, +-1, +-2 (B. Barabasz, A. Anderson, K. Soodhalter, D. Gregg: Error analysis and improving the
 * accuracy of Winograd convolution for deep neural networks, 2018); F(2x2) has 0, +-1 and infinity. The matrices
 * follow from the points (Toom-Cook): the weights' from [1 p p^2] / prod (p - q), the picture's from the coefficients
 * of prod (x - q), the result's from the powers of p, where q runs over the other points.
 *
 * Tiles go in blocks. The transformed block lies as 36 (16) matrices of tiles x channels; the products of them, a few
 * panels of columns at a time, as as many matrices of tiles x columns. Each output is a sum of fixed order over its
 * own tile; which tiles share a block does not enter. `side` is 4 or 2; a tile reads `side` + 2 pixels a side. */

#define ROOT 1.41421356237309505 /* sqrt 2; its half is 1 / sqrt 2 */
#define WINOGRAD_COLUMNS 64 /* a multiple of every PANEL */

/* Tiles of a block: as many as fit beside the panels in a large second-level cache, but enough that reading the
 * weights, once a block, does not bound the products. */
INLINE size_t winograd_block(size_t channels) { return channels <= 128 ? 24 : 64; }

/* Floats between tiles, and between the 36 matrices: a line more than they fill, so that the 36 do not meet in the
 * same sets of the cache. */
INLINE size_t winograd_stride(size_t channels) { return (channels + LINE - 1) / LINE * LINE; }
INLINE size_t winograd_slice(size_t tiles, size_t stride) { return tiles * stride + LINE; }

/* Products that a tile is made of. */
INLINE size_t winograd_products(size_t side) { return (side + 2) * (side + 2); }

static size_t winograd_packed_size(size_t side, size_t channels, size_t columns) {
  return winograd_products(side) * product_packed_size(channels, columns);
}

/* The transform of three weights in a row or column. */
static const double winograd_matrix_4[6][3] = {
    {1, 0, 0},
    {-1 / 1.5, -ROOT / 3, -1.0 / 3},
    {-1 / 1.5, ROOT / 3, -1.0 / 3},
    {1.0 / 6, ROOT / 6, 1.0 / 3},
    {1.0 / 6, -ROOT / 6, 1.0 / 3},
    {0, 0, 1},
};
static const double winograd_matrix_2[4][3] = {{1, 0, 0}, {0.5, 0.5, 0.5}, {0.5, -0.5, 0.5}, {0, 0, 1}};

/* Transformed weights that no cache holds until they are read go past the caches. */
#define WINOGRAD_FAR (8 << 20)
/* Channels that are transformed before they are written, so that each of the 36 matrices is written some lines at a
 * time. */
#define WINOGRAD_DEPTH 8

/* The transformed weights of one channel and one panel, `filled` columns of it: into matrices `slice` floats apart. */
INLINE void winograd_weights_of(
    const size_t reach, const double (*G)[3], const float *weights, size_t tap, size_t filled, float *to, size_t slice) {
  /* Copied, with zeros for missing columns, so that what follows has no branches. */
  float w[3][3][PANEL];
  memset(w, 0, sizeof w);
  for (size_t ky = 0; ky < 3; ky++)
    for (size_t kx = 0; kx < 3; kx++)
      memcpy(w[ky][kx], weights + (3 * ky + kx) * tap, filled * sizeof(float));
  double half[6][3][PANEL];
  for (size_t r = 0; r < reach; r++)
    for (size_t kx = 0; kx < 3; kx++)
      for (size_t j = 0; j < PANEL; j++)
        half[r][kx][j] = G[r][0] * (double)w[0][kx][j] + G[r][1] * (double)w[1][kx][j] +
                         G[r][2] * (double)w[2][kx][j];
  for (size_t r = 0; r < reach; r++)
    for (size_t q = 0; q < reach; q++)
      for (size_t j = 0; j < PANEL; j++)
        to[(r * reach + q) * slice + j] =
            (float)(G[q][0] * half[r][0][j] + G[q][1] * half[r][1][j] + G[q][2] * half[r][2][j]);
}

/* Transformed weights lie in blocks of columns, one matrix of panels after the other, as they are read. */
static void winograd_pack(
    size_t side, size_t channels, size_t columns, const float *weights, size_t stride, float *packed) {
  const double(*G)[3] = side == 4 ? winograd_matrix_4 : winograd_matrix_2;
  const size_t reach = side + 2;
  const int is_far = winograd_packed_size(side, channels, columns) * sizeof(float) >= WINOGRAD_FAR;
  float staged[36][WINOGRAD_DEPTH * PANEL];
  for (size_t first = 0; first < columns; first += PANEL) {
    const size_t width = panel_width(columns, first), filled = smaller(columns - first, width);
    const size_t block = first / WINOGRAD_COLUMNS * WINOGRAD_COLUMNS;
    const size_t size = product_packed_size(channels, smaller(columns - block, WINOGRAD_COLUMNS));
    for (size_t k = 0; k < channels; k += WINOGRAD_DEPTH) {
      const size_t depth = smaller(channels - k, WINOGRAD_DEPTH);
      for (size_t i = 0; i < depth; i++)
        winograd_weights_of(
            reach, G, weights + (k + i) * stride + first, channels * stride, filled, staged[0] + i * width,
            WINOGRAD_DEPTH * PANEL);
      float *to = packed + reach * reach * channels * block + channels * (first - block) + k * width;
      for (size_t i = 0; i < reach * reach; i++)
        for (size_t j = 0; j < depth * width; j += V_LANES) {
          const V v = V_LOAD(staged[i] + j);
          if (is_far) V_STREAM(to + i * size + j, v);
          else V_STORE(to + i * size + j, v);
        }
    }
  }
  V_STREAMED();
}

static size_t winograd_scratch(size_t side, const graft_window *g) {
  const size_t block = winograd_block(g->in_channels), depth = winograd_stride(g->in_channels);
  const size_t slices = winograd_slice(block, depth) + winograd_slice(block, WINOGRAD_COLUMNS);
  return sizeof(float) * (depth + winograd_products(side) * slices);
}

INLINE void winograd_input_1d(const int side, const V *d, V *t) {
  if (side == 2) {
    t[0] = d[0] - d[2];
    t[1] = d[1] + d[2];
    t[2] = d[2] - d[1];
    t[3] = d[3] - d[1];
    return;
  }
  const V half = V_SET1((float)(ROOT / 2)), root = V_SET1((float)ROOT);
  const V even_small = V_FMA(d[2], V_SET1(-2.0f), d[4]), odd_small = V_FMA(d[3], half, -(d[1] * root));
  const V even_large = V_FMA(d[2], V_SET1(-0.5f), d[4]), odd_large = V_FMA(d[3], root, -(d[1] * half));
  t[0] = V_FMA(d[2], V_SET1(-2.5f), d[0] + d[4]);
  t[1] = even_small + odd_small;
  t[2] = even_small - odd_small;
  t[3] = even_large + odd_large;
  t[4] = even_large - odd_large;
  t[5] = V_FMA(d[3], V_SET1(-2.5f), d[1] + d[5]);
}

INLINE void winograd_output_1d(const int side, const V *m, V *y) {
  if (side == 2) {
    y[0] = m[0] + (m[1] + m[2]);
    y[1] = (m[1] - m[2]) + m[3];
    return;
  }
  const V sum_small = m[1] + m[2], difference_small = m[1] - m[2];
  const V sum_large = m[3] + m[4], difference_large = m[3] - m[4];
  y[0] = m[0] + sum_small + sum_large;
  y[1] = V_FMA(difference_small, V_SET1((float)(ROOT / 2)), difference_large * V_SET1((float)ROOT));
  y[2] = V_FMA(sum_small, V_SET1(0.5f), sum_large * V_SET1(2.0f));
  y[3] = V_FMA(difference_small, V_SET1((float)(ROOT / 4)), m[5]) +
         difference_large * V_SET1((float)(ROOT * 2));
}

/* Tiles that a row or column of outputs is cut into. */
INLINE size_t winograd_across(const int side, size_t outputs) {
  return (outputs + (size_t)side - 1) / (size_t)side;
}

/* One tile, n channels of a vector. */
INLINE void winograd_input(
    const int side, const float *const *pixels, size_t c, size_t n, float *to, size_t slice) {
  const int reach = side + 2;
  V rows[6][6];
  UNROLL for (int r = 0; r < reach; r++) {
    V d[6];
    UNROLL for (int q = 0; q < reach; q++)
      d[q] = n == V_LANES ? V_LOAD(pixels[r * reach + q] + c) : V_LOAD_N(pixels[r * reach + q] + c, n);
    winograd_input_1d(side, d, rows[r]);
  }
  UNROLL for (int q = 0; q < reach; q++) {
    V d[6], t[6];
    UNROLL for (int r = 0; r < reach; r++) d[r] = rows[r][q];
    winograd_input_1d(side, d, t);
    UNROLL for (int r = 0; r < reach; r++) {
      if (n == V_LANES)
        V_STORE(to + (size_t)(r * reach + q) * slice + c, t[r]);
      else
        V_STORE_N(to + (size_t)(r * reach + q) * slice + c, t[r], n);
    }
  }
}

/* Where a tile's outputs go. */
typedef struct {
  float *y;
  size_t row, pixel;   /* floats from one to the next */
  size_t height, width; /* that exist, at most `side`, or half of it after pooling */
  const float *residual;
  size_t residual_row, residual_pixel;
} winograd_target;

/* One tile, n columns of a vector. */
INLINE void winograd_output(
    const int side, const float *from, size_t slice, size_t j, size_t n, V bias, V low, V high, int pools,
    const winograd_target *to) {
  V rows[4][6], out[4][4];
  const int reach = side + 2;
  UNROLL for (int q = 0; q < reach; q++) {
    V m[6], y[4];
    UNROLL for (int r = 0; r < reach; r++) m[r] = V_LOAD(from + (size_t)(r * reach + q) * slice + j);
    winograd_output_1d(side, m, y);
    UNROLL for (int r = 0; r < side; r++) rows[r][q] = y[r];
  }
  UNROLL for (int r = 0; r < side; r++) winograd_output_1d(side, rows[r], out[r]);
  if (pools) {
    UNROLL for (int r = 0; r < side / 2; r++) UNROLL for (int q = 0; q < side / 2; q++) {
      if ((size_t)r >= to->height || (size_t)q >= to->width) continue;
      const V most = V_MAX(
          V_MAX(out[2 * r][2 * q], out[2 * r][2 * q + 1]),
          V_MAX(out[2 * r + 1][2 * q], out[2 * r + 1][2 * q + 1]));
      const V v = v_clamp(most + bias, low, high);
      float *at = to->y + (size_t)r * to->row + (size_t)q * to->pixel + j;
      if (n == V_LANES) V_STORE(at, v);
      else V_STORE_N(at, v, n);
    }
    return;
  }
  UNROLL for (int r = 0; r < side; r++) UNROLL for (int q = 0; q < side; q++) {
    if ((size_t)r >= to->height || (size_t)q >= to->width) continue;
    V v = out[r][q] + bias;
    if (to->residual) {
      const float *at = to->residual + (size_t)r * to->residual_row + (size_t)q * to->residual_pixel + j;
      v = v + (n == V_LANES ? V_LOAD(at) : V_LOAD_N(at, n));
    }
    v = v_clamp(v, low, high);
    float *at = to->y + (size_t)r * to->row + (size_t)q * to->pixel + j;
    if (n == V_LANES) V_STORE(at, v);
    else V_STORE_N(at, v, n);
  }
}

INLINE void winograd_input_block(
    const int side, const graft_window *g, size_t begin, size_t count, const float *x, size_t picture, const float *zeros,
    float *to, size_t stride, size_t slice) {
  const size_t across = winograd_across(side, g->out_width), tiles = across * winograd_across(side, g->out_height);
  for (size_t t = 0; t < count; t++, to += stride) {
    const size_t tile = (begin + t) % tiles;
    const float *image = x + (begin + t) / tiles * picture;
    const ptrdiff_t top = (ptrdiff_t)(tile / across) * side - (ptrdiff_t)g->pad_top;
    const ptrdiff_t left = (ptrdiff_t)(tile % across) * side - (ptrdiff_t)g->pad_left;
    const float *pixels[36];
    for (ptrdiff_t r = 0; r < side + 2; r++)
      for (ptrdiff_t q = 0; q < side + 2; q++) {
        const ptrdiff_t iy = top + r, ix = left + q;
        const int inside =
            iy >= 0 && iy < (ptrdiff_t)g->in_height && ix >= 0 && ix < (ptrdiff_t)g->in_width;
        pixels[r * (side + 2) + q] =
            inside ? image + (size_t)(iy * (ptrdiff_t)g->in_width + ix) * g->in_stride : zeros;
      }
    size_t c = 0;
    for (; c + V_LANES <= g->in_channels; c += V_LANES) winograd_input(side, pixels, c, V_LANES, to, slice);
    if (c < g->in_channels) winograd_input(side, pixels, c, g->in_channels - c, to, slice);
  }
}

INLINE void winograd_output_block(
    const int side, const graft_window *g, size_t begin, size_t count, const float *from, size_t slice, size_t columns,
    float *y, size_t picture, const graft_epilogue *e, const float *bias, const float *residual,
    size_t residual_picture, int pools) {
  const size_t across = winograd_across(side, g->out_width), tiles = across * winograd_across(side, g->out_height);
  const size_t given = (size_t)(pools ? side / 2 : side);
  const size_t height = pools ? g->out_height / 2 : g->out_height;
  const size_t width = pools ? g->out_width / 2 : g->out_width;
  V low, high;
  clamp_limits(&e->activation, &low, &high);
  for (size_t t = 0; t < count; t++, from += WINOGRAD_COLUMNS) {
    const size_t tile = (begin + t) % tiles, image = (begin + t) / tiles;
    const size_t oy = tile / across * given, ox = tile % across * given;
    if (oy >= height || ox >= width) continue;
    winograd_target to;
    to.row = width * g->out_stride;
    to.pixel = g->out_stride;
    to.y = y + image * picture + (oy * width + ox) * g->out_stride;
    to.height = smaller(height - oy, given);
    to.width = smaller(width - ox, given);
    to.residual = residual ? residual + image * residual_picture + (oy * width + ox) * e->residual_stride : NULL;
    to.residual_row = width * e->residual_stride;
    to.residual_pixel = e->residual_stride;
    size_t j = 0;
    for (; j + V_LANES <= columns; j += V_LANES)
      winograd_output(
          side, from, slice, j, V_LANES, bias ? V_LOAD(bias + j) : V_SET1(0.0f), low, high, pools, &to);
    if (j < columns)
      winograd_output(
          side, from, slice, j, columns - j, bias ? V_LOAD_N(bias + j, columns - j) : V_SET1(0.0f), low, high,
          pools, &to);
    if (e->activation.kind != GRAFT_CLAMP)
      for (size_t r = 0; r < to.height; r++)
        activate_rows(to.width, columns, to.y + r * to.row, to.pixel, &e->activation);
  }
}

INLINE void winograd_tiles(
    const int side, const graft_window *g, size_t begin, size_t end, const float *x, size_t x_picture,
    const float *packed, size_t columns, size_t first, size_t last, float *y, size_t y_picture,
    const graft_epilogue *e, size_t residual_picture, int pools, void *scratch) {
  const size_t channels = g->in_channels, most = winograd_block(channels);
  const size_t stride = winograd_stride(channels);
  const size_t slice = winograd_slice(most, stride), out_slice = winograd_slice(most, WINOGRAD_COLUMNS);
  const size_t reach = (size_t)side + 2, products = reach * reach;
  float *zeros = scratch, *in = zeros + stride, *out = in + products * slice;
  const int streams = products * channels * columns * sizeof(float) >= STREAMED_BYTES;
  memset(zeros, 0, stride * sizeof(float));
  const graft_epilogue plain = {NULL, NULL, 0, {GRAFT_CLAMP, -__builtin_inff(), __builtin_inff()}};

  const size_t blocks = (end - begin + most - 1) / most;
  for (size_t block = 0; block < blocks; block++) {
    const size_t from = begin + (end - begin) * block / blocks;
    const size_t count = begin + (end - begin) * (block + 1) / blocks - from;
    winograd_input_block(side, g, from, count, x, x_picture, zeros, in, stride, slice);
    for (size_t j = first, next; j < last; j = next) {
      const size_t start = j / WINOGRAD_COLUMNS * WINOGRAD_COLUMNS;
      next = smaller(start + WINOGRAD_COLUMNS, last);
      const size_t width = smaller(columns - start, WINOGRAD_COLUMNS), size = product_packed_size(channels, width);
      for (size_t i = 0; i < products; i++)
        product_rows(
            streams, count, channels, in + i * slice, stride, packed + products * channels * start + i * size, width,
            j - start, next - start, out + i * out_slice - (j - start), WINOGRAD_COLUMNS, &plain);
      winograd_output_block(
          side, g, from, count, out, out_slice, next - j, y + j, y_picture, e, e->bias ? e->bias + j : NULL,
          e->residual ? e->residual + j : NULL, residual_picture, pools);
    }
  }
}

#define WINOGRAD(side)                                                                                          \
  static __attribute__((noinline)) void winograd_##side(                                                        \
      const graft_window *g, size_t begin, size_t end, const float *x, size_t x_picture,                        \
      const float *packed, size_t columns, size_t first, size_t last, float *y, size_t y_picture,               \
      const graft_epilogue *e, size_t residual_picture, int pools, void *scratch) {                             \
    winograd_tiles(                                                                                             \
        side, g, begin, end, x, x_picture, packed, columns, first, last, y, y_picture, e,                       \
        residual_picture, pools, scratch);                                                                      \
  }

WINOGRAD(4)
WINOGRAD(2)

static void winograd(
    size_t side, const graft_window *g, size_t begin, size_t end, const float *x, size_t x_picture,
    const float *packed, size_t columns, size_t first, size_t last, float *y, size_t y_picture,
    const graft_epilogue *e, size_t residual_picture, int pools, void *scratch) {
  (side == 4 ? winograd_4 : winograd_2)(
      g, begin, end, x, x_picture, packed, columns, first, last, y, y_picture, e, residual_picture, pools,
      scratch);
}
