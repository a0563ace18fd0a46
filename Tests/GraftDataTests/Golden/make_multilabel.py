"""Writes multilabel.json: scikit-learn's figures for random and degenerate predictions of several labels.

    pip install scikit-learn==1.9.1 && python make_multilabel.py
"""

import json
import pathlib

import numpy as np
from sklearn import metrics

random = np.random.default_rng(11)


def judge(name, probabilities, truth, thresholds):
    probabilities = probabilities.astype(np.float32)
    given = probabilities >= np.array(thresholds, np.float32)
    precision, recall, f1, support = metrics.precision_recall_fscore_support(truth, given, average=None, zero_division=0)
    average = [
        metrics.average_precision_score(truth[:, i], probabilities[:, i]) if truth[:, i].any() else None
        for i in range(truth.shape[1])
    ]
    known = [value for value in average if value is not None]
    return {
        "name": name,
        "labels": truth.shape[1],
        "thresholds": thresholds,
        "probabilities": [float(str(p)) for p in probabilities.ravel()],
        "truth": [np.flatnonzero(row).tolist() for row in truth],
        "precision": precision.tolist(),
        "recall": recall.tolist(),
        "f1": f1.tolist(),
        "support": support.tolist(),
        "averagePrecision": average,
        "meanAveragePrecision": float(np.mean(known)) if known else 0.0,
        "microF1": metrics.f1_score(truth, given, average="micro", zero_division=0),
        "macroF1": metrics.f1_score(truth, given, average="macro", zero_division=0),
        "exactMatch": metrics.accuracy_score(truth, given),
    }


def drawn(rows, labels, digits):
    truth = random.random((rows, labels)) < np.linspace(0.1, 0.8, labels)
    scores = 0.3 * truth + 0.7 * random.random((rows, labels))
    # Few digits make many equal scores.
    return np.round(scores, digits), truth.astype(int)


many, truth = drawn(80, 6, 5)
equal, equal_truth = drawn(60, 4, 1)
lacking, lacking_truth = drawn(30, 5, 3)
lacking_truth[:, 2] = 0
lacking[:, 4] *= 0.4
golden = [
    judge("six labels", many, truth, [0.5] * 6),
    judge("equal scores", equal, equal_truth, [0.5, 0.4, 0.6, 0.3]),
    judge("one label without pictures, one never given", lacking, lacking_truth, [0.5] * 5),
    judge("one row", np.array([[0.2, 0.9, 0.5]]), np.array([[0, 1, 1]]), [0.5] * 3),
]
path = pathlib.Path(__file__).parent / "multilabel.json"
path.write_text(json.dumps(golden, separators=(",", ":")) + "\n")
