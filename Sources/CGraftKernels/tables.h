/* The tables of all instruction sets; a file compiled for another processor leaves its own out. */
#pragma once

#include "CGraftKernels.h"

extern const graft_kernels graft_kernels_portable;
#if defined(__x86_64__)
extern const graft_kernels graft_kernels_avx2;
extern const graft_kernels graft_kernels_avx512;
#elif defined(__aarch64__)
extern const graft_kernels graft_kernels_neon;
#endif
