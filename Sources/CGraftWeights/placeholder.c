#include "CGraftWeights.h"
