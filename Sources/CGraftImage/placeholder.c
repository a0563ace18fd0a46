#include "CGraftImage.h"
