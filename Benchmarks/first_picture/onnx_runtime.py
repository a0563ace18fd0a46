"""usage: onnx_runtime.py STEM THREADS PICTURE MODE; prints the number of the first class."""

import sys

import onnxruntime

from picture import channels_first

stem, threads, path, mode = sys.argv[1:]
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = int(threads)
session = onnxruntime.InferenceSession(stem + ".onnx", options, providers=["CPUExecutionProvider"])
(probabilities,) = session.run(None, {"pixels": channels_first(path, mode)})
print(probabilities.argmax(), flush=True)
