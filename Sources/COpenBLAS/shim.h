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

// OpenBLAS packs matrices into buffers of 32 MB that it maps untouched, one for each call at a time. Its kernels fetch
// ahead beyond what a product has packed; as long as the pages there were never written, products of few columns run at
// less than half their speed (0.3.21 and 0.3.31 on an EPYC: 256 x 2048 times 2048 x 100 at 13 GFLOP/s in place of 35).
// One product that fills a block of packed columns ends that for its buffer, so as many are made side by side as
// threads will compute.
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

enum { GRAFT_TOUCH_ROWS = 64, GRAFT_TOUCH_DEPTH = 384, GRAFT_TOUCH_COLUMNS = 768, GRAFT_TOUCH_THREADS = 64 };

typedef struct {
  atomic_int missing;  // threads that have not begun
} graft_openblas_gathering;

static inline void *graft_openblas_touch_one(void *argument) {
  graft_openblas_gathering *gathering = argument;
  const size_t count = (size_t)(GRAFT_TOUCH_ROWS + GRAFT_TOUCH_DEPTH) * GRAFT_TOUCH_COLUMNS * 2;
  double *zeros = calloc(count, sizeof(double));
  atomic_fetch_sub(&gathering->missing, 1);
  // Products that do not run at the same time would all get the same buffer.
  for (int turn = 0; turn < 1000 && atomic_load(&gathering->missing) > 0; turn++) usleep(10);
  if (!zeros) return NULL;
  double *b = zeros + GRAFT_TOUCH_ROWS * GRAFT_TOUCH_DEPTH, *c = b + GRAFT_TOUCH_DEPTH * GRAFT_TOUCH_COLUMNS;
  cblas_sgemm(
      CblasRowMajor, CblasNoTrans, CblasNoTrans, GRAFT_TOUCH_ROWS, GRAFT_TOUCH_COLUMNS, GRAFT_TOUCH_DEPTH, 1,
      (float *)zeros, GRAFT_TOUCH_DEPTH, (float *)b, GRAFT_TOUCH_COLUMNS, 0, (float *)c, GRAFT_TOUCH_COLUMNS);
  cblas_dgemm(
      CblasRowMajor, CblasNoTrans, CblasNoTrans, GRAFT_TOUCH_ROWS, GRAFT_TOUCH_COLUMNS, GRAFT_TOUCH_DEPTH, 1,
      zeros, GRAFT_TOUCH_DEPTH, b, GRAFT_TOUCH_COLUMNS, 0, c, GRAFT_TOUCH_COLUMNS);
  free(zeros);
  return NULL;
}

static inline void graft_openblas_touch_buffers(int threads_used) {
  const int wanted =
      threads_used < 1 ? 1 : threads_used > GRAFT_TOUCH_THREADS ? GRAFT_TOUCH_THREADS : threads_used;
  graft_openblas_gathering gathering;
  atomic_init(&gathering.missing, wanted);
  pthread_t threads[GRAFT_TOUCH_THREADS];
  int begun = 0;
  while (begun < wanted && pthread_create(&threads[begun], NULL, graft_openblas_touch_one, &gathering) == 0) begun++;
  atomic_fetch_sub(&gathering.missing, wanted - begun);
  for (int thread = 0; thread < begun; thread++) pthread_join(threads[thread], NULL);
}
