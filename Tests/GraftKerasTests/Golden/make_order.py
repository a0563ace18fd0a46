#!/usr/bin/env python3
"""Writes order.txt: for each network of the zoo, the SHA-256 of its weighted layers in the order of model.layers.

    python make_order.py                # Keras 3 on TensorFlow; some minutes
    python make_order.py 'densenet*'    # the lines of the networks whose name fits the pattern
"""

import fnmatch
import hashlib
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "Parity"))

from networks import BUILDERS, build, keras  # noqa: E402

# Weights are looked at for their shapes only.
keras.initializers.VarianceScaling.__call__ = lambda self, shape, dtype=None: keras.ops.zeros(shape, dtype)


def weighted(layers):
    """The layers that have weights; those of a sequential model inside the model stand in its place."""
    for layer in layers:
        if isinstance(layer, keras.Sequential):
            yield from weighted(layer.layers)
        elif layer.weights:
            yield layer


path = os.path.join(HERE, "order.txt")
with open(path) as file:
    kept = dict(line.split() for line in file)
for name in fnmatch.filter(BUILDERS, sys.argv[1] if len(sys.argv) > 1 else "*"):
    if name == "resnet50_legacy":  # Keras builds it no longer
        continue
    side = {"alexnet_grouped": 227, "lenet5": 32}.get(name, 224)
    model = build(name, (side, side), "top")
    text = "".join(
        f"{layer.name} {' '.join('x'.join(map(str, w.shape)) for w in layer.weights)}\n"
        for layer in weighted(model.layers)
    )
    kept[name] = hashlib.sha256(text.encode()).hexdigest()
with open(path, "w") as file:
    file.write("".join(f"{name} {kept[name]}\n" for name in BUILDERS if name in kept))
