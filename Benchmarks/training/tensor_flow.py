"""Fine-tuning as Keras's guide on transfer learning does it; prints the seconds of each epoch as JSON.

usage: tensor_flow.py STEM PICTURES THREADS FIRST EPOCHS BATCH MODE

FIRST is the first layer that trains. Decoded pictures are kept from the first epoch on, as in the guide; what comes
before FIRST runs forward at every epoch.
"""

import json
import os
import sys
import time

os.environ.update(KERAS_BACKEND="tensorflow", TF_CPP_MIN_LOG_LEVEL="3", CUDA_VISIBLE_DEVICES="")

import keras  # noqa: E402
import tensorflow as tf  # noqa: E402

from contest import SIDE  # noqa: E402

RATE = 1e-4


class Clock(keras.callbacks.Callback):
    def __init__(self):
        super().__init__()
        self.seconds = []

    def on_epoch_begin(self, epoch, logs=None):
        self.started = time.monotonic()

    def on_epoch_end(self, epoch, logs=None):
        self.seconds.append(time.monotonic() - self.started)


def network(stem, first, classes):
    name = os.path.basename(stem)
    trunk = getattr(keras.applications, name)(
        weights=None, include_top=False, input_shape=(SIDE, SIDE, 3), pooling="avg"
    )
    trunk.load_weights(stem + "-features.h5")
    names = [layer.name for layer in trunk.layers]
    for layer in trunk.layers[: names.index(first)]:
        layer.trainable = False
    inputs = keras.Input((SIDE, SIDE, 3))
    logits = keras.layers.Dense(classes)(trunk(inputs, training=False))
    return keras.Model(inputs, logits)


def main():
    stem, folder, threads, first, epochs, batch, mode = sys.argv[1:]
    tf.config.threading.set_intra_op_parallelism_threads(int(threads))
    tf.config.threading.set_inter_op_parallelism_threads(int(threads))
    keras.utils.set_random_seed(1)
    pictures = keras.utils.image_dataset_from_directory(
        folder, image_size=(SIDE, SIDE), batch_size=None, crop_to_aspect_ratio=True, shuffle=False, verbose=False
    )
    module = keras.applications.resnet50 if mode == "caffe" else keras.applications.mobilenet_v2
    prepared = pictures.map(lambda x, y: (module.preprocess_input(x), y), tf.data.AUTOTUNE).cache()
    batches = prepared.shuffle(1024, seed=1).batch(int(batch)).prefetch(tf.data.AUTOTUNE)
    model = network(stem, first, len(pictures.class_names))
    model.compile(
        keras.optimizers.Adam(RATE), keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    )
    clock = Clock()
    history = model.fit(batches, epochs=int(epochs), verbose=0, callbacks=[clock])
    print(json.dumps({"seconds": clock.seconds, "losses": history.history["loss"]}), flush=True)


if __name__ == "__main__":
    main()
