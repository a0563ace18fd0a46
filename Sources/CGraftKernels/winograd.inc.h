/* 3x3 convolutions of stride 1 by Winograd's minimal filtering F(4x4, 3x3): each tile of 4x4 outputs is made of
 * 36 products instead of 144.
 *
 * Points 0, +-1/sqrt 2, +-sqrt 2 and infinity: with them rounding errors are about a third of those with the
 * usual 0, +-1, +-2 (B. Barabasz, A. Anderson, K. Soodhalter, D. Gregg: Error analysis and improving the accuracy
 * of Winograd convolution for deep neural networks, 2018). The matrices follow from the points (Toom-Cook): the
 * weights' from [1 p p^2] / prod (p - q), the picture's from the coefficients of prod (x - q), the result's from
 * the powers of p, where q runs over the other points.
 *
 * Tiles go in blocks. The transformed block lies as 36 matrices of tiles x channels; the products of the 36, a few
 * panels of columns at a time, as 36 matrices of tiles x columns. Each output is a sum of fixed order over its own
 * tile; which tiles share a block does not enter. */

#define ROOT 1.41421356237309505 /* sqrt 2; its half is 1 / sqrt 2 */
#define WINOGRAD_COLUMNS 64 /* a multiple of every PANEL */

/* Tiles of a block: as many as fit beside the panels in a large second-level cache, but enough that reading the
 * weights, once a block, does not bound the products. */
INLINE size_t winograd_block(size_t channels) { return channels <= 128 ? 24 : 64; }

/* Floats between tiles, and between the 36 matrices: a line more than they fill, so that the 36 do not meet in the
 * same sets of the cache. */
INLINE size_t winograd_stride(size_t channels) { return (channels + LINE - 1) / LINE * LINE; }
INLINE size_t winograd_slice(size_t tiles, size_t stride) { return tiles * stride + LINE; }

static size_t winograd_packed_size(size_t channels, size_t columns) {
  return 36 * product_packed_size(channels, columns);
}

static void winograd_pack(
    size_t channels, size_t columns, const float *weights, size_t stride, float *packed) {
  static const double G[6][3] = {
      {1, 0, 0},
      {-1 / 1.5, -ROOT / 3, -1.0 / 3},
      {-1 / 1.5, ROOT / 3, -1.0 / 3},
      {1.0 / 6, ROOT / 6, 1.0 / 3},
      {1.0 / 6, -ROOT / 6, 1.0 / 3},
      {0, 0, 1},
  };
  const size_t size = product_packed_size(channels, columns);
  for (size_t first = 0; first < columns; first += PANEL) {
    const size_t width = panel_width(columns, first), filled = smaller(columns - first, width);
    for (size_t k = 0; k < channels; k++) {
      float *to = packed + channels * first + k * width;
      double half[6][3][PANEL];
      for (int r = 0; r < 6; r++)
        for (int kx = 0; kx < 3; kx++)
          for (size_t j = 0; j < PANEL; j++) {
            if (j >= filled) {
              half[r][kx][j] = 0;
              continue;
            }
            const float *w = weights + (kx * channels + k) * stride + first + j;
            half[r][kx][j] = G[r][0] * (double)w[0] + G[r][1] * (double)w[3 * channels * stride] +
                             G[r][2] * (double)w[6 * channels * stride];
          }
      for (int r = 0; r < 6; r++)
        for (int q = 0; q < 6; q++)
          for (size_t j = 0; j < width; j++)
            to[(size_t)(r * 6 + q) * size + j] =
                (float)(G[q][0] * half[r][0][j] + G[q][1] * half[r][1][j] + G[q][2] * half[r][2][j]);
    }
  }
}

static size_t winograd_scratch(const graft_window *g) {
  const size_t block = winograd_block(g->in_channels), depth = winograd_stride(g->in_channels);
  return sizeof(float) *
         (depth + 36 * (winograd_slice(block, depth) + winograd_slice(block, WINOGRAD_COLUMNS)));
}

INLINE void winograd_input_1d(const V *d, V *t) {
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

INLINE void winograd_output_1d(const V *m, V *y) {
  const V sum_small = m[1] + m[2], difference_small = m[1] - m[2];
  const V sum_large = m[3] + m[4], difference_large = m[3] - m[4];
  y[0] = m[0] + sum_small + sum_large;
  y[1] = V_FMA(difference_small, V_SET1((float)(ROOT / 2)), difference_large * V_SET1((float)ROOT));
  y[2] = V_FMA(sum_small, V_SET1(0.5f), sum_large * V_SET1(2.0f));
  y[3] = V_FMA(difference_small, V_SET1((float)(ROOT / 4)), m[5]) +
         difference_large * V_SET1((float)(ROOT * 2));
}

/* One tile, n channels of a vector. */
INLINE void winograd_input(const float *const *pixels, size_t c, size_t n, float *to, size_t slice) {
  V rows[6][6];
  UNROLL for (int r = 0; r < 6; r++) {
    V d[6];
    UNROLL for (int q = 0; q < 6; q++)
      d[q] = n == V_LANES ? V_LOAD(pixels[r * 6 + q] + c) : V_LOAD_N(pixels[r * 6 + q] + c, n);
    winograd_input_1d(d, rows[r]);
  }
  UNROLL for (int q = 0; q < 6; q++) {
    V d[6], t[6];
    UNROLL for (int r = 0; r < 6; r++) d[r] = rows[r][q];
    winograd_input_1d(d, t);
    UNROLL for (int r = 0; r < 6; r++) {
      if (n == V_LANES)
        V_STORE(to + (size_t)(r * 6 + q) * slice + c, t[r]);
      else
        V_STORE_N(to + (size_t)(r * 6 + q) * slice + c, t[r], n);
    }
  }
}

/* Where a tile's outputs go. */
typedef struct {
  float *y;
  size_t row, pixel;   /* floats from one to the next */
  size_t height, width; /* that exist, at most 4, or 2 after pooling */
  const float *residual;
  size_t residual_row, residual_pixel;
} winograd_target;

/* One tile, n columns of a vector. */
INLINE void winograd_output(
    const float *from, size_t slice, size_t j, size_t n, V bias, V low, V high, int pools,
    const winograd_target *to) {
  V rows[4][6], out[4][4];
  UNROLL for (int q = 0; q < 6; q++) {
    V m[6], y[4];
    UNROLL for (int r = 0; r < 6; r++) m[r] = V_LOAD(from + (size_t)(r * 6 + q) * slice + j);
    winograd_output_1d(m, y);
    UNROLL for (int r = 0; r < 4; r++) rows[r][q] = y[r];
  }
  UNROLL for (int r = 0; r < 4; r++) winograd_output_1d(rows[r], out[r]);
  if (pools) {
    UNROLL for (int r = 0; r < 2; r++) UNROLL for (int q = 0; q < 2; q++) {
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
  UNROLL for (int r = 0; r < 4; r++) UNROLL for (int q = 0; q < 4; q++) {
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

static __attribute__((noinline)) void winograd_input_block(
    const graft_window *g, size_t begin, size_t count, const float *x, size_t picture, const float *zeros,
    float *to, size_t stride, size_t slice) {
  const size_t across = (g->out_width + 3) / 4, tiles = across * ((g->out_height + 3) / 4);
  for (size_t t = 0; t < count; t++, to += stride) {
    const size_t tile = (begin + t) % tiles;
    const float *image = x + (begin + t) / tiles * picture;
    const ptrdiff_t top = (ptrdiff_t)(tile / across * 4) - (ptrdiff_t)g->pad_top;
    const ptrdiff_t left = (ptrdiff_t)(tile % across * 4) - (ptrdiff_t)g->pad_left;
    const float *pixels[36];
    for (ptrdiff_t r = 0; r < 6; r++)
      for (ptrdiff_t q = 0; q < 6; q++) {
        const ptrdiff_t iy = top + r, ix = left + q;
        const int inside =
            iy >= 0 && iy < (ptrdiff_t)g->in_height && ix >= 0 && ix < (ptrdiff_t)g->in_width;
        pixels[r * 6 + q] =
            inside ? image + (size_t)(iy * (ptrdiff_t)g->in_width + ix) * g->in_stride : zeros;
      }
    size_t c = 0;
    for (; c + V_LANES <= g->in_channels; c += V_LANES) winograd_input(pixels, c, V_LANES, to, slice);
    if (c < g->in_channels) winograd_input(pixels, c, g->in_channels - c, to, slice);
  }
}

static __attribute__((noinline)) void winograd_output_block(
    const graft_window *g, size_t begin, size_t count, const float *from, size_t slice, size_t columns,
    float *y, size_t picture, const graft_epilogue *e, const float *bias, const float *residual,
    size_t residual_picture, int pools) {
  const size_t across = (g->out_width + 3) / 4, tiles = across * ((g->out_height + 3) / 4);
  const size_t side = pools ? 2 : 4;
  const size_t height = pools ? g->out_height / 2 : g->out_height;
  const size_t width = pools ? g->out_width / 2 : g->out_width;
  V low, high;
  clamp_limits(&e->activation, &low, &high);
  for (size_t t = 0; t < count; t++, from += WINOGRAD_COLUMNS) {
    const size_t tile = (begin + t) % tiles, image = (begin + t) / tiles;
    const size_t oy = tile / across * side, ox = tile % across * side;
    if (oy >= height || ox >= width) continue;
    winograd_target to;
    to.row = width * g->out_stride;
    to.pixel = g->out_stride;
    to.y = y + image * picture + (oy * width + ox) * g->out_stride;
    to.height = smaller(height - oy, side);
    to.width = smaller(width - ox, side);
    to.residual = residual ? residual + image * residual_picture + (oy * width + ox) * e->residual_stride : NULL;
    to.residual_row = width * e->residual_stride;
    to.residual_pixel = e->residual_stride;
    size_t j = 0;
    for (; j + V_LANES <= columns; j += V_LANES)
      winograd_output(
          from, slice, j, V_LANES, bias ? V_LOAD(bias + j) : V_SET1(0.0f), low, high, pools, &to);
    if (j < columns)
      winograd_output(
          from, slice, j, columns - j, bias ? V_LOAD_N(bias + j, columns - j) : V_SET1(0.0f), low, high,
          pools, &to);
    if (e->activation.kind != GRAFT_CLAMP)
      for (size_t r = 0; r < to.height; r++)
        activate_rows(to.width, columns, to.y + r * to.row, to.pixel, &e->activation);
  }
}

static void winograd(
    const graft_window *g, size_t begin, size_t end, const float *x, size_t x_picture, const float *packed,
    size_t columns, size_t first, size_t last, float *y, size_t y_picture, const graft_epilogue *e,
    size_t residual_picture, int pools, void *scratch) {
  const size_t channels = g->in_channels, most = winograd_block(channels);
  const size_t stride = winograd_stride(channels);
  const size_t slice = winograd_slice(most, stride), out_slice = winograd_slice(most, WINOGRAD_COLUMNS);
  const size_t size = product_packed_size(channels, columns);
  float *zeros = scratch, *in = zeros + stride, *out = in + 36 * slice;
  memset(zeros, 0, stride * sizeof(float));
  const graft_epilogue plain = {NULL, NULL, 0, {GRAFT_CLAMP, -__builtin_inff(), __builtin_inff()}};

  const size_t blocks = (end - begin + most - 1) / most;
  for (size_t block = 0; block < blocks; block++) {
    const size_t from = begin + (end - begin) * block / blocks;
    const size_t count = begin + (end - begin) * (block + 1) / blocks - from;
    winograd_input_block(g, from, count, x, x_picture, zeros, in, stride, slice);
    for (size_t j = first; j < last; j += WINOGRAD_COLUMNS) {
      const size_t end_column = smaller(j + WINOGRAD_COLUMNS, last);
      for (size_t i = 0; i < 36; i++)
        product(
            count, channels, in + i * slice, stride, panel_at(packed + i * size, channels, j), columns - j, 0,
            end_column - j, out + i * out_slice, WINOGRAD_COLUMNS, &plain);
      winograd_output_block(
          g, from, count, out, out_slice, end_column - j, y + j, y_picture, e, e->bias ? e->bias + j : NULL,
          e->residual ? e->residual + j : NULL, residual_picture, pools);
    }
  }
}
