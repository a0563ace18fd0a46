"""Writes feature stores as `graft extract` would, of features from elsewhere; see Documentation/feature-store.md."""

import base64
import hashlib

import h5py
import numpy as np

LAYER = "features"


def create(path, shape, labels, classes, dtype=np.float32):
    """A store whose features are still to be written: the open file and the dataset for them."""
    file = h5py.File(path, "w")
    text = {
        "format": "graft features",
        "architecture": "none",
        "weights": "none",
        "weights_digest": "0" * 64,
        "pooling": "avg",
        "preprocessing": "none",
        "preprocessing_json": "{}",
        "augmentation": "none",
        "seed": "0",
    }
    for name, value in text.items():
        file.attrs[name] = np.bytes_(value)
    file.attrs["format_version"] = 1
    file.attrs["input_size"] = 1
    file.attrs["layers"] = np.array([LAYER], dtype="S")
    rows = shape[0]
    file["paths"] = np.array([f"row {row}" for row in range(rows)], dtype="S")
    file["digests"] = np.array([hashlib.sha256(b"%d" % row).hexdigest() for row in range(rows)], dtype="S64")
    file["labels"] = np.asarray(labels, dtype=np.int32)
    file["classes"] = np.array([f"class {name}" for name in range(classes)], dtype="S")
    # As graft extract does for large stores: chunks of about 256 KB.
    size = np.dtype(dtype).itemsize
    chunk = (max(1, min(rows, (256 << 10) // (shape[1] * size))), shape[1])
    dataset = file.create_dataset(f"features/{LAYER}", shape, dtype=dtype, chunks=chunk)
    dataset.attrs["layer"] = np.bytes_(LAYER)
    return file, dataset


def write(path, features, labels):
    """A store of an array of features, N x D, and class numbers from 0 on."""
    file, dataset = create(path, features.shape, labels, int(max(labels)) + 1, features.dtype)
    dataset[...] = features
    file.close()


def classifier(written, mean, scale):
    """Weights (D x C) and biases for standardized features of a classifier that graft fit wrote as JSON, before they were
    divided by the temperature."""
    kernel, bias = (np.frombuffer(base64.b64decode(written[name]), "<f8") for name in ("kernel", "bias"))
    kernel = kernel.reshape(written["width"], -1)
    temperature = written["training"].get("temperature", 1)
    return kernel * scale[:, None] * temperature, (bias + mean @ kernel) * temperature
