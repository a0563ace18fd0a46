#include "CGraftWeights.h"

// #embed is standard since C23; clang accepts it in older modes but says so.
#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char default_weights[] = {
#embed "../../weights/default.h5"
};

static const unsigned char imagenet_classes[] = {
#embed "../../weights/imagenet_classes.txt"
};

static const unsigned char registry[] = {
#embed "../../weights/registry.json"
};

static const unsigned char answers[] = {
#embed "../../weights/answers.json"
};

graft_embedded_file graft_embedded_default_weights(void) {
  return (graft_embedded_file){default_weights, sizeof default_weights};
}

graft_embedded_file graft_embedded_imagenet_classes(void) {
  return (graft_embedded_file){imagenet_classes, sizeof imagenet_classes};
}

graft_embedded_file graft_embedded_registry(void) {
  return (graft_embedded_file){registry, sizeof registry};
}

graft_embedded_file graft_embedded_answers(void) {
  return (graft_embedded_file){answers, sizeof answers};
}
