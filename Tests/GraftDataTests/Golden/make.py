"""Writes evaluation.json: scikit-learn's figures for random and degenerate predictions.

    pip install scikit-learn==1.9.1 && python make.py
"""

import json
import pathlib

import numpy as np
from sklearn import metrics

random = np.random.default_rng(7)


def judge(name, probabilities, truth):
    probabilities = probabilities.astype(np.float32)
    rows, classes = probabilities.shape
    labels = np.arange(classes)
    predicted = probabilities.argmax(1)
    epsilon = np.finfo(np.float32).eps
    own = np.clip(probabilities[np.arange(rows), truth], epsilon, 1 - epsilon).astype(np.float64)
    precision, recall, f1, support = metrics.precision_recall_fscore_support(
        truth, predicted, labels=labels, zero_division=0)
    top = min(5, classes)
    return {
        "name": name,
        "classes": classes,
        "probabilities": [float(str(p)) for p in probabilities.ravel()],
        "truth": truth.tolist(),
        "accuracy": metrics.accuracy_score(truth, predicted),
        "topAccuracy": 1.0 if top == classes else metrics.top_k_accuracy_score(
            truth, probabilities, k=top, labels=labels),
        # log_loss adds up in 32 bits; this is its formula in 64.
        "logLoss": float(-np.log(own).mean()),
        "balancedAccuracy": metrics.balanced_accuracy_score(truth, predicted),
        "macroF1": metrics.f1_score(truth, predicted, labels=labels, average="macro", zero_division=0),
        "precision": precision.tolist(),
        "recall": recall.tolist(),
        "f1": f1.tolist(),
        "support": support.tolist(),
        "confusion": metrics.confusion_matrix(truth, predicted, labels=labels).tolist(),
    }


def probabilities(rows, classes, never=None):
    values = random.dirichlet(np.full(classes, 0.4), rows)
    if never is not None:
        values[:, never] *= 1e-3
    return np.round(values + 1e-5 * random.random((rows, classes)), 5)


likely = probabilities(60, 8, never=3)
golden = [
    # Class 3 is never predicted, class 7 does not occur.
    judge("eight classes", likely, np.where(random.random(60) < 0.5, likely.argmax(1), random.integers(0, 7, 60)) % 7),
    judge("two classes", probabilities(25, 2), random.integers(0, 2, 25)),
    judge("one row", probabilities(1, 6), np.array([4])),
    judge("sure and wrong", np.eye(6)[[0, 1, 2, 2]], np.array([0, 1, 2, 1])),
]
path = pathlib.Path(__file__).parent / "evaluation.json"
path.write_text(json.dumps(golden, separators=(",", ":")) + "\n")
