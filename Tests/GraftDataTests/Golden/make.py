"""Writes evaluation.json, comparisons.json and temperatures.json: what scikit-learn and SciPy say of random and
degenerate predictions.

    pip install scikit-learn==1.9.1 && python make.py
"""

import json
import pathlib

import numpy as np
from scipy import stats
from sklearn import metrics
from sklearn.calibration import _TemperatureScaling, calibration_curve

BINS = 15

random = np.random.default_rng(7)


def curves(scores, positive):
    """One class against the rest; None where scikit-learn warns that a figure is not defined."""
    found = {"rocArea": None, "roc": None, "averagePrecision": None, "precisionRecall": None}
    if not positive.any():
        return found
    precision, recall, thresholds = metrics.precision_recall_curve(positive, scores, drop_intermediate=True)
    found["averagePrecision"] = metrics.average_precision_score(positive, scores)
    found["precisionRecall"] = [recall.tolist(), precision.tolist(), thresholds.tolist()]
    if not positive.all():
        fpr, tpr, thresholds = metrics.roc_curve(positive, scores)
        found["rocArea"] = metrics.roc_auc_score(positive, scores)
        found["roc"] = [fpr.tolist(), tpr.tolist(), thresholds[1:].tolist()]
    return found


def calibration(confidence, right):
    """Expected and largest calibration error from scikit-learn's calibration curve."""
    accuracy, mean = calibration_curve(right, confidence, n_bins=BINS)
    bins = np.searchsorted(np.linspace(0, 1, BINS + 1)[1:-1], confidence)
    counts = np.bincount(bins, minlength=BINS)
    gaps = np.abs(accuracy - mean)
    return {
        "counts": counts.tolist(),
        "accuracy": accuracy.tolist(),
        "confidence": mean.tolist(),
        "expectedError": float(np.sum(gaps * counts[counts > 0]) / counts.sum()),
        "maximumError": float(gaps.max()),
    }


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
    wide = probabilities.astype(np.float64)
    averages = {
        kind: metrics.precision_recall_fscore_support(truth, predicted, labels=labels, average=kind, zero_division=0)[:3]
        for kind in ("macro", "weighted")
    }
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
        "macro": averages["macro"],
        "weighted": averages["weighted"],
        # brier_score_loss insists on rows that add up to 1, which rounded ones do not; this is its formula.
        "brier": float(np.mean(np.sum((wide - np.eye(classes)[truth]) ** 2, axis=1))),
        "calibration": calibration(wide.max(1), predicted == truth),
        "curves": [curves(probabilities[:, k], truth == k) for k in range(classes)],
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
    # Eighths, so that rows add up to 1 in 32 bits, and many scores and confidences are equal.
    judge("ties", random.multinomial(8, np.full(3, 1 / 3), 40) / 8, random.integers(0, 3, 40)),
    judge("all of one class", random.multinomial(8, np.full(3, 1 / 3), 9) / 8, np.full(9, 1)),
]
# Rows that add up to 1: scikit-learn's own Brier score.
for case in golden[-3:]:
    wide = np.array(case["probabilities"]).reshape(-1, case["classes"])
    own = metrics.brier_score_loss(case["truth"], wide, labels=np.arange(case["classes"]), scale_by_half=False)
    assert abs(own - case["brier"]) < 1e-15, (own, case["brier"])


def compare(first, second):
    """McNemar's test: exact below 25, chi-square with the correction for continuity from there on."""
    count = first + second
    if count < 25:
        p = 1.0 if count == 0 else stats.binomtest(first, count, 0.5).pvalue
        return {"first": first, "second": second, "statistic": None, "p": p}
    statistic = max(abs(first - second) - 1, 0) ** 2 / count
    return {"first": first, "second": second, "statistic": statistic, "p": float(stats.chi2.sf(statistic, 1))}


comparisons = [
    compare(*pair)
    for pair in [(0, 0), (1, 0), (3, 3), (2, 9), (24, 0), (12, 12), (13, 12), (25, 0), (40, 61), (300, 180), (5, 500)]
]


def heat(name, logits, truth):
    """scikit-learn's temperature, as the divisor."""
    logits = logits.astype(np.float32)
    scaling = _TemperatureScaling().fit(logits.astype(np.float64), truth)
    return {
        "name": name,
        "classes": logits.shape[1],
        "logits": [float(str(x)) for x in logits.ravel()],
        "truth": truth.tolist(),
        "temperature": float(1 / scaling.beta_),
        "logLoss": float(metrics.log_loss(truth, scaling.predict(logits.astype(np.float64)), labels=np.arange(logits.shape[1]))),
    }


def logits(rows, classes, scale):
    truth = np.concatenate([np.arange(classes), random.integers(0, classes, rows - classes)])
    values = random.normal(size=(rows, classes))
    values[np.arange(rows), truth] += 1.5
    return np.round(scale * values, 4), truth


temperatures = [
    heat("too sure", *logits(60, 4, 3)), heat("not sure enough", *logits(50, 6, 0.3)), heat("about right", *logits(40, 3, 1)),
]
for name, content in [("evaluation", golden), ("comparisons", comparisons), ("temperatures", temperatures)]:
    path = pathlib.Path(__file__).parent / f"{name}.json"
    path.write_text(json.dumps(content, separators=(",", ":")) + "\n")
