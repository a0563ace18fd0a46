"""Linear classifiers on the features of real photos, with scikit-learn on the other side."""

import json
import os

import h5py
import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

import limits
from check_photos import data_folder

WEIGHTS = "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_224_no_top.h5"
# Photo sets, and the least accuracy in % on their held-out part.
SETS = [("cats-dogs", 95.0), ("groceries", 85.0)]
STRENGTHS = (1e-3, 1e-4)


def rows(path):
    """Features and classes of a store with one layer."""
    with h5py.File(path) as file:
        (layer,) = file["features"].values()
        return layer[()].astype(np.float64), file["labels"][()]


def scikit_learn(train, held_out, l2):
    """How many held-out rows scikit-learn classifies rightly with the same objective."""
    (x, y), (test_x, test_y) = train, held_out
    scaler = StandardScaler().fit(x)
    # C weighs the summed loss. For two classes it has one vector of weights where Graft has two opposite ones, whose
    # squared norm is half as large.
    c = (2 if len(set(y)) == 2 else 1) / (l2 * len(y))
    model = LogisticRegression(C=c, tol=1e-10, max_iter=5000).fit(scaler.transform(x), y)
    return int((model.predict(scaler.transform(test_x)) == test_y).sum())


def run(report, graft, names):
    data = data_folder()
    weights = os.path.join(data, "weights", WEIGHTS)
    if not os.path.isfile(weights):
        report.notice("classifiers: no data folder; set GRAFT_TEST_DATA")
        return
    if "mobilenetv2_1.0" not in names:
        return
    for name, least in SETS:
        stores = []
        for part in ("train", "val"):
            stores.append(os.path.join(graft.folder, f"{name}-{part}.h5"))
            graft.run("extract", os.path.join(data, "photos", name, part), "--weights", weights, "-o", stores[-1])
        train, held_out = map(rows, stores)
        for l2 in STRENGTHS:
            model = os.path.join(graft.folder, "model.h5")
            graft.run("fit", stores[0], "-o", model, "--l2", l2)
            found = json.loads(graft.run("evaluate", os.path.join(data, "photos", name, "val"), "--model", model, "--json"))
            right = round(found["top1"] * found["images"])
            expected = scikit_learn(train, held_out, l2)
            what = f"l2 {l2}: {right} right, scikit-learn {expected}"
            difference, limit = abs(right - expected), limits.CLASSIFIED_PICTURES
            report.line(difference <= limit, f"{name} of {found['images']} photos", what, difference, limit)
            accuracy = 100 * found["top1"]
            report.line(accuracy >= least, f"{name} accuracy", f"l2 {l2}, at least {least} %", accuracy, least)
