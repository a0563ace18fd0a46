/* Kernels that treat each number, channel or row alone. */

static void activate(size_t n, const float *x, float *y, const graft_activation *activation) {
  const int32_t kind = activation->kind;
  const V low = V_SET1(activation->low), high = V_SET1(activation->high);
  size_t i = 0;
  ROLLED for (; i + V_LANES <= n; i += V_LANES)
    V_STORE(y + i, v_activate(V_LOAD(x + i), kind, low, high));
  if (i < n) V_STORE_N(y + i, v_activate(V_LOAD_N(x + i, n - i), kind, low, high), n - i);
}

/* In place, over a block of rows just written by another kernel. */
static void activate_rows(size_t rows, size_t columns, float *y, size_t stride, const graft_activation *a) {
  for (size_t r = 0; r < rows; r++) activate(columns, y + r * stride, y + r * stride, a);
}

static void add(size_t n, const float *a, const float *b, float *y, const graft_activation *activation) {
  const int32_t kind = activation->kind;
  const V low = V_SET1(activation->low), high = V_SET1(activation->high);
  size_t i = 0;
  ROLLED for (; i + V_LANES <= n; i += V_LANES)
    V_STORE(y + i, v_activate(V_LOAD(a + i) + V_LOAD(b + i), kind, low, high));
  if (i < n)
    V_STORE_N(y + i, v_activate(V_LOAD_N(a + i, n - i) + V_LOAD_N(b + i, n - i), kind, low, high), n - i);
}

static void multiply(size_t n, const float *a, const float *b, float *y, const graft_activation *activation) {
  const int32_t kind = activation->kind;
  const V low = V_SET1(activation->low), high = V_SET1(activation->high);
  size_t i = 0;
  ROLLED for (; i + V_LANES <= n; i += V_LANES)
    V_STORE(y + i, v_activate(V_LOAD(a + i) * V_LOAD(b + i), kind, low, high));
  if (i < n)
    V_STORE_N(y + i, v_activate(V_LOAD_N(a + i, n - i) * V_LOAD_N(b + i, n - i), kind, low, high), n - i);
}

static void affine(
    size_t pixels, size_t channels, const float *x, size_t x_stride, const float *scale, const float *offset,
    float *y, size_t y_stride, const graft_activation *activation) {
  const int32_t kind = activation->kind;
  const V low = V_SET1(activation->low), high = V_SET1(activation->high);
  for (size_t p = 0; p < pixels; p++, x += x_stride, y += y_stride) {
    size_t c = 0;
    ROLLED for (; c + V_LANES <= channels; c += V_LANES) {
      const V s = scale ? V_LOAD(scale + c) : V_SET1(1.0f);
      const V o = offset ? V_LOAD(offset + c) : V_SET1(0.0f);
      V_STORE(y + c, v_activate(V_FMA(V_LOAD(x + c), s, o), kind, low, high));
    }
    const size_t left = channels - c;
    if (left > 0) {
      const V s = scale ? V_LOAD_N(scale + c, left) : V_SET1(1.0f);
      const V o = offset ? V_LOAD_N(offset + c, left) : V_SET1(0.0f);
      V_STORE_N(y + c, v_activate(V_FMA(V_LOAD_N(x + c, left), s, o), kind, low, high), left);
    }
  }
}

static void rescale(size_t n, const float *x, float scale, float offset, float *y) {
  const V s = V_SET1(scale), o = V_SET1(offset);
  size_t i = 0;
  ROLLED for (; i + V_LANES <= n; i += V_LANES) V_STORE(y + i, V_FMA(V_LOAD(x + i), s, o));
  if (i < n) V_STORE_N(y + i, V_FMA(V_LOAD_N(x + i, n - i), s, o), n - i);
}

static void softmax(size_t rows, size_t columns, const float *x, float *y) {
  for (size_t r = 0; r < rows; r++, x += columns, y += columns) {
    float largest = -__builtin_inff();
    for (size_t j = 0; j < columns; j++) largest = x[j] > largest ? x[j] : largest;
    const V shift = V_SET1(largest);
    /* Padding lanes of the last vector must not be counted, so the sum is taken from memory, in order. */
    size_t j = 0;
    ROLLED for (; j + V_LANES <= columns; j += V_LANES) V_STORE(y + j, v_exp(V_LOAD(x + j) - shift));
    if (j < columns) V_STORE_N(y + j, v_exp(V_LOAD_N(x + j, columns - j) - shift), columns - j);
    double sum = 0;
    for (j = 0; j < columns; j++) sum += (double)y[j];
    const float scale = (float)(1.0 / sum);
    for (j = 0; j < columns; j++) y[j] *= scale;
  }
}

/* The sum of a vector's lanes, in their order. */
INLINE float lanes_total(V v) {
  float lanes[V_LANES];
  V_STORE(lanes, v);
  float sum = 0;
  for (size_t i = 0; i < V_LANES; i++) sum += lanes[i];
  return sum;
}

static void layer_norm(
    size_t rows, size_t columns, const float *x, const float *gamma, const float *beta, float epsilon, float *y) {
  for (size_t r = 0; r < rows; r++, x += columns, y += columns) {
    V total = V_SET1(0.0f);
    size_t j = 0;
    ROLLED for (; j + V_LANES <= columns; j += V_LANES) total = total + V_LOAD(x + j);
    if (j < columns) total = total + V_LOAD_N(x + j, columns - j);
    const float mean = lanes_total(total) / (float)columns;
    const V shift = V_SET1(mean);
    V power = V_SET1(0.0f);
    j = 0;
    ROLLED for (; j + V_LANES <= columns; j += V_LANES) {
      const V d = V_LOAD(x + j) - shift;
      power = V_FMA(d, d, power);
    }
    /* Lanes behind the end would count as deviations of -mean. */
    float rest = 0;
    ROLLED for (; j < columns; j++) rest += (x[j] - mean) * (x[j] - mean);
    const float variance = (lanes_total(power) + rest) / (float)columns;
    const V factor = V_SET1(1.0f / __builtin_elementwise_sqrt(variance + epsilon));
    j = 0;
    ROLLED for (; j + V_LANES <= columns; j += V_LANES) {
      const V g = gamma ? V_LOAD(gamma + j) : V_SET1(1.0f);
      const V b = beta ? V_LOAD(beta + j) : V_SET1(0.0f);
      V_STORE(y + j, V_FMA((V_LOAD(x + j) - shift) * factor, g, b));
    }
    const size_t left = columns - j;
    if (left > 0) {
      const V g = gamma ? V_LOAD_N(gamma + j, left) : V_SET1(1.0f);
      const V b = beta ? V_LOAD_N(beta + j, left) : V_SET1(0.0f);
      V_STORE_N(y + j, V_FMA((V_LOAD_N(x + j, left) - shift) * factor, g, b), left);
    }
  }
}

/* (1 + erf(x / sqrt 2)) / 2 + x exp(-x^2 / 2) / sqrt(2 pi) */
INLINE V v_gelu_slope(V x) {
  const V half = V_SET1(0.5f);
  return V_FMA(x * V_SET1(0.398942280401432678f), v_exp(x * x * V_SET1(-0.5f)), half + half * v_normal_erf(x));
}

static void gelu_slope(size_t n, const float *x, float *y) {
  size_t i = 0;
  ROLLED for (; i + V_LANES <= n; i += V_LANES) V_STORE(y + i, v_gelu_slope(V_LOAD(x + i)));
  if (i < n) V_STORE_N(y + i, v_gelu_slope(V_LOAD_N(x + i, n - i)), n - i);
}
