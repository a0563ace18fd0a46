/* Only so that pkg-config's flags for libpng reach the targets that depend on this module. */
#pragma once
#include <png.h>
