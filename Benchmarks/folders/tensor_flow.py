"""TensorFlow, fed by tf.data."""

import numpy as np

from contest import SIDE
from folders import BATCH
from peers.tensor_flow import function, tf
from photos import CAFFE_MEANS, SHORTER_SIDE

FORMS = ["graph"]


def resized(picture, size, rounds):
    """The picture in another size: at once, or as Pillow does it, first in width and rounded after each step."""
    if not rounds:
        return tf.image.resize(picture, size, antialias=True)
    for step in ([tf.shape(picture)[0], size[1]], size):
        picture = tf.floor(tf.image.resize(picture, step, antialias=True) + 0.5)
    return picture


def read(path, mode, rounds):
    picture = tf.io.decode_jpeg(tf.io.read_file(path), channels=3, dct_method="INTEGER_ACCURATE")
    height, width = tf.shape(picture)[0], tf.shape(picture)[1]
    shorter = tf.minimum(height, width)
    height, width = height * SHORTER_SIDE // shorter, width * SHORTER_SIDE // shorter
    picture = resized(picture, [height, width], rounds)
    # Halves are rounded to even, as Python does.
    top, left = (tf.cast(tf.round((n - SIDE) / 2), tf.int32) for n in (height, width))
    picture = picture[top : top + SIDE, left : left + SIDE]
    picture = tf.ensure_shape(picture, [SIDE, SIDE, 3])
    return picture[..., ::-1] - CAFFE_MEANS if mode == "caffe" else picture / 127.5 - 1


class Pipeline:
    def __init__(self, stem, form, threads, mode):
        self.threads, self.mode = threads, mode
        self.function = function(stem + "-features", form, threads, None)

    def features(self, paths, rounds=False):
        pictures = tf.data.Dataset.from_tensor_slices(paths)
        pictures = pictures.map(lambda path: read(path, self.mode, rounds), num_parallel_calls=tf.data.AUTOTUNE)
        options = tf.data.Options()
        options.threading.private_threadpool_size = self.threads
        batches = pictures.batch(BATCH).prefetch(tf.data.AUTOTUNE).with_options(options)
        return np.concatenate([self.function(batch).numpy() for batch in batches])

    def checked_features(self, paths):
        """What is compared: networks of random weights enlarge the difference that rounding makes."""
        return self.features(paths, rounds=True)
