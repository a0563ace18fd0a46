"""usage: tensor_flow.py STEM THREADS PICTURE MODE; prints the number of the first class."""

import os
import sys

os.environ.update(TF_CPP_MIN_LOG_LEVEL="3", CUDA_VISIBLE_DEVICES="")

import tensorflow as tf  # noqa: E402

from picture import channels_last  # noqa: E402

stem, threads, path, mode = sys.argv[1:]
tf.config.threading.set_intra_op_parallelism_threads(int(threads))
model = tf.saved_model.load(stem + ".tensorflow")
print(int(tf.argmax(model.serve(tf.constant(channels_last(path, mode)))[0])), flush=True)
