"""Makes the files that the tests of feature files compare with, by NumPy and h5py: python3 make_golden.py

numpy 2.4.6, h5py 3.14.0. Values follow a formula that the tests compute too.
"""
import hashlib
import os

import h5py
import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))


def values(*shape):
    """Sixteenths up to +-8, exact in half precision; no two neighbours equal."""
    count = int(np.prod(shape))
    return (((np.arange(count) * 37) % 257 - 128) / 16).astype(np.float32).reshape(shape)


def path(name):
    return os.path.join(HERE, name)


np.save(path("vectors_f4.npy"), values(3, 5).astype("<f4"))
np.save(path("vectors_f2.npy"), values(3, 5).astype("<f2"))
np.save(path("maps_f4.npy"), values(3, 2, 1, 4).astype("<f4"))
np.save(path("labels.npy"), np.array([0, 1, 2], dtype="<i4"))

# A store as someone would write it with h5py who has read the description of the format.
with h5py.File(path("store.h5"), "w") as file:
    file.attrs["format"] = "graft features"
    file.attrs["format_version"] = 1
    file.attrs["architecture"] = "resnet50"
    file.attrs["weights"] = "resnet50_notop.h5"
    file.attrs["weights_digest"] = "md5:4d473c1dd8becc155b73f8504c6f6626"
    file.attrs["layers"] = ["conv1/relu", "avg_pool"]
    file.attrs["pooling"] = "none"
    file.attrs["preprocessing"] = "BGR"
    file.attrs["preprocessing_json"] = "{}"
    file.attrs["input_size"] = 224
    file.attrs["augmentation"] = "none"
    file.attrs["seed"] = "7"
    maps = values(3, 2, 1, 4).astype(np.float16)
    file.create_dataset("features/conv1:relu", data=maps, chunks=(2, 2, 1, 4), compression="gzip")
    file.create_dataset("features/avg_pool", data=values(3, 5).astype(np.float16))
    file["paths"] = ["a/ä.jpg", "b/1.jpg", "b/2.jpg"]
    file["digests"] = np.array([hashlib.sha256(b"%d" % i).hexdigest() for i in range(3)], dtype="S64")
    file["labels"] = np.array([0, 1, 1], dtype=np.int64)
    file["classes"] = ["a", "b"]
