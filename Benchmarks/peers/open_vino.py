"""OpenVINO: a batch as one request on all threads, or as requests in parallel on a stream for each thread.

Precision is set to float32, because OpenVINO may choose bfloat16 where the processor has it.
"""

import numpy as np
import openvino

from peers import channels_last

FORMS = ["latency", "streams, shared out", "streams, one by one"]


def compiled(path, threads, streams, batch):
    core = openvino.Core()
    model = core.read_model(path)
    model.reshape([batch, *list(model.input(0).partial_shape)[1:]])
    hint = {"NUM_STREAMS": streams, "PERFORMANCE_HINT": "THROUGHPUT"} if streams > 1 else {"PERFORMANCE_HINT": "LATENCY"}
    options = {"INFERENCE_PRECISION_HINT": "f32", "INFERENCE_NUM_THREADS": threads, **hint}
    return core.compile_model(model, "CPU", options)


class Network:
    def __init__(self, stem, form, threads, batch):
        parts = {"latency": 1, "streams, shared out": min(threads, batch), "streams, one by one": batch}[form]
        if batch % parts:
            raise ValueError(f"{batch} pictures cannot be shared out to {parts} requests")
        self.compiled = compiled(stem + ".onnx", threads, min(threads, parts), batch // parts)
        self.requests = [self.compiled.create_infer_request() for _ in range(parts)]

    def feed(self, pixels):
        first = np.ascontiguousarray(pixels.transpose(0, 3, 1, 2))
        self.parts = np.split(first, len(self.requests))
        for request, part in zip(self.requests, self.parts):
            request.set_input_tensor(openvino.Tensor(part, shared_memory=True))

    def run(self):
        for request in self.requests:
            request.start_async()
        for request in self.requests:
            request.wait()

    def output(self):
        return channels_last(np.concatenate([request.get_output_tensor().data for request in self.requests]))
