"""Models of one's own: read by Graft in each whole-model format, written again, and opened in Keras."""

import json
import os

import h5py
import keras
import numpy as np
import tf_keras
from PIL import Image

import custom_models
import limits
from program import ProgramError

PICTURES = 3


def pictures(folder):
    """A folder of pictures of noise, and their values."""
    os.makedirs(folder, exist_ok=True)
    rng = np.random.default_rng(11)
    values = rng.integers(0, 256, (PICTURES, custom_models.SIDE, custom_models.SIDE, 3), dtype=np.uint8)
    for index, picture in enumerate(values):
        Image.fromarray(picture).save(os.path.join(folder, f"{index}.png"))
    return values.astype(np.float32)


def last_layer(graft, path):
    """The last layer of a model, as Graft calls it."""
    return json.loads(graft.run("inspect", path, "--json"))["layers"][-1]["name"]


def features(graft, folder, path):
    output = os.path.join(graft.folder, "custom.features.h5")
    if os.path.exists(output):
        os.remove(output)
    layer = last_layer(graft, path)
    graft.run(
        "extract", folder, "--weights", path, "-o", output, "--pooling", "none", "--resize", "nearest",
        "--preprocessing", "none", "--layer", layer)
    with h5py.File(output) as file:
        return file["features"][layer][()]


def check(report, graft, folder, inputs, name, model, expected):
    for ending in ("keras", "h5"):
        path = os.path.join(graft.folder, f"{name}.{ending}")
        model.save(path)
        try:
            found = features(graft, folder, path).reshape(expected.shape)
            report.compare(name, f"read from .{ending}", found, expected, limits.FEATURES)
        except (ProgramError, ValueError) as error:
            report.fail(name, f"read from .{ending}", error)
            continue
        for written in ("keras", "h5"):
            again = os.path.join(graft.folder, f"{name}.again.{written}")
            try:
                graft.run("export", path, "-o", again, "--preprocessing", "none")
                twin = keras.models.load_model(again, compile=False)
                found = np.asarray(twin.predict(inputs, verbose=0))
                scale = max(1.0, float(np.abs(expected).max()))
                report.compare(name, f".{ending} written as .{written}", found / scale, expected / scale, 1e-5, relative=False)
            except (ProgramError, ValueError, TypeError) as error:
                report.fail(name, f".{ending} written as .{written}", error)
            if os.path.exists(again):
                os.remove(again)
        os.remove(path)


def keras_2():
    """A model of Keras 2 with what it understands otherwise than Keras 3."""
    L = tf_keras.layers
    tf_keras.backend.clear_session()
    x = tf_keras.Input((custom_models.SIDE, custom_models.SIDE, 3))
    y = L.Conv2D(4, 3, activation="hard_sigmoid")(L.Rescaling(1 / 127.5, -1)(x))
    y = L.Conv2D(4, 3)(L.LeakyReLU(alpha=0.2)(L.DepthwiseConv2D(3)(y)))
    y = L.ReLU(max_value=1.5)(L.ThresholdedReLU(0.1)(y))
    return tf_keras.Model(x, L.Dense(5, activation="softmax")(L.Flatten()(y)))


def run(report, graft, names):
    folder = os.path.join(graft.folder, "custom-pictures")
    inputs = pictures(folder)
    for name in custom_models.MODELS:
        model = custom_models.build(name)
        check(report, graft, folder, inputs, name, model, np.asarray(model.predict(inputs, verbose=0)))
    first, last = custom_models.channels_first()
    expected = np.asarray(last.predict(inputs, verbose=0))
    check(report, graft, folder, inputs, "channels_first", first, expected)
    old = keras_2()
    check(report, graft, folder, inputs, "keras_2", old, np.asarray(old.predict(inputs, verbose=0)))
