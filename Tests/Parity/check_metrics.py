"""The figures of `graft evaluate`, with scikit-learn on the other side; calibrated models opened by Keras."""

import json
import os

import keras
import numpy as np
from scipy import stats
from sklearn import metrics
from sklearn.calibration import calibration_curve

import limits

PICTURES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../examples/pictures")
BINS = 15


def truth_of(path, classes):
    return classes.index(os.path.basename(os.path.dirname(path)))


def probabilities(graft, model, classes, *options):
    """Paths, and what `graft predict` gives each class."""
    answer = json.loads(graft.run("predict", os.path.join(PICTURES, "val"), "--model", model, "--json", "--top", len(classes), *options))
    table = np.zeros((len(answer), len(classes)), np.float32)
    for row, entry in enumerate(answer):
        for prediction in entry["predictions"]:
            table[row, prediction["index"]] = prediction["probability"]
    return [entry["path"] for entry in answer], table


def expected_figures(p, truth):
    """What scikit-learn says of probabilities in 32 bits."""
    labels = np.arange(p.shape[1])
    predicted = p.argmax(1)
    wide = p.astype(np.float64)
    own = np.clip(p[np.arange(len(p)), truth], np.finfo(np.float32).eps, 1 - np.finfo(np.float32).eps)
    confidence, right = wide.max(1), predicted == truth
    accuracy, mean = calibration_curve(right, confidence, n_bins=BINS)
    counts = np.bincount(np.searchsorted(np.linspace(0, 1, BINS + 1)[1:-1], confidence), minlength=BINS)
    shares = counts[counts > 0] / counts.sum()
    score = lambda kind: metrics.precision_recall_fscore_support(truth, predicted, labels=labels, average=kind, zero_division=0)
    figures = {
        "top1": metrics.accuracy_score(truth, predicted),
        "top5": metrics.top_k_accuracy_score(truth, p, k=5, labels=labels),
        "balancedAccuracy": metrics.balanced_accuracy_score(truth, predicted),
        "logLoss": float(-np.log(own.astype(np.float64)).mean()),
        "brier": float(np.mean(np.sum((wide - np.eye(len(labels))[truth]) ** 2, axis=1))),
        "reliability.expectedCalibrationError": float(np.sum(shares * np.abs(accuracy - mean))),
        "reliability.maximumCalibrationError": float(np.max(np.abs(accuracy - mean))),
        "rocArea": float(np.mean([metrics.roc_auc_score(truth == k, p[:, k]) for k in labels])),
        "averagePrecision": float(np.mean([metrics.average_precision_score(truth == k, p[:, k]) for k in labels])),
    }
    for kind in ("macro", "weighted"):
        for name, value in zip(("precision", "recall", "f1"), score(kind)):
            figures[f"{kind}.{name}"] = value
    for name, values in zip(("precision", "recall", "f1", "support"), score(None)):
        for k in labels:
            figures[f"perClass.{k}.{name}"] = values[k]
    return figures


def look_up(answer, path):
    for step in path.split("."):
        answer = answer[int(step)] if isinstance(answer, list) else answer[step]
    return answer


def check_figures(report, answer, p, truth):
    expected = expected_figures(p, truth)
    errors = {path: abs(look_up(answer, path) - value) for path, value in expected.items()}
    worst = max(errors, key=errors.get)
    what = f"{len(errors)} figures, worst {worst}"
    report.line(errors[worst] <= limits.METRICS, "metrics", what, float(errors[worst]), limits.METRICS)
    same = np.array_equal(answer["confusion"], metrics.confusion_matrix(truth, p.argmax(1), labels=np.arange(p.shape[1])))
    report.line(same, "metrics", "confusion matrix", 0 if same else 1, 0)
    for k, curves in enumerate(answer["curves"]):
        fpr, tpr, _ = metrics.roc_curve(truth == k, p[:, k])
        precision, recall, _ = metrics.precision_recall_curve(truth == k, p[:, k], drop_intermediate=True)
        pairs = [
            (curves["roc"]["falsePositiveRate"], fpr), (curves["roc"]["truePositiveRate"], tpr),
            (curves["precisionRecall"]["precision"], precision), (curves["precisionRecall"]["recall"], recall),
        ]
        error = max(float(np.max(np.abs(np.subtract(a, b)))) if len(a) == len(b) else np.inf for a, b in pairs)
        report.line(error <= limits.METRICS, "metrics", f"curves of {curves['class']}", error, limits.METRICS)


def check_comparison(report, answer, p, other, truth):
    first, second = p.argmax(1) == truth, other.argmax(1) == truth
    b, c = int((first & ~second).sum()), int((second & ~first).sum())
    if b + c < 25:
        value = stats.binomtest(b, b + c, 0.5).pvalue if b + c else 1.0
    else:
        value = float(stats.chi2.sf(max(abs(b - c) - 1, 0) ** 2 / (b + c), 1))
    found = answer["comparison"]["mcNemar"]
    report.line((found["onlyFirst"], found["onlySecond"]) == (b, c), "metrics", f"McNemar's counts {b} and {c}", 0, 0)
    error = abs(found["pValue"] - value)
    report.line(error <= limits.METRICS, "metrics", "McNemar's probability", error, limits.METRICS)


def check_calibration(report, answer, model, calibrated):
    """Keras opens both models: the logarithms of probabilities are divided by the temperature."""
    temperature = answer["calibration"]["scaling"]["temperature"]
    before, after = (keras.models.load_model(path, compile=False) for path in (model, calibrated))
    inputs = np.random.default_rng(1).normal(size=(4, *before.input_shape[1:])).astype(np.float32)
    p, q = (network.predict(inputs, verbose=0).astype(np.float64) for network in (before, after))
    expected = p ** (1 / temperature)
    expected /= expected.sum(axis=1, keepdims=True)
    report.compare("metrics", f"Keras: calibrated by {temperature:.3f}", q, expected, limits.PROBABILITIES, relative=False)


def run(report, graft, names):
    files = {part: os.path.join(graft.folder, f"metrics-{part}.h5") for part in ("features", "model", "weak", "calibrated")}
    graft.run("extract", os.path.join(PICTURES, "train"), "-o", files["features"])
    graft.run("fit", files["features"], "-o", files["model"], "--l2", "1e-2")
    graft.run("fit", files["features"], "-o", files["weak"], "--l2", "30")
    answer = json.loads(graft.run("evaluate", os.path.join(PICTURES, "val"), "--model", files["model"], "--json", "--compare", files["weak"]))
    classes = [entry["class"] for entry in answer["perClass"]]
    paths, p = probabilities(graft, files["model"], classes)
    truth = np.array([truth_of(path, classes) for path in paths])
    check_figures(report, answer, p, truth)
    _, other = probabilities(graft, files["weak"], classes)
    check_comparison(report, answer, p, other, truth)
    # Fitted on pictures that the model was not trained on; which it is judged on makes no difference here.
    answer = json.loads(graft.run(
        "evaluate", os.path.join(PICTURES, "train"), "--model", files["model"], "--json", "--calibrate",
        os.path.join(PICTURES, "val"), "-o", files["calibrated"]))
    check_calibration(report, answer, files["model"], files["calibrated"])
