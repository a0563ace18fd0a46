/// Files inside the binary, byte for byte, so that the program needs none beside it: a target of its own, so that
/// only what offers them carries them. Functions rather than arrays, because Swift does not import arrays of
/// unknown length.
#pragma once

#include <stddef.h>

/// The content of a file.
typedef struct {
  const unsigned char *start;
  size_t count;
} graft_embedded_file;

/// weights/default.h5: the small default network.
graft_embedded_file graft_embedded_default_weights(void);

/// weights/imagenet_classes.txt: the 1000 classes of ImageNet, one line a class: synset, space, name.
graft_embedded_file graft_embedded_imagenet_classes(void);

/// weights/registry.json: the weight files that Keras publishes.
graft_embedded_file graft_embedded_registry(void);

/// weights/answers.json: what Keras computes with some of these files.
graft_embedded_file graft_embedded_answers(void);
