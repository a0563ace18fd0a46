"""One picture for the scripts of this folder."""

import os
import sys

import numpy as np

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))

import photos  # noqa: E402


def channels_last(path, mode):
    return photos.preprocessed(photos.prepared(path), mode)[np.newaxis]


def channels_first(path, mode):
    return photos.channels_first(channels_last(path, mode))
