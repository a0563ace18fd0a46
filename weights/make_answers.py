"""Writes answers.json: what real Keras computes with known weight files for the picture that Graft has built in.

usage: make_answers.py FOLDER, with Tests/Parity/requirements.txt installed; the folder holds weight files of Keras.
"""

import hashlib
import json
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "Tests", "Parity"))

import keras  # noqa: E402
import numpy as np  # noqa: E402

import networks  # noqa: E402

VALUES = 16
# By file name: the network, the picture's side, "top" or the pooling, and the layer that a file ends with.
FILES = {
    "default.h5": ("mobilenet_0.25", 128, "average", None),
    "mobilenet_2_5_224_tf_no_top.h5": ("mobilenet_0.25", 224, "average", None),
    "mobilenet_2_5_224_tf.h5": ("mobilenet_0.25", 224, "top", None),
    "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_224_no_top.h5": ("mobilenetv2_1.0", 224, "average", None),
    "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_224.h5": ("mobilenetv2_1.0", 224, "top", None),
    "vgg16_weights_tf_dim_ordering_tf_kernels_up_to_block3_conv2.h5": ("vgg16", 224, "average", "block3_conv2"),
}


def picture(size):
    """As KnownAnswer.picture in Sources/Graft/KnownAnswer.swift."""
    y, x, channel = np.mgrid[:size, :size, :3]
    return ((7 * x + 13 * y + 29 * channel + 5 * (x * y % 31)) % 256).astype(np.uint8)


def answer(path):
    name, size, top, last = FILES[os.path.basename(path)]
    model = networks.build(name, (size, size), top)
    if last:
        model = keras.Model(model.input, keras.layers.GlobalAveragePooling2D()(model.get_layer(last).output))
    model.load_weights(path)
    result = model(networks.preprocess(name, picture(size)[None]), training=False).numpy()[0]
    places = np.argsort(-result)[:VALUES]
    with open(path, "rb") as file:
        digest = hashlib.sha256(file.read()).hexdigest()
    return {
        "file": os.path.basename(path), "sha256": digest, "size": size, "largest": float(result.max()),
        "places": places.tolist(), "values": [float(value) for value in result[places]],
    }


def main():
    folders = [HERE, *sys.argv[1:]]
    paths = [os.path.join(folder, name) for name in FILES for folder in folders]
    answers = [answer(path) for path in paths if os.path.isfile(path)]
    with open(os.path.join(HERE, "answers.json"), "w") as file:
        json.dump(answers, file, indent=1)
        file.write("\n")


main()
