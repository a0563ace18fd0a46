"""Whether the programs compute the same."""

import glob
import os

import h5py
import numpy as np

from contest import AGREEMENT
from contestants import ContestError


def features(path):
    """The features of a store of Graft's, in the order of the pictures' paths."""
    with h5py.File(path) as file:
        order = np.argsort(file["paths"].asstr()[()])
        (layer,) = file["features"]
        return file["features"][layer][()][order]


def graft_output(graft, network, folder):
    """What Graft's network gives for the pictures that the others get as pixels."""
    pictures = sorted(glob.glob(os.path.join(folder, "checked", "*.png")))
    weights = network.path(folder, ".h5")
    if not network.top:
        output = os.path.join(folder, "checked.h5")
        graft.extract(pictures, weights, output, "--pooling", "none", "--resize", "crop")
        return features(output)
    classes = 1000
    predictions = graft.predict(pictures, weights, "--top", classes, "--resize", "crop")
    result = np.full((len(pictures), classes), np.nan, np.float32)
    for row, path in enumerate(pictures):
        for prediction in predictions[path]:
            result[row, prediction["index"]] = prediction["probability"]
    return result


def difference(name, found, expected):
    """The largest difference as a fraction of the largest magnitude; an error if the programs do not agree."""
    if found.shape != expected.shape:
        raise ContestError(f"{name} gives an output of shape {found.shape} where Graft gives {expected.shape}")
    largest = float(np.abs(found - expected).max() / np.abs(expected).max())
    if not largest <= AGREEMENT:
        raise ContestError(f"{name} differs from Graft by {largest:.1e}, more than {AGREEMENT:.0e}: not comparable")
    return largest
