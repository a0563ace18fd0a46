"""Whether the comparison can fail: one weight of a file is changed by a hundredth, and that must be noticed."""

import os

import h5py
import numpy as np

import limits
import weights
from check_architectures import Case, compare_stages, outputs
from report import Report

NAME = "mobilenet_0.25"
LAYER = "conv1"


def change_one_weight(path):
    """Changes the largest value of the first convolution."""
    with h5py.File(path, "r+") as file:
        group = file[LAYER]
        name = next(n for n in group.attrs["weight_names"] if "kernel" in n)
        kernel = group[name][()]
        index = np.unravel_index(np.abs(kernel).argmax(), kernel.shape)
        kernel[index] *= 1 + limits.SELF_CHECK_CHANGE
        group[name][...] = kernel


def run(report, graft, names):
    case = Case(NAME, 96, graft.folder)
    model = case.without_top()
    expected = outputs(model, case.stages, case.inputs)
    path = os.path.join(graft.folder, "weights.h5")
    weights.save_legacy(model, path)
    before, after = Report(silent=True), Report(silent=True)
    compare_stages(before, graft, case, NAME, expected, path)
    change_one_weight(path)
    compare_stages(after, graft, case, NAME, expected, path)
    for line in after.failures:
        print(f"     expected: {line}")
    failures = len(after.failures)
    passes = not before.failures and failures > 0
    what = f"{failures} of {len(case.stages)} stages noticed one weight off"
    report.line(passes, "self-check", what, limits.SELF_CHECK_CHANGE, limits.FEATURES)
