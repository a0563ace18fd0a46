/// The default network's weight file (weights/default.h5), byte for byte, inside the binary: Graft extracts
/// features with no download and no file beside the program. A target of its own, so that only what offers the
/// default network carries it.
#pragma once

extern const unsigned char graft_default_weights[];

/// The number of bytes in `graft_default_weights`.
extern const unsigned long graft_default_weights_size;
