/* Activations of one vector, and exp. */

/* exp(x) to about one unit in the last place, for |x| up to 87; beyond that the nearest such value.
 * Range reduction and polynomial of Cephes' expf (S. Moshier): x = n ln 2 + r, |r| <= ln 2 / 2. */
INLINE V v_exp(V x) {
  x = V_MIN(V_SET1(87.0f), V_MAX(V_SET1(-87.0f), x));
  /* Adding 1.5 * 2^23 rounds to an integer, which then stands in the low bits. */
  const V magic = V_SET1(12582912.0f);
  const V shifted = V_FMA(x, V_SET1(1.44269504088896341f), magic);
  const V n = shifted - magic;
  V r = V_FMA(n, V_SET1(-0.693359375f), x);
  r = V_FMA(n, V_SET1(2.12194440e-4f), r);
  V p = V_SET1(1.9875691500e-4f);
  p = V_FMA(p, r, V_SET1(1.3981999507e-3f));
  p = V_FMA(p, r, V_SET1(8.3334519073e-3f));
  p = V_FMA(p, r, V_SET1(4.1665795894e-2f));
  p = V_FMA(p, r, V_SET1(1.6666665459e-1f));
  p = V_FMA(p, r, V_SET1(5.0000001201e-1f));
  p = V_FMA(p, r * r, r) + V_SET1(1.0f);
  const VI power = ((VI)shifted << 23) + 0x3f800000;
  return p * (V)power;
}

INLINE V v_clamp(V x, V low, V high) { return V_MIN(high, V_MAX(low, x)); }

INLINE V v_hard_sigmoid(V x) {
  return v_clamp(x + V_SET1(3.0f), V_SET1(0.0f), V_SET1(6.0f)) * V_SET1(1.0f / 6.0f);
}

INLINE V v_sigmoid(V x) { return V_SET1(1.0f) / (V_SET1(1.0f) + v_exp(-x)); }

/* erf(x / sqrt 2). Abramowitz and Stegun, 7.1.26: the error is below 1.5e-7. */
INLINE V v_normal_erf(V x) {
  const VI sign = (VI)x & (int32_t)0x80000000;
  const V z = (V)((VI)x ^ sign) * V_SET1(0.70710678118654752f);
  const V t = V_SET1(1.0f) / V_FMA(z, V_SET1(0.3275911f), V_SET1(1.0f));
  V p = V_SET1(1.061405429f);
  p = V_FMA(p, t, V_SET1(-1.453152027f));
  p = V_FMA(p, t, V_SET1(1.421413741f));
  p = V_FMA(p, t, V_SET1(-0.284496736f));
  p = V_FMA(p, t, V_SET1(0.254829592f));
  const V magnitude = V_SET1(1.0f) - p * t * v_exp(-(z * z));
  return (V)((VI)magnitude | sign);
}

INLINE V v_gelu(V x) { return V_SET1(0.5f) * x * (V_SET1(1.0f) + v_normal_erf(x)); }

INLINE V v_leaky(V x, V slope) {
  const VI negative = (VI)(x < V_SET1(0.0f));
  return (V)(((VI)(x * slope) & negative) | ((VI)x & ~negative));
}

/* `kind` is the same for a whole loop, so that the compiler can take the choice out of it. */
INLINE V v_activate(V x, int32_t kind, V low, V high) {
  switch (kind) {
    case GRAFT_HARD_SIGMOID: return v_hard_sigmoid(x);
    case GRAFT_HARD_SWISH: return x * v_hard_sigmoid(x);
    case GRAFT_SIGMOID: return v_sigmoid(x);
    case GRAFT_SWISH: return x * v_sigmoid(x);
    case GRAFT_TANH: return V_SET1(1.0f) - V_SET1(2.0f) / (V_SET1(1.0f) + v_exp(x + x));
    case GRAFT_GELU: return v_gelu(x);
    case GRAFT_LEAKY: return v_leaky(x, low);
    default: return v_clamp(x, low, high);
  }
}

/* The limits a kernel clamps its sums to before any activation of another kind: none. */
INLINE void clamp_limits(const graft_activation *a, V *low, V *high) {
  const int clamps = a->kind == GRAFT_CLAMP;
  *low = V_SET1(clamps ? a->low : -__builtin_inff());
  *high = V_SET1(clamps ? a->high : __builtin_inff());
}
