#pragma once
// cblas.h of OpenBLAS: the cblas_ functions and openblas_set_num_threads.
#include <cblas.h>

// OpenBLAS chooses its kernels when it is loaded. One that is older than the processor does not know it by number and
// falls back to kernels of 2004 (0.3.21 on an Emerald Rapids: 31 GFLOP/s instead of 152). Its choice can be
// made again, by two functions that it exports and no header declares; Swift can neither declare them weakly nor ask
// for the processor's instruction sets.
#if defined(__linux__) && defined(__x86_64__)
#include <stdlib.h>
#include <string.h>

extern void gotoblas_dynamic_quit(void) __attribute__((weak));
extern void gotoblas_dynamic_init(void) __attribute__((weak));

static inline void graft_openblas_choose_kernels(void) {
  if (!gotoblas_dynamic_quit || !gotoblas_dynamic_init || getenv("OPENBLAS_CORETYPE") ||
      strcmp(openblas_get_corename(), "Prescott") != 0)
    return;
  const char *core = NULL;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) core = "Haswell";
  if (core && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512cd") &&
      __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("avx512vl"))
    core = "SkylakeX";
  if (!core) return;
  setenv("OPENBLAS_CORETYPE", core, 1);
  gotoblas_dynamic_quit();
  gotoblas_dynamic_init();
}
#else
static inline void graft_openblas_choose_kernels(void) {}
#endif
