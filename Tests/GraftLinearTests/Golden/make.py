"""Writes logistic.json: what scikit-learn's logistic regression finds on small data sets.

    pip install scikit-learn==1.9.1 && python make.py
"""

import json
import pathlib

import numpy as np
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler


def drawn(rows, width, classes):
    """Features and classes by a formula; LogisticGolden.swift has it too."""
    i, d = np.mgrid[0:rows, 0:width]
    features = ((i * i * 37 + i * d * 13 + d * 101) % 97).astype(np.float64)
    features[:, 1] = features[:, 1] * 1024 + 16384
    features[:, 2] /= 4096
    features[:, 3] = 0.1
    labels = (np.arange(rows) * 7 + (features[:, 0] > 48) * np.arange(rows)) % classes
    return features.astype(np.float32), labels


def fit(name, features, labels, l2):
    features = features.astype(np.float64)
    rows, classes = len(features), labels.max() + 1
    scaler = StandardScaler().fit(features)
    z = scaler.transform(features)
    # Two classes: scikit-learn fits the difference of the two weights, whose squared norm is twice the sum of theirs.
    strength = (2 if classes == 2 else 1) / (rows * l2)
    model = LogisticRegression(C=strength, solver="newton-cholesky", tol=1e-13, max_iter=1000).fit(z, labels)
    weights, biases = model.coef_.T, model.intercept_
    if classes == 2:
        weights, biases = np.hstack([-weights / 2, weights / 2]), np.array([-biases[0] / 2, biases[0] / 2])
    biases = biases - biases.mean()
    logits = z @ weights + biases
    top = logits.max(1)
    losses = np.log(np.exp(logits - top[:, None]).sum(1)) + top - logits[np.arange(rows), labels]
    residuals = np.exp(logits - top[:, None] - np.log(np.exp(logits - top[:, None]).sum(1))[:, None])
    residuals[np.arange(rows), labels] -= 1
    gradient = z.T @ residuals / rows + l2 * weights
    assert abs(gradient).max() < 1e-9, abs(gradient).max()
    kernel = weights / scaler.scale_[:, None]
    return {
        "name": name,
        "rows": rows,
        "classes": int(classes),
        "width": features.shape[1],
        "l2": l2,
        "objective": losses.mean() + l2 / 2 * (weights**2).sum(),
        "logLoss": losses.mean(),
        "kernel": kernel.ravel().tolist(),
        "bias": (biases - scaler.mean_ @ kernel).tolist(),
    }


iris = load_iris()
cases = [fit("iris", iris.data.astype(np.float32), iris.target, l2) for l2 in (1.0, 1e-2, 1e-5)]
cases += [fit("drawn", *drawn(60, 5, 2), l2) for l2 in (0.1, 1e-3)]
cases += [fit("drawn", *drawn(90, 9, 4), l2) for l2 in (0.5, 1e-3)]
cases += [fit("drawn", *drawn(20, 30, 3), l2) for l2 in (0.1, 1e-2)]
golden = {"iris": iris.data.ravel().round(1).tolist(), "cases": cases}
path = pathlib.Path(__file__).parent / "logistic.json"
path.write_text(json.dumps(golden, separators=(",", ":")) + "\n")
