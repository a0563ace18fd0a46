"""Batches that Pillow reads on threads of its own while a network computes."""

from collections import deque
from concurrent.futures import ThreadPoolExecutor

import numpy as np

import photos
from folders import BATCH

FORMS = ["1 reading thread", "2 reading threads"]
# Batches that are read ahead.
AHEAD = 3


def batches(paths, form, mode):
    """Preprocessed batches, channels first, in order."""

    def read(some):
        return photos.channels_first(np.stack([photos.preprocessed(photos.prepared(path), mode) for path in some]))

    shares = [paths[i : i + BATCH] for i in range(0, len(paths), BATCH)]
    with ThreadPoolExecutor(int(form[0])) as pool:
        coming = deque(pool.submit(read, share) for share in shares[:AHEAD])
        for share in shares[AHEAD:]:
            yield coming.popleft().result()
            coming.append(pool.submit(read, share))
        while coming:
            yield coming.popleft().result()
