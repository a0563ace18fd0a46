#include "CGraftWeights.h"

// #embed is standard since C23; clang accepts it in older modes but says so.
#pragma clang diagnostic ignored "-Wc23-extensions"

const unsigned char graft_default_weights[] = {
#embed "../../weights/default.h5"
};

const unsigned long graft_default_weights_size = sizeof graft_default_weights;
