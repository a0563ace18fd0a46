"""Every classifier of graft fit beside scikit-learn's on five data sets: the objective and the predictions.

The objective is Graft's formula, computed here in double precision for the parameters of both. Where scikit-learn has
one vector of weights for two classes, Graft has two opposite ones.
"""

import json
import os
import warnings

import h5py
import numpy as np
from scipy import sparse
from sklearn import datasets
from sklearn.linear_model import LogisticRegression, RidgeClassifier
from sklearn.neighbors import KNeighborsClassifier, NearestCentroid
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

import feature_store
import limits
from check_classifiers import WEIGHTS
from check_photos import data_folder

BUNDLED = {
    "iris": datasets.load_iris,
    "wine": datasets.load_wine,
    "digits": datasets.load_digits,
    "breast cancer": datasets.load_breast_cancer,
}
PHOTOS = "groceries"


class Data:
    def __init__(self, name, path):
        self.name, self.path = name, path
        with h5py.File(path) as file:
            (layer,) = file["features"].values()
            self.x, self.y = layer[()].astype(np.float64), file["labels"][()]
        self.scaler = StandardScaler().fit(self.x)
        self.z = self.scaler.transform(self.x)
        self.rows, self.width = self.z.shape
        self.classes = int(self.y.max()) + 1
        self.binary = self.classes == 2


# Losses of scores, N x C, added up over classes and averaged over rows.


def log_loss(scores, y):
    top = scores.max(1)
    return np.mean(np.log(np.exp(scores - top[:, None]).sum(1)) + top - scores[np.arange(len(y)), y])


def signs(scores, y):
    return np.where(np.arange(scores.shape[1]) == y[:, None], 1.0, -1.0)


def squared_hinge(scores, y):
    return np.mean((np.maximum(0, 1 - signs(scores, y) * scores) ** 2).sum(1))


def hinge(scores, y):
    margins = np.maximum(0, scores - scores[np.arange(len(y)), y][:, None] + 1)
    margins[np.arange(len(y)), y] = 0
    return np.mean(margins.sum(1))


def half_squares(scores, y):
    return np.mean(((signs(scores, y) - scores) ** 2).sum(1)) / 2


def objective(data, loss, weights, bias, l1, l2, penalizes_bias):
    value = loss(data.z @ weights + bias, data.y) + l1 * abs(weights).sum() + l2 / 2 * (weights**2).sum()
    return value + (l2 / 2 * (bias**2).sum() if penalizes_bias else 0)


# What scikit-learn finds: weights, D x C, and biases.


def opposite(weights, bias, share):
    """One vector for the second of two classes as two vectors, each with a share of it."""
    return np.hstack([-share * weights, share * weights]), np.concatenate([-share * bias, share * bias])


def logistic(data, l1, l2):
    own = l1 + (l2 / 2 if data.binary else l2)
    options = {"C": 1 / (data.rows * own), "l1_ratio": l1 / own}
    if l1:
        model = LogisticRegression(solver="saga", tol=1e-9, max_iter=40000, random_state=0, **options)
    else:
        model = LogisticRegression(solver="lbfgs", tol=1e-9, max_iter=20000, **options)
    model.fit(data.z, data.y)
    return opposite(model.coef_.T, model.intercept_, 0.5) if data.binary else (model.coef_.T, model.intercept_)


def svm(data, l1, l2):
    # The dual problem where there are fewer rows than features, as scikit-learn advises.
    model = LinearSVC(C=1 / (data.rows * l2), dual="auto", tol=1e-10, max_iter=1000000, random_state=0)
    model.fit(data.z, data.y)
    assert model.n_iter_ < model.max_iter, "scikit-learn's support vector machine has not converged"
    return opposite(model.coef_.T, model.intercept_, 1) if data.binary else (model.coef_.T, model.intercept_)


def weston_watkins(data, l1, l2):
    """The multiclass hinge as a problem of two classes (Kesler's construction): of each row and wrong class a row with
    the features at the right class and less them at the wrong one; half of them with all signs turned."""
    z = np.hstack([data.z, np.ones((data.rows, 1))])
    width = z.shape[1]
    pairs = [(i, j) for i in range(data.rows) for j in range(data.classes) if j != data.y[i]]
    sign = np.where(np.arange(len(pairs)) % 2 == 0, 1.0, -1.0)
    values = np.concatenate([s * np.concatenate([z[i], -z[i]]) for s, (i, _) in zip(sign, pairs)])
    own = np.arange(width)
    columns = np.concatenate([np.concatenate([data.y[i] * width + own, j * width + own]) for i, j in pairs])
    rows = np.repeat(np.arange(len(pairs)), 2 * width)
    table = sparse.csr_matrix((values, (rows, columns)), shape=(len(pairs), width * data.classes))
    model = LinearSVC(
        loss="hinge", C=1 / (data.rows * l2), fit_intercept=False, dual=True, tol=1e-7, max_iter=200000, random_state=0
    ).fit(table, sign)
    weights = model.coef_.reshape(data.classes, width).T
    return weights[:-1], weights[-1]


def ridge(data, l1, l2):
    model = RidgeClassifier(alpha=data.rows * l2, solver="cholesky").fit(data.z, data.y)
    if data.binary:
        return opposite(model.coef_.reshape(-1, 1), np.atleast_1d(model.intercept_), 1)
    return model.coef_.T, model.intercept_


# Name, options of graft fit, loss, the other side, whether biases are penalised, and three pairs of l1 and l2.
CASES = [
    ("logistic", "logistic", log_loss, logistic, False, [(0, 1e-1), (0, 1e-2), (0, 1e-4)]),
    ("logistic, l1", "logistic", log_loss, logistic, False, [(3e-2, 0), (1e-2, 0), (3e-3, 0)]),
    ("elastic net", "logistic", log_loss, logistic, False, [(2e-2, 2e-2), (1e-2, 1e-2), (2e-3, 5e-3)]),
    ("svm", "svm", squared_hinge, svm, True, [(0, 1e-1), (0, 1e-2), (0, 1e-3)]),
    ("hinge", "hinge", hinge, weston_watkins, True, [(0, 1), (0, 1e-1), (0, 1e-2)]),
    ("ridge", "ridge", half_squares, ridge, False, [(0, 1), (0, 1e-1), (0, 1e-2)]),
]


def compare(report, graft, data, case, l1, l2):
    name, classifier, loss, other, penalizes_bias, _ = case
    output = os.path.join(graft.folder, "classifier.json")
    # As scikit-learn is, Graft is asked for more than it usually takes time for.
    accuracy = ["--tolerance", 1e-8, "--max-steps", 20000]
    graft.run("fit", data.path, "-o", output, "--classifier", classifier, "--l1", l1, "--l2", l2, *accuracy)
    with open(output) as file:
        written = json.load(file)
    found = feature_store.classifier(written, data.scaler.mean_, data.scaler.scale_)
    expected = other(data, l1, l2)
    values = [objective(data, loss, *parameters, l1, l2, penalizes_bias) for parameters in (found, expected)]
    difference = float((values[0] - values[1]) / values[1])
    what = f"{name}, l1 {l1:g} l2 {l2:g}"
    report.line(difference <= limits.OBJECTIVES, data.name, f"{what}: objective", difference, limits.OBJECTIVES)
    # What the program says of itself must be what the parameters that it wrote are worth.
    own = float(abs(written["training"]["objective"] / values[0] - 1))
    report.line(own <= limits.REPORTED, data.name, f"{what}: as reported", own, limits.REPORTED)
    predictions = [(data.z @ weights + bias).argmax(1) for weights, bias in (found, expected)]
    compare_predictions(report, data, what, *predictions)


def compare_predictions(report, data, what, found, expected):
    different = float((found != expected).mean())
    limit = limits.DIFFERENT_PREDICTIONS
    report.line(different <= limit, data.name, f"{what}: predictions", different, limit)


def compare_centroids(report, graft, data):
    output = os.path.join(graft.folder, "classifier.json")
    graft.run("fit", data.path, "-o", output, "--classifier", "centroid")
    with open(output) as file:
        weights, bias = feature_store.classifier(json.load(file), data.scaler.mean_, data.scaler.scale_)
    expected = NearestCentroid().fit(data.z, data.y).predict(data.z)
    compare_predictions(report, data, "centroid", (data.z @ weights + bias).argmax(1), expected)


def compare_neighbors(report, graft, data):
    """Every other row is judged by the rest."""
    parts = []
    for first in (0, 1):
        parts.append(os.path.join(graft.folder, f"half {first}.h5"))
        feature_store.write(parts[-1], data.x[first::2].astype(np.float32), data.y[first::2])
    train, test = Data(data.name, parts[0]), Data(data.name, parts[1])
    for metric in ("euclidean", "cosine"):
        for k in (1, 5, 15):
            options = ["--classifier", "knn", "--neighbors", k, "--metric", metric, "--test", parts[1]]
            found = json.loads(graft.run("fit", parts[0], *options, "--json"))["test"]["confusion"]
            features = [d.x if metric == "cosine" else train.scaler.transform(d.x) for d in (train, test)]
            model = KNeighborsClassifier(k, metric=metric, algorithm="brute").fit(features[0], train.y)
            expected = np.zeros((data.classes, data.classes), int)
            np.add.at(expected, (test.y, model.predict(features[1])), 1)
            # A row that is classified differently is missing in one place and too much in another.
            different = float(abs(np.array(found) - expected).sum() / 2 / test.rows)
            limit = limits.DIFFERENT_PREDICTIONS
            report.line(different <= limit, data.name, f"knn, {k} {metric}: confusion", different, limit)


def stores(graft, names):
    for name, load in BUNDLED.items():
        bundled = load()
        path = os.path.join(graft.folder, name + ".h5")
        feature_store.write(path, bundled.data.astype(np.float32), bundled.target)
        yield Data(name, path)
    weights = os.path.join(data_folder(), "weights", WEIGHTS)
    if os.path.isfile(weights):
        path = os.path.join(graft.folder, PHOTOS + ".h5")
        graft.run("extract", os.path.join(data_folder(), "photos", PHOTOS, "train"), "--weights", weights, "-o", path)
        yield Data(PHOTOS, path)


def run(report, graft, names):
    warnings.filterwarnings("ignore", module="sklearn")
    for data in stores(graft, names):
        for case in CASES:
            for l1, l2 in case[-1]:
                compare(report, graft, data, case, l1, l2)
        compare_centroids(report, graft, data)
        compare_neighbors(report, graft, data)
