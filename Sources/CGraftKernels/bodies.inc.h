/* All kernels over the vector macros of the file that includes this, and that instruction set's table. */

#include <string.h>

#define PASTE_(a, b) a##b
#define PASTE(a, b) PASTE_(a, b)
#define TEXT_(a) #a
#define TEXT(a) TEXT_(a)

/* Constant trip counts only: sums must end up in registers. */
#define UNROLL _Pragma("clang loop unroll(full)")
/* Loops over memory whose bodies are vectors already. */
#define ROLLED _Pragma("clang loop vectorize(disable) unroll(disable)")

INLINE size_t smaller(size_t a, size_t b) { return a < b ? a : b; }
INLINE size_t larger(size_t a, size_t b) { return a > b ? a : b; }

#include "activation.inc.h"
#include "elementwise.inc.h"
#include "gemm.inc.h"
#include "strassen.inc.h"
#include "winograd.inc.h"
#include "winograd_gradients.inc.h"
#include "depthwise.inc.h"
#include "pooling.inc.h"
#include "gradients.inc.h"
#include "limit.inc.h"

#define ENTRY(result, name, arguments) .name = name,

const graft_kernels PASTE(graft_kernels_, V_NAME) = {
    .isa = V_ISA,
    .isa_name = TEXT(V_NAME),
    .lanes = V_LANES,
    .panel = 2 * V_LANES,
    .rows = ROWS_BLOCK,
    GRAFT_KERNELS(ENTRY)};
