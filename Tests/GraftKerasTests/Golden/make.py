"""Writes small Keras files in every flavour, and what is in them, for the tests of the importer.

    python make.py            # Keras 3 and tf_keras (Keras 2) on TensorFlow, h5py

Keras 3 and 2 write what they can write themselves. Keras 1 no longer runs: its files are made from Keras 2's
by giving the arrays the names that Keras 1 gave them, and where tf_keras still knows how to load such a file,
it must find the same values.

values.json     the parameters of the two small networks, as decimals that are exact in float32
*.h5            the files

make_order.py writes order.txt.
"""

import json
import os
import pathlib

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = ""

import h5py
import keras
import numpy as np
import tensorflow as tf
import tf_keras

HERE = pathlib.Path(__file__).parent
os.chdir(HERE)
tf.config.threading.set_intra_op_parallelism_threads(1)


def branched(k, named=True, top=True):
    """Two convolutions of one shape side by side, so that order matters; every kind of weight."""
    L = k.layers
    n = lambda name: {"name": name} if named else {}
    x = i = k.Input((6, 6, 3))
    x = L.Conv2D(4, 3, padding="same", use_bias=False, **n("stem"))(x)
    x = L.BatchNormalization(**n("stem_bn"))(x)
    x = L.ReLU()(x)
    x = L.DepthwiseConv2D(3, padding="same", **n("deep"))(x)
    left = L.Conv2D(4, 1, **n("left"))(x)
    right = L.Conv2D(4, 1, **n("right"))(x)
    x = L.Add()([right, left])
    x = L.BatchNormalization(scale=False, **n("last_bn"))(x)
    if top:
        x = L.GlobalAveragePooling2D()(x)
        x = L.Dense(2, activation="softmax", **n("predictions"))(x)
    return k.Model(i, x)


def flat(k, order="channels_last"):
    """What Keras 1 and Theano had: no depthwise convolution, a dense layer after a flattened picture."""
    L = k.layers
    first = order == "channels_first"
    return k.Sequential([
        k.Input((3, 4, 4) if first else (4, 4, 3)),
        L.Conv2D(2, 3, padding="same", activation="relu", data_format=order, name="conv1_1"),
        L.BatchNormalization(axis=1 if first else -1, name="bn_conv1"),
        L.MaxPooling2D(data_format=order),
        L.Flatten(),
        L.Dense(3, activation="softmax", name="fc"),
    ])


def fill(model, seed):
    """Values of three decimals; variances positive. Returns them as a record."""
    random = np.random.default_rng(seed)
    record = {}
    for layer in model.layers:
        values = []
        for weight in layer.weights:
            name = weight.name.split("/")[-1].split(":")[0]
            if name == "kernel" and type(layer).__name__ == "DepthwiseConv2D":
                name = "depthwise_kernel"
            low = 1 if name == "moving_variance" else -999
            numbers = random.integers(low, 1000, size=weight.shape)
            values.append((numbers / 1000).astype("float32"))
            record[f"{layer.name}/{name}"] = {
                "shape": list(weight.shape), "values": [int(v) / 1000 for v in numbers.ravel()]}
        layer.set_weights(values)
    return record


def copy(source, target):
    """Layer by layer in the order of model.layers, which is the same on both sides."""
    a = [l for l in source.layers if l.weights]
    b = [l for l in target.layers if l.weights]
    assert len(a) == len(b)
    for x, y in zip(a, b):
        y.set_weights(x.get_weights())


def group(file, layers, version, backend):
    """The legacy layout, from (layer, [(name, array)])."""
    file.attrs["layer_names"] = np.array([n.encode() for n, _ in layers])
    if version:
        file.attrs["keras_version"] = version
    if backend:
        file.attrs["backend"] = backend
    for layer, weights in layers:
        g = file.create_group(layer)
        g.attrs["weight_names"] = np.array([n.encode() for n, _ in weights]) if weights else []
        for name, value in weights:
            g.create_dataset(name, data=value)


def keras1(model, path, transposed=False, turned=False, backend=None):
    suffix = {"kernel": "W", "bias": "b", "gamma": "gamma", "beta": "beta",
              "moving_mean": "running_mean", "moving_variance": "running_std"}
    layers = []
    for layer in model.layers:
        weights = []
        for weight in layer.weights:
            parameter = weight.name.split("/")[-1].split(":")[0]
            value = np.asarray(weight)
            if value.ndim == 4 and turned:
                value = value[::-1, ::-1]
            if value.ndim == 4 and transposed:
                value = value.transpose(3, 2, 0, 1)
            if value.ndim == 2 and transposed:
                # Rows for channels x height x width, not height x width x channels (2 x 2 x 2 here).
                value = value.reshape(2, 2, 2, -1).transpose(2, 0, 1, 3).reshape(value.shape)
            weights.append((f"{layer.name}_{suffix[parameter]}:0", value))
        layers.append((layer.name, weights))
    with h5py.File(path, "w") as file:
        group(file, layers, None, backend)


def refused():
    """Files that lead elsewhere, or declare more than they hold: the same small layer, its kernel not in place."""
    def soft(g):
        g["kernel:0"] = h5py.SoftLink("/other")
    def external(g):
        g["kernel:0"] = h5py.ExternalLink("other.h5", "/kernel")
    def storage(g):
        g.create_dataset("kernel:0", (3, 3, 3, 4), "f4", external=[("other.bin", 0, 432)])
    def huge(g):
        g.create_dataset("kernel:0", (3, 3, 1 << 20, 1 << 16), "f4")
    for make in (soft, external, storage, huge):
        with h5py.File(f"refused_{make.__name__}.h5", "w") as file:
            group(file, [("stem", [])], "2.2.4", "tensorflow")
            file["stem"].attrs["weight_names"] = np.array([b"stem/kernel:0"])
            make(file["stem"].create_group("stem"))


refused()
values = {}
two = branched(tf_keras)
values["branched"] = fill(two, 1)
three = branched(keras)
copy(two, three)

two.save_weights("keras2_weights.h5")
two.save("keras2_model.h5")
two.save_weights("keras2.weights.h5")
three.save("keras3_model.h5")
three.save_weights("keras3.weights.h5")
from keras.src.legacy.saving import legacy_h5_format
with h5py.File("keras3_weights.h5", "w") as file:
    legacy_h5_format.save_weights_to_hdf5_group(file, three)

# Attributes too long for one piece, with the limit lowered so that they are.
from tf_keras.src.saving.legacy import hdf5_format
limit, hdf5_format.HDF5_OBJECT_HEADER_LIMIT = hdf5_format.HDF5_OBJECT_HEADER_LIMIT, 64
two.save_weights("keras2_pieces_weights.h5")
hdf5_format.HDF5_OBJECT_HEADER_LIMIT = limit
with h5py.File("keras2_pieces_weights.h5") as file:
    assert "layer_names" not in file.attrs and "layer_names1" in file.attrs

# The newer structures of HDF5, which Keras does not ask for.
with h5py.File("keras2_latest_weights.h5", "w", libver="latest") as file:
    hdf5_format.save_weights_to_hdf5_group(file, two)
    file.attrs["keras_version"] = "2.15.0"

# Names that Keras makes up, which go on counting in one process.
branched(tf_keras, named=False)
unnamed = branched(tf_keras, named=False)
copy(two, unnamed)
unnamed.save_weights("keras2_unnamed_weights.h5")

# A trunk inside a model, partly frozen, so that its weights are not stored layer by layer.
for k, number in ((tf_keras, 2), (keras, 3)):
    trunk = branched(k, top=False)
    i = k.Input((6, 6, 3))
    x = k.layers.GlobalAveragePooling2D()(trunk(i))
    nested = k.Model(i, k.layers.Dense(2, activation="softmax", name="predictions")(x))
    weighted = [l for l in two.layers if l.weights]
    for a, b in zip(weighted, [l for l in trunk.layers if l.weights]):
        b.set_weights(a.get_weights())
    nested.layers[-1].set_weights(weighted[-1].get_weights())
    trunk.get_layer("stem").trainable = False
    trunk.get_layer("left").trainable = False
    nested.save(f"keras{number}_nested_model.h5")
    nested.save_weights(f"keras{number}_nested.weights.h5")

small = flat(tf_keras)
values["flat"] = fill(small, 2)
keras1(small, "keras1_weights.h5")
keras1(small, "keras1_th_dim_ordering_tf_kernels.h5", transposed=True)
keras1(small, "keras1_th_dim_ordering_th_kernels.h5", transposed=True, turned=True)
keras1(small, "keras1_theano_weights.h5", turned=True, backend="theano")
check = flat(tf_keras)
check.load_weights("keras1_weights.h5")
assert all((a == b).all() for a, b in zip(small.get_weights(), check.get_weights()))
check = flat(tf_keras, "channels_first")
check.load_weights("keras1_th_dim_ordering_tf_kernels.h5")
from tf_keras.src.utils.layer_utils import convert_dense_weights_data_format
convert_dense_weights_data_format(check.get_layer("fc"), (2, 2, 2), "channels_last")
assert all((a == b).all() for a, b in zip(small.get_weights(), check.get_weights()))

for network in values.values():
    assert all(np.float32(v) == np.float32(str(v)) for e in network.values() for v in e["values"])
with open("values.json", "w") as file:
    json.dump(values, file, separators=(",", ":"))
