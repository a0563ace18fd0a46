/* Which table this processor gets. */
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "tables.h"

const graft_kernels *graft_kernels_for(graft_isa isa) {
  switch (isa) {
    case GRAFT_ISA_PORTABLE: return &graft_kernels_portable;
#if defined(__x86_64__)
    /* The compiler's test also asks whether the operating system saves the registers. */
    case GRAFT_ISA_AVX2:
      return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") ? &graft_kernels_avx2 : NULL;
    case GRAFT_ISA_AVX512:
      return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                     __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl")
                 ? &graft_kernels_avx512
                 : NULL;
#elif defined(__aarch64__)
    case GRAFT_ISA_NEON: return &graft_kernels_neon;
#endif
    default: return NULL;
  }
}

static const graft_kernels *choose(void) {
  const graft_kernels *best = &graft_kernels_portable;
  const char *wanted = getenv("GRAFT_ISA");
  for (int isa = 0; isa < GRAFT_ISA_COUNT; isa++) {
    const graft_kernels *table = graft_kernels_for((graft_isa)isa);
    if (table == NULL) continue;
    if (wanted != NULL && strcmp(wanted, table->isa_name) == 0) return table;
    best = table; /* the enumeration lists better ones later */
  }
  return best;
}

const graft_kernels *graft_kernels_current(void) {
  static _Atomic(const graft_kernels *) chosen;
  const graft_kernels *table = atomic_load_explicit(&chosen, memory_order_acquire);
  if (table == NULL) {
    table = choose(); /* threads that race here choose the same */
    atomic_store_explicit(&chosen, table, memory_order_release);
  }
  return table;
}
