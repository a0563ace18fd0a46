"""ONNX Runtime, fed by Pillow on threads."""

import numpy as np

from folders import fed_by_pillow
from peers.onnx_runtime import session

FORMS = fed_by_pillow.FORMS


class Pipeline:
    def __init__(self, stem, form, threads, mode):
        self.form, self.mode = form, mode
        self.session = session(stem + "-features.onnx", threads)

    def features(self, paths):
        batches = fed_by_pillow.batches(paths, self.form, self.mode)
        return np.concatenate([self.session.run(None, {"pixels": pixels})[0] for pixels in batches])
