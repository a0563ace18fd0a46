"""Writes outputs.json: scikit-learn's logistic regressions, one a label, and its ridge regression.

    pip install scikit-learn==1.9.1 && python make_outputs.py
"""

import json
import pathlib

import numpy as np
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.preprocessing import StandardScaler

random = np.random.default_rng(5)


def folded(scaler, weights, biases):
    kernel = weights / scaler.scale_[:, None]
    return kernel.ravel().tolist(), (biases - scaler.mean_ @ kernel).tolist()


def case(rows, width, outputs, l2):
    features = np.round(random.normal(size=(rows, width)) * np.linspace(0.5, 20, width) + 3, 3).astype(np.float32)
    mixing = random.normal(size=(width, outputs))
    scores = StandardScaler().fit_transform(features) @ mixing + random.normal(size=(rows, outputs))
    marks = (scores > np.linspace(-1, 1, outputs)).astype(int)
    values = np.round(scores / 10 + 0.5, 4).astype(np.float32)
    scaler = StandardScaler().fit(features.astype(np.float64))
    z = scaler.transform(features.astype(np.float64))
    weights, biases = [], []
    for label in range(outputs):
        model = LogisticRegression(C=1 / (rows * l2), solver="newton-cholesky", tol=1e-13, max_iter=1000)
        model.fit(z, marks[:, label])
        weights.append(model.coef_[0])
        biases.append(model.intercept_[0])
    logistic = folded(scaler, np.array(weights).T, np.array(biases))
    model = Ridge(alpha=rows * l2, solver="cholesky").fit(z, values.astype(np.float64))
    ridge = folded(scaler, model.coef_.T, model.intercept_)
    return {
        "rows": rows,
        "width": width,
        "outputs": outputs,
        "l2": l2,
        "features": [float(str(v)) for v in features.ravel()],
        "marks": marks.ravel().tolist(),
        "values": [float(str(v)) for v in values.ravel()],
        "logisticKernel": logistic[0],
        "logisticBias": logistic[1],
        "ridgeKernel": ridge[0],
        "ridgeBias": ridge[1],
    }


golden = [case(40, 6, 3, 0.1), case(90, 5, 4, 1e-3), case(25, 40, 2, 0.01)]
path = pathlib.Path(__file__).parent / "outputs.json"
path.write_text(json.dumps(golden, separators=(",", ":")) + "\n")
