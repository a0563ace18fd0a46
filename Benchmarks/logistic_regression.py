"""Fits scikit-learn's logistic regression to a feature store; prints {"seconds", "whole", "objective", "iterations"}.

usage: logistic_regression.py STORE OUTPUT L2 PRECISION TOLERANCE STARTED

`seconds` is standardizing and fitting, of rows that are in memory. `whole` is all since STARTED, a reading of the
monotonic clock before the process began, that graft fit does too: reading, standardizing, fitting, judging the training
rows, writing. The objective is computed in double precision after that.
"""

import json
import sys
import time

import h5py
import joblib
import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, log_loss
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from objective import log_loss as objective

store, output, precision = sys.argv[1], sys.argv[2], sys.argv[4]
l2, tolerance, begun = (float(sys.argv[place]) for place in (3, 5, 6))
with h5py.File(store) as file:
    (layer,) = file["features"].values()
    x, y = layer[()].astype(precision, copy=False), file["labels"][()]

started = time.monotonic()
model = make_pipeline(
    StandardScaler(), LogisticRegression(C=1 / (len(y) * l2), solver="lbfgs", max_iter=20000, tol=tolerance)
).fit(x, y)
seconds = time.monotonic() - started
probabilities = model.predict_proba(x)
accuracy_score(y, probabilities.argmax(1)), log_loss(y, probabilities)
joblib.dump(model, output)
whole = time.monotonic() - begun

z = StandardScaler().fit_transform(x.astype(np.float64))
reached = objective(z, y, model[-1].coef_.T.astype(np.float64), model[-1].intercept_, l2)
answer = {"seconds": seconds, "whole": whole, "objective": reached, "iterations": int(model[-1].n_iter_[0])}
print(json.dumps(answer))
