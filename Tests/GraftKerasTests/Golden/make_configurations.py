#!/usr/bin/env python3
"""Writes small whole models as Keras 2 and Keras 3 write them, with an input and what Keras makes of it.

    python make_configurations.py               # needs keras 3.15, tf_keras 2.21, tensorflow 2.21, h5py
    python make_configurations.py zoo FOLDER    # the configurations of published architectures, too large to keep

The second form is for the test that reads them from GRAFT_KERAS_CONFIGURATIONS.

Each file is what model.save("x.h5") gives, with a group `golden` added: `input` (height x width x channels),
`output`, `layers` (names of the model's own layers) and `shapes` (their results without the batch axis), and an
attribute `parameters`.
"""

import os
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import h5py
import numpy as np

FOLDER = os.path.dirname(os.path.abspath(__file__))


def functional(keras):
    """Every kind of layer, branches, an operation with a number, odd sizes and strides."""
    L = keras.layers
    picture = L.Input((13, 10, 3), name="picture")
    x = L.Rescaling(1 / 127.5, offset=-1, name="rescaling")(picture)
    x = L.ZeroPadding2D(((0, 1), (2, 1)), name="pad")(x)
    x = L.Conv2D(4, 3, strides=2, use_bias=False, name="stem")(x)
    x = L.BatchNormalization(epsilon=1.001e-5, momentum=0.9, name="stem_bn")(x)
    x = L.ReLU(6.0, name="stem_relu")(x)
    y = L.DepthwiseConv2D((3, 5), padding="same", activation="relu", name="depthwise")(x)
    y = L.Conv2D(4, 1, groups=2, activation="swish", name="grouped")(y)
    s = L.GlobalAveragePooling2D(keepdims=True, name="squeeze")(y)
    s = L.Conv2D(4, 1, activation="sigmoid", name="excite")(s)
    y = L.Multiply(name="weigh")([y, s])
    x = L.Add(name="shortcut")([x, y])
    x = x * 0.5
    a = L.MaxPooling2D(2, name="largest")(x)
    b = L.AveragePooling2D(3, strides=2, padding="valid", name="mean")(L.ZeroPadding2D(1, name="frame")(x))
    x = L.Concatenate(name="join")([a, b])
    x = L.Conv2D(2, 2, dilation_rate=2, padding="same", activation="relu6", name="dilated")(x)
    x = L.Activation("relu", name="last_relu")(x)
    x = L.Flatten(name="flatten")(x)
    x = L.Dense(6, activation="relu", name="hidden")(x)
    x = L.Dropout(0.3, name="dropout")(x)
    x = L.Reshape((1, -1, 3), name="fold")(x)
    x = L.GlobalMaxPooling2D(name="top")(x)
    x = L.Dense(3, use_bias=False, name="logits")(x)
    return keras.Model(picture, L.Softmax(name="probabilities")(x), name="functional")


def sequential(keras):
    """A sequential model; the normalization has no gamma."""
    L = keras.layers
    return keras.Sequential(
        [
            L.Input((8, 7, 1)),
            L.Conv2D(4, 3, activation="relu", name="conv"),
            L.BatchNormalization(scale=False, name="bn"),
            L.MaxPooling2D(name="pool"),
            L.Flatten(name="flatten"),
            L.Dense(2, activation="softmax", name="classes"),
        ],
        name="sequential",
    )


def nested(keras):
    """Transfer learning as the tutorials write it: random flips, arithmetic, a model inside, a new head whose
    layer has the name of one inside."""
    L = keras.layers
    inner = L.Input((None, None, 3), name="inner_input")
    x = L.Conv2D(4, 3, strides=2, padding="same", use_bias=False, name="conv")(inner)
    x = L.BatchNormalization(name="bn")(x)
    x = L.Activation("relu", name="relu")(x)
    base = keras.Model(inner, x, name="base")
    flips = keras.Sequential([L.RandomFlip("horizontal"), L.RandomRotation(0.1)], name="augmentation")
    picture = L.Input((9, 9, 3), name="picture")
    x = flips(picture)
    x = x / 127.5 - 1.0
    x = base(x, training=False)
    x = L.GlobalAveragePooling2D(name="pool")(x)
    x = L.Dropout(0.2, name="dropout")(x)
    return keras.Model(picture, L.Dense(2, activation="softmax", name="conv")(x), name="nested")


def write(keras, build, version):
    keras.backend.clear_session()
    model = build(keras)
    random = np.random.default_rng(7)
    for variable in model.weights:
        values = random.normal(0, 0.5, variable.shape)
        name = getattr(variable, "path", variable.name)
        if "variance" in name:
            values = 0.5 + values**2
        if "seed" not in name and np.issubdtype(variable.numpy().dtype, np.floating):
            variable.assign(values.astype("float32"))
    # The sequential model does not rescale; values 0...255 would drive its softmax to 0 and 1.
    top = 2 if build is sequential else 256
    picture = random.integers(0, top, model.input_shape[1:]).astype("float32")
    output = np.asarray(model(picture[None], training=False))[0]
    path = os.path.join(FOLDER, f"keras{version}_{build.__name__}.h5")
    model.save(path)
    layers = [layer for layer in model.layers if "Random" not in type(layer).__name__]
    with h5py.File(path, "a") as file:
        golden = file.create_group("golden")
        golden["input"] = picture
        golden["output"] = output
        golden.attrs["parameters"] = sum(
            int(np.prod(w.shape)) for w in model.weights if np.issubdtype(w.numpy().dtype, np.floating))
        shapes = {layer.name: tuple(layer.output.shape[1:]) for layer in layers}
        golden["layers"] = list(shapes)
        golden["shapes"] = [",".join(map(str, shape)) for shape in shapes.values()]
    print(os.path.basename(path), os.path.getsize(path), output)


def architectures(keras):
    """Builders of published architectures by Graft's names."""
    A = keras.applications
    shape = (224, 224, 3)
    zoo = {name.lower(): (getattr(A, name), {}) for name in (
        "VGG16", "VGG19", "ResNet50", "ResNet101", "ResNet152", "ResNet50V2", "ResNet101V2", "ResNet152V2")}
    zoo |= {f"mobilenet_{a}": (A.MobileNet, {"alpha": a}) for a in (0.25, 0.5, 0.75, 1.0)}
    zoo |= {f"mobilenetv2_{a}": (A.MobileNetV2, {"alpha": a}) for a in (0.35, 0.5, 0.75, 1.0, 1.3, 1.4)}
    for size in ("Small", "Large"):
        build = getattr(A, f"MobileNetV3{size}")
        zoo |= {f"mobilenetv3{size.lower()}_{a}": (build, {"alpha": a}) for a in (0.75, 1.0)}
        zoo[f"mobilenetv3{size.lower()}_minimalistic_1.0"] = (build, {"minimalistic": True})
    return {name: lambda b=build, o=options: b(weights=None, input_shape=shape, **o)
            for name, (build, options) in zoo.items()}


def write_zoo(keras, version, folder):
    for name, build in architectures(keras).items():
        keras.backend.clear_session()
        model = build()
        path = os.path.join(folder, "model.h5")
        model.save(path)
        with h5py.File(path) as file:
            texts = {"h5": file.attrs["model_config"], "json": model.to_json()}
        os.remove(path)
        for kind, text in texts.items():
            with open(os.path.join(folder, f"{name}.keras{version}.{kind}.json"), "w") as file:
                file.write(text)


def with_both(*arguments):
    for version in ("2", "3"):
        assert os.spawnl(os.P_WAIT, sys.executable, sys.executable, __file__, version, *arguments) == 0


if __name__ == "__main__":
    if len(sys.argv) == 1:
        with_both()
    elif sys.argv[1] == "zoo":
        with_both(sys.argv[2])
    else:
        if sys.argv[1] == "2":
            import tf_keras as keras
        else:
            import keras
        if len(sys.argv) > 2:
            write_zoo(keras, sys.argv[1], sys.argv[2])
        else:
            for build in (functional, sequential, nested):
                write(keras, build, sys.argv[1])
