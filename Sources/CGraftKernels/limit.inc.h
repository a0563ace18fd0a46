/* How fast this processor can be at most: multiply-adds that wait for nothing. */

/* Enough independent chains to fill every unit, few enough for the registers. */
#if ROWS_WIDE >= 8
#define CHAINS 24
#else
#define CHAINS 12
#endif

static size_t multiply_add_chains(size_t rounds, float *result) {
  V sum[CHAINS];
  /* Different starts: equal chains would be computed once. A factor below 1 keeps them finite. */
  UNROLL for (int i = 0; i < CHAINS; i++) sum[i] = V_SET1(result[0] + (float)i);
  const V factor = V_SET1(0.999f), term = V_SET1(0.001f);
  ROLLED for (size_t round = 0; round < rounds; round++)
    UNROLL for (int i = 0; i < CHAINS; i++) sum[i] = V_FMA(sum[i], factor, term);
  V total = sum[0];
  UNROLL for (int i = 1; i < CHAINS; i++) total = total + sum[i];
  V_STORE_N(result, total, 1);
  return rounds * CHAINS * V_LANES * 2;
}
