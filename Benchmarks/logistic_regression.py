"""Fits scikit-learn's logistic regression to a feature store and prints {"seconds", "objective", "iterations"}.

usage: logistic_regression.py STORE L2 PRECISION

The objective is the mean log loss plus L2/2 times the squared norm of the weights, computed in double precision.
"""

import json
import sys
import time

import h5py
import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

store, l2, precision = sys.argv[1], float(sys.argv[2]), sys.argv[3]
with h5py.File(store) as file:
    (layer,) = file["features"].values()
    x, y = layer[()].astype(precision), file["labels"][()]

started = time.perf_counter()
z = StandardScaler().fit_transform(x)
model = LogisticRegression(C=1 / (len(y) * l2), solver="lbfgs", max_iter=2000).fit(z, y)
seconds = time.perf_counter() - started

z = StandardScaler().fit_transform(x.astype(np.float64))
weights = model.coef_.T.astype(np.float64)
scores = z @ weights + model.intercept_
top = scores.max(1)
losses = np.log(np.exp(scores - top[:, None]).sum(1)) + top - scores[np.arange(len(y)), y]
objective = losses.mean() + l2 / 2 * (weights**2).sum()
print(json.dumps({"seconds": seconds, "objective": objective, "iterations": int(model.n_iter_[0])}))
