#!/usr/bin/env python3
"""Opens a whole model that Graft wrote with real Keras, and compares.

    python check_model_files.py MODEL.h5 [INPUT.npy EXPECTED.npy] [--keras 3|2] [--tolerance 1e-5] [--builder NAME]

Always: the file opens, every array arrives in the layer whose group it is in, and nothing is left at its initial
values. With INPUT (pictures as the network wants them, N x height x width x channels) and EXPECTED (what Graft
made of them): the outputs agree within the tolerance, in absolute terms. With --builder, as ResNet50 or
"MobileNetV2(alpha=0.35)": layer names, shapes and numbers of parameters are those of keras.applications, and so
are the outputs with the same weights.

Exit code 0 if all is right, 1 otherwise. --keras 2 needs tf_keras; models with a hard swish need Keras 3.
"""

import argparse
import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import h5py
import numpy as np

failures = []


def check(condition, message):
    if not condition:
        failures.append(message)


def text(value):
    return value.decode() if isinstance(value, bytes) else str(value)


def check_weights(model, path):
    """Compares the arrays of each layer with those of its group."""
    count = 0
    with h5py.File(path) as file:
        group = file["model_weights"]
        for layer in model.layers:
            names = [text(name) for name in group[layer.name].attrs["weight_names"]]
            check(len(names) == len(layer.weights), f"{layer.name}: {len(names)} arrays for {len(layer.weights)} weights")
            for name, weight in zip(names, layer.weights):
                stored = group[layer.name][name][()]
                loaded = np.asarray(weight.numpy())
                check(stored.shape == loaded.shape and np.array_equal(stored, loaded), f"{name}: differs in the model")
                count += 1
    return count


def check_builder(keras, model, builder):
    """Compares layers with those of keras.applications, and outputs under the same weights."""
    name, _, options = builder.partition("(")
    options = eval(f"dict({options.rstrip(')')})")  # noqa: S307, the caller's own words
    shape = tuple(model.input_shape[1:])
    classes = model.output_shape[-1]
    keras.backend.clear_session()
    like = getattr(keras.applications, name)(weights=None, input_shape=shape, classes=classes, **options)
    check(like.count_params() == model.count_params(), f"{model.count_params()} parameters, not {like.count_params()}")
    # What Keras 3 computes by operations, not layers, is a layer in the file; inputs are numbered differently.
    theirs = {layer.name: tuple(layer.output.shape) for layer in like.layers[1:]}
    ours = {layer.name: tuple(layer.output.shape) for layer in model.layers[1:]}
    for layer, shape in theirs.items():
        check(ours.get(layer) == shape, f"{layer}: {ours.get(layer)}, not {shape}")
    if failures:
        return len(theirs)
    like.set_weights(model.get_weights())
    pictures = np.random.default_rng(0).uniform(-1, 1, (2, *model.input_shape[1:])).astype("float32")
    difference = np.abs(model.predict(pictures, verbose=0) - like.predict(pictures, verbose=0)).max()
    check(difference <= 1e-6, f"outputs differ by {difference} from those of {builder}")
    return len(theirs)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("input", nargs="?")
    parser.add_argument("expected", nargs="?")
    parser.add_argument("--keras", choices=["2", "3"], default="3")
    parser.add_argument("--tolerance", type=float, default=1e-5)
    parser.add_argument("--builder")
    options = parser.parse_args()
    if options.input and not options.expected:
        parser.error("INPUT needs EXPECTED")
    if options.keras == "2":
        import tf_keras as keras
    else:
        import keras

    model = keras.models.load_model(options.model, compile=False)
    report = [f"{check_weights(model, options.model)} arrays"]
    if options.input:
        pictures, expected = np.load(options.input), np.load(options.expected)
        found = np.asarray(model.predict(pictures, verbose=0))
        check(found.shape == expected.shape, f"outputs have shape {found.shape}, not {expected.shape}")
        if found.shape == expected.shape:
            difference = float(np.abs(found - expected).max())
            check(difference <= options.tolerance, f"outputs differ by {difference}, allowed {options.tolerance}")
            report.append(f"{len(pictures)} pictures, largest difference {difference:.2e}")
    if options.builder:
        report.append(f"{check_builder(keras, model, options.builder)} layers as in {options.builder}")
    for failure in failures[:20]:
        print(f"{options.model}: {failure}", file=sys.stderr)
    print(f"{options.model}: {'wrong' if failures else 'right'}, {', '.join(report)}")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
