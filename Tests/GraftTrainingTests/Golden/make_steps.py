"""Writes steps.json: losses and weights of a small network over some steps of training in Keras.

Made with keras 3.15.1 and tensorflow 2.21. Run: python Tests/GraftTrainingTests/Golden/make_steps.py
"""
import json
import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import keras
import numpy as np
from keras import layers

FOLDER = os.path.dirname(os.path.abspath(__file__))
PICTURES, SHAPE, CLASSES, STEPS = 6, (7, 6, 2), 3, 5
random = np.random.default_rng(3)
inputs = np.round(random.uniform(-1, 1, size=(PICTURES, *SHAPE)), 2).astype("float32")
labels = random.integers(0, CLASSES, size=PICTURES)


class FrozenStatistics(layers.BatchNormalization):
    """On the stored statistics, with gamma and beta that train."""

    def call(self, inputs, training=None, mask=None):
        return super().call(inputs, training=False, mask=mask)


def network(statistics):
    normalization = layers.BatchNormalization if statistics == "updated" else FrozenStatistics
    x = start = layers.Input(SHAPE, name="input")
    x = layers.Conv2D(4, 3, strides=2, padding="same", use_bias=False, name="conv")(x)
    x = normalization(name="conv_bn", momentum=0.9)(x)
    x = layers.Activation("relu", name="relu")(x)
    y = layers.DepthwiseConv2D(3, padding="same", use_bias=False, name="deep")(x)
    y = normalization(name="deep_bn", momentum=0.9)(y)
    y = layers.Activation("relu6", name="relu6")(y)
    x = layers.Add(name="add")([x, y])
    x = layers.GlobalAveragePooling2D(name="pool")(x)
    x = layers.Dense(CLASSES, activation="softmax", name="predictions")(x)
    return keras.Model(start, x)


def weights(model):
    result = {}
    for layer in model.layers:
        for variable in layer.weights:
            name = "depthwise_kernel" if layer.name == "deep" and variable.name == "kernel" else variable.name
            result[f"{layer.name}/{name}"] = variable
    return result


def numbers(array):
    return [float(x) for x in np.asarray(array).ravel()]


initial = {}
for name, variable in weights(network("frozen")).items():
    low, high = {"gamma": (0.5, 1.5), "moving_variance": (0.5, 2)}.get(name.split("/")[1], (-0.7, 0.7))
    initial[name] = np.round(random.uniform(low, high, size=variable.shape), 2).astype("float32")

o = keras.optimizers
CASES = {
    "sgd": ("frozen", 0, lambda: o.SGD(0.05, momentum=0.9)),
    "rmsprop": ("frozen", 0, lambda: o.RMSprop(0.002)),
    "adam": ("frozen", 0.1, lambda: o.Adam(0.005)),
    "adamw_updated": ("updated", 0, lambda: o.AdamW(0.005)),
}
results = {}
for case, (statistics, smoothing, optimizer) in CASES.items():
    model = network(statistics)
    for name, variable in weights(model).items():
        variable.assign(initial[name])
    model.compile(
        optimizer(), keras.losses.CategoricalCrossentropy(label_smoothing=smoothing), jit_compile=False)
    targets = keras.utils.to_categorical(labels, CLASSES)
    losses = []
    for _ in range(STEPS):
        model.reset_metrics()  # otherwise the loss is the mean over all steps so far
        losses.append(float(model.train_on_batch(inputs, targets)))
    results[case] = {
        "losses": losses,
        "weights": {name: numbers(v) for name, v in weights(model).items()},
    }
with open(f"{FOLDER}/steps.json", "w") as file:
    json.dump({
        "inputs": [round(x, 2) for x in numbers(inputs)],
        "labels": [int(x) for x in labels],
        "weights": {name: [round(x, 2) for x in numbers(v)] for name, v in initial.items()},
        "results": results,
    }, file)
    file.write("\n")
