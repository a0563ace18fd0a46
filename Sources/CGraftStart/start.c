#include "CGraftStart.h"

#if defined(__linux__)
#include <stdlib.h>

/* OpenBLAS starts a thread a processor when it is loaded, which then spins for tens of milliseconds: time that a short
 * run needs for itself, since Graft calls it on its own threads. Only this function runs early enough to say so. */
static void before_libraries(int count, char **arguments, char **environment) {
  (void)count;
  (void)arguments;
  (void)environment;
  setenv("OPENBLAS_NUM_THREADS", "1", 0);
}

__attribute__((section(".preinit_array"), used)) static void (*const start)(int, char **, char **) = before_libraries;
#endif
