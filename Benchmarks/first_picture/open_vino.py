"""usage: open_vino.py STEM THREADS PICTURE MODE; prints the number of the first class.

The compiled network is kept in a cache folder beside its file, so that later starts are faster.
"""

import sys

import openvino

from picture import channels_first

stem, threads, path, mode = sys.argv[1:]
options = {
    "CACHE_DIR": stem + ".cache",
    "INFERENCE_NUM_THREADS": int(threads),
    "INFERENCE_PRECISION_HINT": "f32",
    "PERFORMANCE_HINT": "LATENCY",
}
core = openvino.Core()
compiled = core.compile_model(stem + ".onnx", "CPU", options)
probabilities = compiled(channels_first(path, mode))[0]
print(probabilities.argmax(), flush=True)
