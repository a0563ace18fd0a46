#!/usr/bin/env python3
"""Writes order.txt: for each network of the zoo, the SHA-256 of its weighted layers in the order of model.layers.

    python make_order.py             # Keras 3 on TensorFlow; some minutes
"""

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


with open(os.path.join(HERE, "order.txt"), "w") as file:
    for name in BUILDERS:
        if name == "resnet50_legacy":  # Keras builds it no longer
            continue
        model = build(name, (224, 224), "top")
        text = "".join(
            f"{layer.name} {' '.join('x'.join(map(str, w.shape)) for w in layer.weights)}\n"
            for layer in weighted(model.layers)
        )
        file.write(f"{name} {hashlib.sha256(text.encode()).hexdigest()}\n")
