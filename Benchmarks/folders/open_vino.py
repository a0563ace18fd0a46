"""OpenVINO, fed by Pillow on threads; a batch is shared out to a stream for each thread."""

import numpy as np
import openvino

from folders import BATCH, fed_by_pillow
from peers.open_vino import compiled

FORMS = fed_by_pillow.FORMS


class Pipeline:
    def __init__(self, stem, form, threads, mode):
        self.form, self.mode = form, mode
        self.compiled = compiled(stem + "-features.onnx", threads, threads, 1)
        self.requests = [self.compiled.create_infer_request() for _ in range(BATCH)]

    def features(self, paths):
        results = []
        for pixels in fed_by_pillow.batches(paths, self.form, self.mode):
            requests = self.requests[: len(pixels)]
            for request, picture in zip(requests, pixels):
                request.set_input_tensor(openvino.Tensor(picture[None], shared_memory=True))
                request.start_async()
            for request in requests:
                request.wait()
                results.append(request.get_output_tensor().data.copy())
        return np.concatenate(results)
