"""Writes the networks with random weights in every program's form, and the pictures. Runs in a process of its own.

usage: prepare.py FOLDER PICTURES NETWORK...
"""

import glob
import hashlib
import os
import sys

os.environ.update(KERAS_BACKEND="tensorflow", TF_CPP_MIN_LOG_LEVEL="3", CUDA_VISIBLE_DEVICES="")
HERE = os.path.dirname(os.path.abspath(__file__))
# Random weights that keep activations in bounds are those of the comparison with Keras.
PARITY = os.path.join(HERE, "..", "Tests", "Parity")

import numpy as np  # noqa: E402
from PIL import Image  # noqa: E402

import photos  # noqa: E402
from contest import NETWORKS, SIDE  # noqa: E402

CHECKED = 4


def digest():
    """Of the programs that make the files, so that old files are not taken for new ones."""
    sources = sorted(glob.glob(os.path.join(HERE, "*.py"))) + [os.path.join(PARITY, "weights.py")]
    converters = ("keras_layers.py", "keras_to_onnx.py", "keras_to_torch.py", "onnx_to_torch.py")
    wanted = ("prepare.py", "weights.py", "contest.py", *converters)
    total = hashlib.sha256()
    for path in sources:
        if os.path.basename(path) in wanted:
            with open(path, "rb") as file:
                total.update(file.read())
    return total.hexdigest()


def write_checked_pictures(folder):
    """Pictures of the networks' size, without loss, on which outputs are compared."""
    os.makedirs(os.path.join(folder, "checked"), exist_ok=True)
    pixels = np.stack([photos.draw(1000 + number, SIDE, SIDE) for number in range(CHECKED)])
    for number, picture in enumerate(pixels):
        Image.fromarray(picture).save(os.path.join(folder, "checked", f"{number}.png"))
    return pixels


def write_network(network, folder, pixels):
    import keras
    import onnx
    import torch

    import keras_to_onnx
    import keras_to_torch
    import onnx_to_torch

    sys.path.append(PARITY)
    import weights

    keras.utils.clear_session()
    build = getattr(keras.applications, network.name)
    inputs = photos.preprocessed(pixels, network.preprocessing)
    np.save(network.path(folder, "-pixels.npy"), inputs)
    model = build(weights=None, include_top=network.top, input_shape=(SIDE, SIDE, 3))
    weights.randomize(model, inputs, seed=1)
    weights.save_legacy(model, network.path(folder, ".h5"))
    features = build(weights=None, include_top=False, input_shape=(SIDE, SIDE, 3), pooling="avg")
    weights.copy(model, features)
    weights.save_legacy(features, network.features_path(folder, ".h5"))
    for form, path in ((model, network.path), (features, network.features_path)):
        torch.save(keras_to_torch.convert(form), path(folder, "-training.torch"))
        form.export(path(folder, ".tensorflow"), verbose=False)
        converted = keras_to_onnx.convert(form)
        onnx.save(converted, path(folder, ".onnx"))
        torch.save(onnx_to_torch.convert(converted), path(folder, ".torch"))


def main():
    folder, pictures, *names = sys.argv[1:]
    os.makedirs(folder, exist_ok=True)
    photos.write_folder(os.path.join(folder, "pictures"), int(pictures))
    pixels = write_checked_pictures(folder)
    stamp = digest()
    for name in names:
        network = NETWORKS[name]
        done = network.path(folder, ".digest")
        if os.path.exists(done) and open(done).read() == stamp:
            continue
        print(f"preparing {name}", flush=True)
        write_network(network, folder, pixels)
        with open(done, "w") as file:
            file.write(stamp)


if __name__ == "__main__":
    main()
