"""ONNX Runtime: all graph optimizations, which include its own blocked layout."""

import numpy as np
import onnxruntime

from peers import channels_last

FORMS = ["all optimizations"]


def session(path, threads):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


class Network:
    def __init__(self, stem, form, threads, batch):
        self.session = session(stem + ".onnx", threads)

    def feed(self, pixels):
        self.pixels = np.ascontiguousarray(pixels.transpose(0, 3, 1, 2))

    def run(self):
        (self.result,) = self.session.run(None, {"pixels": self.pixels})

    def output(self):
        return channels_last(self.result)
