/* The gradient with respect to the weights of a 3x3 convolution of stride 1 by the transpose of F(4x4, 3x3). Where a
 * tile's outputs are y = A^T [(G w G^T) (B^T x B)] A, with products element by element and summed over channels, the
 * gradient is dw = G^T [sum over tiles of (A dy A^T) (B^T x B)] G: 36 products of matrices that have a tile a row, in
 * place of 9 that have a pixel a row, a quarter of the multiplications. The matrices are those of winograd.inc.h. */

static void winograd_inputs(
    const graft_window *g, size_t begin, size_t end, const float *x, size_t x_picture, float *to, size_t stride,
    size_t slice, void *scratch) {
  memset(scratch, 0, g->in_channels * sizeof(float));
  winograd_input_block(4, g, begin, end - begin, x, x_picture, scratch, to, stride, slice);
}

/* The transpose of winograd_output_1d. */
INLINE void winograd_gradient_1d(const V *y, V *m) {
  const V even_small = V_FMA(y[2], V_SET1(0.5f), y[0]), even_large = V_FMA(y[2], V_SET1(2.0f), y[0]);
  const V odd_small = V_FMA(y[3], V_SET1((float)(ROOT / 4)), y[1] * V_SET1((float)(ROOT / 2)));
  const V odd_large = V_FMA(y[3], V_SET1((float)(ROOT * 2)), y[1] * V_SET1((float)ROOT));
  m[0] = y[0];
  m[1] = even_small + odd_small;
  m[2] = even_small - odd_small;
  m[3] = even_large + odd_large;
  m[4] = even_large - odd_large;
  m[5] = y[3];
}

/* One tile, n columns of a vector. */
INLINE void winograd_gradient_tile(const float *const *pixels, size_t j, size_t n, float *to, size_t slice) {
  V rows[4][6];
  UNROLL for (int r = 0; r < 4; r++) {
    V y[4];
    UNROLL for (int q = 0; q < 4; q++)
      y[q] = n == V_LANES ? V_LOAD(pixels[4 * r + q] + j) : V_LOAD_N(pixels[4 * r + q] + j, n);
    winograd_gradient_1d(y, rows[r]);
  }
  UNROLL for (int q = 0; q < 6; q++) {
    V y[4], m[6];
    UNROLL for (int r = 0; r < 4; r++) y[r] = rows[r][q];
    winograd_gradient_1d(y, m);
    UNROLL for (int r = 0; r < 6; r++) {
      float *at = to + (size_t)(6 * r + q) * slice + j;
      if (n == V_LANES)
        V_STORE(at, m[r]);
      else
        V_STORE_N(at, m[r], n);
    }
  }
}

static void winograd_gradients(
    const graft_window *g, size_t columns, size_t begin, size_t end, const float *dy, size_t dy_picture, float *to,
    size_t stride, size_t slice, void *scratch) {
  const size_t across = winograd_across(4, g->out_width), tiles = across * winograd_across(4, g->out_height);
  const float *zeros = scratch;
  memset(scratch, 0, columns * sizeof(float));
  for (size_t t = begin; t < end; t++, to += stride) {
    const size_t tile = t % tiles, top = tile / across * 4, left = tile % across * 4;
    const float *pixels[16];
    for (size_t r = 0; r < 4; r++)
      for (size_t q = 0; q < 4; q++)
        pixels[4 * r + q] = top + r < g->out_height && left + q < g->out_width
                                ? dy + t / tiles * dy_picture + ((top + r) * g->out_width + left + q) * g->out_stride
                                : zeros;
    size_t j = 0;
    for (; j + V_LANES <= columns; j += V_LANES) winograd_gradient_tile(pixels, j, V_LANES, to, slice);
    if (j < columns) winograd_gradient_tile(pixels, j, columns - j, to, slice);
  }
}

/* The transpose of the transform of three weights. */
INLINE void winograd_weights_1d(const V *m, V *w) {
  const V sum_small = m[1] + m[2], difference_small = m[1] - m[2];
  const V sum_large = m[3] + m[4], difference_large = m[3] - m[4];
  w[0] = V_FMA(sum_small, V_SET1((float)(-1 / 1.5)), V_FMA(sum_large, V_SET1((float)(1.0 / 6)), m[0]));
  w[1] = V_FMA(difference_small, V_SET1((float)(-ROOT / 3)), difference_large * V_SET1((float)(ROOT / 6)));
  w[2] = V_FMA(sum_large - sum_small, V_SET1((float)(1.0 / 3)), m[5]);
}

static void winograd_weights(
    size_t channels, size_t columns, size_t begin, size_t end, const float *products, size_t stride, size_t slice,
    float *to, size_t to_stride) {
  for (size_t k = begin; k < end; k++)
    for (size_t j = 0; j < columns; j += V_LANES) {
      const size_t n = smaller(columns - j, V_LANES);
      V half[3][6];
      UNROLL for (int q = 0; q < 6; q++) {
        V m[6], w[3];
        UNROLL for (int r = 0; r < 6; r++) {
          const float *at = products + (size_t)(6 * r + q) * slice + k * stride + j;
          m[r] = n == V_LANES ? V_LOAD(at) : V_LOAD_N(at, n);
        }
        winograd_weights_1d(m, w);
        UNROLL for (int r = 0; r < 3; r++) half[r][q] = w[r];
      }
      UNROLL for (int r = 0; r < 3; r++) {
        V w[3];
        winograd_weights_1d(half[r], w);
        UNROLL for (int q = 0; q < 3; q++) {
          float *at = to + ((size_t)(3 * r + q) * channels + k) * to_stride + j;
          if (n == V_LANES)
            V_STORE(at, w[q]);
          else
            V_STORE_N(at, w[q], n);
        }
      }
    }
}
