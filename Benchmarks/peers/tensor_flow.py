"""TensorFlow: the exported Keras network as a graph with constant weights, and compiled by XLA."""

import os

os.environ.update(TF_CPP_MIN_LOG_LEVEL="3", CUDA_VISIBLE_DEVICES="")

import tensorflow as tf  # noqa: E402
from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2  # noqa: E402

FORMS = ["graph", "XLA"]


def function(stem, form, threads, batch):
    """The network as a function of `batch` preprocessed pictures; batch may be None for a graph."""
    _set_threads(threads)
    model = tf.saved_model.load(stem + ".tensorflow")
    shape = [batch, *model.signatures["serving_default"].structured_input_signature[1].popitem()[1].shape[1:]]
    serve = tf.function(model.serve, jit_compile=form == "XLA")
    concrete = serve.get_concrete_function(tf.TensorSpec(shape, tf.float32))
    if form == "XLA":
        return lambda pixels: serve(pixels)
    frozen = convert_variables_to_constants_v2(concrete)
    return lambda pixels: frozen(pixels)[0]


def _set_threads(threads):
    if not tf.config.threading.get_intra_op_parallelism_threads():
        tf.config.threading.set_intra_op_parallelism_threads(threads)
        tf.config.threading.set_inter_op_parallelism_threads(threads)


class Network:
    def __init__(self, stem, form, threads, batch):
        self.function = function(stem, form, threads, batch)

    def feed(self, pixels):
        self.pixels = tf.constant(pixels)

    def run(self):
        self.result = self.function(self.pixels)

    def output(self):
        return self.result.numpy()
