#include "CGraftKernels.h"
