#pragma once
// cblas.h of OpenBLAS: the cblas_ functions and openblas_set_num_threads.
#include <cblas.h>
