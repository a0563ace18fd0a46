/* Counts allocations of the calling thread, by standing in front of the C library's malloc.
 *
 * Why C: Swift cannot define malloc. Only where the C library is glibc, whose own functions stay reachable under other
 * names. */
#pragma once
#include <stdint.h>

/* Calls of malloc, calloc, realloc and aligned allocations by the calling thread so far; negative where they are not
 * counted. */
int64_t graft_test_allocations(void);
