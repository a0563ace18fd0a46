/* Matrix product by Strassen's method in Winograd's form: 7 products of half the rows, half the depth and half the
 * columns instead of 8, and 15 additions of such halves (S. Winograd: On multiplication of 2x2 matrices, 1971; in this
 * order: N. Higham, Accuracy and Stability of Numerical Algorithms, 23.1). With the rows' halves 1 and 2 cut across by
 * the depth's, x11 to x22, and the weights' w11 to w22:
 *
 *   s1 = x21 + x22   s2 = s1 - x11   s3 = x11 - x21   s4 = x12 - s2
 *   t1 = w12 - w11   t2 = w22 - t1   t3 = w22 - w12   t4 = t2 - w21
 *   p1 = x11 w11   p2 = x12 w21   p3 = s4 w22   p4 = x22 t4   p5 = s1 t1   p6 = s2 t2   p7 = s3 t3
 *   y11 = p1 + p2   y12 = (p1 + p6) + p5 + p3   y21 = (p1 + p6) + p7 - p4   y22 = (p1 + p6) + p7 + p5
 *
 * The weights' sums are made when they are packed. The columns' halves are neighbouring panels, so that what lies
 * between the products, a half tile of rows by one panel, stays in the first-level cache, and the products of a pair of
 * panels add to it. Rows go in tiles of at most twice STRASSEN_ROWS, whose sums s1 to s4 stay in the second-level cache;
 * an odd last row is paired with zeros. Tiles follow from the number of rows alone. */

#define STRASSEN_PAIR (2 * PANEL)

/* Floats of the seven matrices of a pair of panels. */
INLINE size_t strassen_pair_size(size_t depth) { return 7 * (depth / 2) * PANEL; }

static size_t strassen_packed_size(size_t depth, size_t columns) {
  return columns / STRASSEN_PAIR * strassen_pair_size(depth);
}

/* The matrices of a pair lie one after the other as they are used, each laid out as a panel. Sums are made in Double
 * and rounded once. */
static void strassen_pack(size_t depth, size_t columns, const float *weights, size_t stride, float *packed) {
  const size_t half = depth / 2, size = half * PANEL;
  for (size_t j = 0; j < columns; j += STRASSEN_PAIR, packed += 7 * size)
    for (size_t k = 0; k < half; k++) {
      const float *upper = weights + k * stride + j, *lower = weights + (k + half) * stride + j;
      float *to = packed + k * PANEL;
      for (size_t c = 0; c < PANEL; c++, to++) {
        const double w11 = (double)upper[c], w12 = (double)upper[PANEL + c];
        const double w21 = (double)lower[c], w22 = (double)lower[PANEL + c];
        const double t1 = w12 - w11, t2 = w22 - t1;
        to[0] = (float)w11;
        to[size] = (float)w21;
        to[2 * size] = (float)t2;
        to[3 * size] = (float)(w22 - w12);
        to[4 * size] = (float)(w21 - t2);
        to[5 * size] = (float)t1;
        to[6 * size] = (float)w22;
      }
    }
}

static size_t strassen_tiles(size_t rows) { return (rows + 2 * STRASSEN_ROWS - 1) / (2 * STRASSEN_ROWS); }

/* Floats from row to row of the sums: a line more than they fill, so that rows spread over the sets of the cache. */
INLINE size_t strassen_stride(size_t depth) { return (depth / 2 + LINE - 1) / LINE * LINE + LINE; }

static size_t strassen_scratch(size_t depth) {
  const size_t zeros = (depth + LINE - 1) / LINE * LINE;
  return sizeof(float) * (zeros + 4 * STRASSEN_ROWS * strassen_stride(depth) + 3 * STRASSEN_ROWS * PANEL);
}

/* What one tile of rows is made of. */
typedef struct {
  const float *x11[STRASSEN_ROWS], *x12[STRASSEN_ROWS], *x22[STRASSEN_ROWS];
  const float *s1[STRASSEN_ROWS], *s2[STRASSEN_ROWS], *s3[STRASSEN_ROWS], *s4[STRASSEN_ROWS];
  size_t upper, lower; /* rows of the halves, as many or one less in the lower */
  micro_group groups[2][STRASSEN_ROWS / 2];
  size_t group_counts[2]; /* of the upper half's rows and of the lower's */
} strassen_tile;

/* Where a row lies. */
INLINE const float *strassen_row(const graft_rows *rows, size_t row) {
  return rows->x + (uint32_t)row / (uint32_t)rows->width * rows->line +
         (uint32_t)row % (uint32_t)rows->width * rows->stride;
}

/* Points at a tile's rows, from `first` on, and makes their sums. */
INLINE void strassen_rows(
    strassen_tile *tile, size_t half, const graft_rows *rows, size_t first, const float *zeros, float *sums,
    size_t stride) {
  const size_t matrix = STRASSEN_ROWS * stride;
  for (size_t r = 0; r < tile->upper; r++, sums += stride) {
    const float *upper = strassen_row(rows, first + r);
    const float *lower = r < tile->lower ? strassen_row(rows, first + tile->upper + r) : zeros;
    tile->x11[r] = upper;
    tile->x12[r] = upper + half;
    tile->x22[r] = lower + half;
    tile->s1[r] = sums;
    tile->s2[r] = sums + matrix;
    tile->s3[r] = sums + 2 * matrix;
    tile->s4[r] = sums + 3 * matrix;
    /* The last vector may compute again what the one before it did. */
    size_t k = 0;
    ROLLED for (; k < half; k += V_LANES) {
      const size_t at = half < V_LANES ? 0 : smaller(k, half - V_LANES);
      const size_t n = smaller(half, V_LANES);
#define STRASSEN_LOAD(p) (n == V_LANES ? V_LOAD(p) : V_LOAD_N(p, n))
      const V x11 = STRASSEN_LOAD(upper + at), x12 = STRASSEN_LOAD(upper + half + at);
      const V x21 = STRASSEN_LOAD(lower + at), x22 = STRASSEN_LOAD(lower + half + at);
#undef STRASSEN_LOAD
      const V s1 = x21 + x22, s2 = s1 - x11;
      /* Rows of sums have room for a whole vector. */
      V_STORE(sums + at, s1);
      V_STORE(sums + matrix + at, s2);
      V_STORE(sums + 2 * matrix + at, x11 - x21);
      V_STORE(sums + 3 * matrix + at, x12 - s2);
    }
  }
}

/* One of the seven products, with what it is added to and where the sums go. */
INLINE void strassen_product(
    const micro_group *groups, size_t count, size_t half, const float *const *rows, const float *panel,
    const float *partial, float *y, size_t y_stride, const float *residual, const float *bias,
    const graft_epilogue *e) {
  micro_call call;
  call.taps = 1;
  call.depth = half;
  call.panel = panel;
  call.ahead = panel + PREFETCH;
  call.ahead_step = PANEL;
  call.columns = PANEL;
  call.y_stride = y_stride;
  call.bias = bias;
  call.residual_stride = e ? e->residual_stride : 0;
  call.partial_stride = PANEL;
  const int clamps = e && e->activation.kind == GRAFT_CLAMP;
  call.low = clamps ? e->activation.low : -__builtin_inff();
  call.high = clamps ? e->activation.high : __builtin_inff();
  for (size_t i = 0; i < count; i++) {
    const size_t first = groups[i].first;
    call.rows = rows + first;
    call.y = y + first * y_stride;
    call.partial = partial ? partial + first * PANEL : NULL;
    call.residual = residual ? residual + first * e->residual_stride : NULL;
    micro_wide[groups[i].rows](&call);
  }
}

/* A tile's results for the pair of panels whose matrices are `packed`; y, the residual and the bias at its first row
 * and column. `t` has room for three half tiles by a panel. */
INLINE void strassen_pair(
    const strassen_tile *tile, size_t half, const float *packed, float *y, size_t y_stride, const float *residual,
    const float *bias, const graft_epilogue *e, float *t) {
  const micro_group *upper = tile->groups[0], *lower = tile->groups[1];
  const size_t n = tile->group_counts[0], size = half * PANEL;
  float *y21 = y + tile->upper * y_stride, *t2 = t + STRASSEN_ROWS * PANEL, *t3 = t2 + STRASSEN_ROWS * PANEL;
  const float *r21 = residual ? residual + tile->upper * e->residual_stride : NULL;
  const float *right = residual ? residual + PANEL : NULL, *right_bias = bias ? bias + PANEL : NULL;
  strassen_product(upper, n, half, tile->x11, packed, NULL, t, PANEL, NULL, NULL, NULL);
  strassen_product(upper, n, half, tile->x12, packed + size, t, y, y_stride, residual, bias, e);
  strassen_product(upper, n, half, tile->s2, packed + 2 * size, t, t, PANEL, NULL, NULL, NULL);
  strassen_product(upper, n, half, tile->s3, packed + 3 * size, t, t2, PANEL, NULL, NULL, NULL);
  strassen_product(
      lower, tile->group_counts[1], half, tile->x22, packed + 4 * size, t2, y21, y_stride, r21, bias, e);
  strassen_product(upper, n, half, tile->s1, packed + 5 * size, NULL, t3, PANEL, NULL, NULL, NULL);
  V low, high;
  clamp_limits(&e->activation, &low, &high);
  ROLLED for (size_t r = 0; r < tile->upper; r++)
    UNROLL for (size_t q = 0; q < PANEL; q += V_LANES) {
      const size_t at = r * PANEL + q;
      const V p5 = V_LOAD(t3 + at);
      V_STORE(t + at, V_LOAD(t + at) + p5);
      if (r == tile->lower) continue;
      V v = V_LOAD(t2 + at) + p5;
      if (right_bias) v = v + V_LOAD(right_bias + q);
      if (r21) v = v + V_LOAD(r21 + r * e->residual_stride + PANEL + q);
      V_STORE(y21 + r * y_stride + PANEL + q, v_clamp(v, low, high));
    }
  strassen_product(upper, n, half, tile->s4, packed + 6 * size, t, y + PANEL, y_stride, right, right_bias, e);
  if (e->activation.kind != GRAFT_CLAMP)
    activate_rows(tile->upper + tile->lower, STRASSEN_PAIR, y, y_stride, &e->activation);
}

static void strassen(
    const graft_rows *rows, size_t begin, size_t end, size_t depth, const float *packed, size_t first, size_t last,
    float *y, size_t y_stride, const graft_epilogue *e, void *scratch) {
  const size_t half = depth / 2, stride = strassen_stride(depth), tiles = strassen_tiles(rows->count);
  float *zeros = scratch, *sums = zeros + (depth + LINE - 1) / LINE * LINE, *t = sums + 4 * STRASSEN_ROWS * stride;
  memset(zeros, 0, depth * sizeof(float));
  strassen_tile tile;
  size_t row = 0;
  for (size_t number = 0; number < begin; number++) row += count_of(number, tiles, rows->count);
  for (size_t number = begin, count; number < end; number++, row += count) {
    count = count_of(number, tiles, rows->count);
    tile.upper = (count + 1) / 2;
    tile.lower = count / 2;
    tile.group_counts[0] = micro_groups(tile.upper, 1, 0, ROWS_WIDE, tile.groups[0]);
    tile.group_counts[1] = tile.lower ? micro_groups(tile.lower, 1, 0, ROWS_WIDE, tile.groups[1]) : 0;
    strassen_rows(&tile, half, rows, row, zeros, sums, stride);
    for (size_t j = first; j < last; j += STRASSEN_PAIR)
      strassen_pair(
          &tile, half, packed + j / STRASSEN_PAIR * strassen_pair_size(depth), y + row * y_stride + j, y_stride,
          e->residual ? e->residual + row * e->residual_stride + j : NULL, e->bias ? e->bias + j : NULL, e, t);
  }
}
