"""Every architecture with random weights: every stage's output, the features and the probabilities."""

import os

import keras
import numpy as np

import limits
import networks
import pictures
import weights
from program import ProgramError


def outputs(model, layers, inputs):
    """By layer name, what Keras computes; the model's own output under None."""
    operations = {operation.name: operation for operation in model.operations}
    ends = {name: operations[name].output for name in layers}
    values = keras.Model(model.input, {**ends, "output": model.output})(inputs, training=False)
    found = {None if name == "output" else name: value.numpy() for name, value in values.items()}
    for name, value in found.items():
        # Figures that are all zero, all equal or not finite would agree with anything, or nothing.
        if not np.all(np.isfinite(value)) or value.std() < 1e-2 * np.abs(value).max():
            raise ValueError(f"Keras's own output of {name or model.name} is degenerate; change the random weights")
    return found


class Case:
    """One architecture at one size: the pictures, and Keras's networks with and without classifier."""

    def __init__(self, name, size, folder):
        self.name = name
        self.size = size
        self.picture_folder = os.path.join(folder, f"pictures{size}")
        self.paths, pixels = pictures.save(self.picture_folder, size)
        self.inputs = networks.preprocess(name, pixels)
        self.with_top = networks.build(name, (size, size), "top")
        self.stages = networks.stage_ends(name, self.with_top)
        weights.randomize(self.with_top, self.inputs, seed=size)

    def without_top(self):
        model = networks.build(self.name, (self.size, self.size), "none")
        weights.copy(self.with_top, model)
        return model


def in_double(name, model, inputs, top):
    """What Keras computes in double precision with the same weights."""
    keras.backend.set_floatx("float64")
    try:
        twin = networks.build(name, inputs.shape[1:3], top)
        weights.copy(model, twin)
        return twin(inputs.astype("float64"), training=False).numpy()
    finally:
        keras.backend.set_floatx("float32")


def compare_probabilities(report, label, what, found, expected, double):
    """Where they are further apart than is allowed, Keras's own rounding decides: then against Keras in double."""
    if found.shape == expected.shape and np.abs(found - expected).max() > limits.PROBABILITIES:
        exact = double()
        apart = np.abs(exact - expected).max()
        if apart > limits.PROBABILITIES / 2:
            report.notice(f"{label}: Keras is {apart:.1e} from itself in double precision; compared with that")
            expected = exact
    report.compare(label, what, found, expected, limits.PROBABILITIES, relative=False)


def compare_stages(report, graft, case, label, expected, path):
    found = graft.features(case.picture_folder, path, layers=case.stages, size=case.size)
    for stage in case.stages:
        if stage in found:
            report.compare(label, stage, found[stage], expected[stage], limits.FEATURES)
        else:
            report.fail(label, stage, f"not among what was written: {', '.join(found)}")


def check(report, graft, name, size):
    case = Case(name, size, graft.folder)
    path = os.path.join(graft.folder, "weights.h5")

    label = f"{name} {size} top"
    expected = outputs(case.with_top, case.stages, case.inputs)
    weights.save_legacy(case.with_top, path)
    try:
        compare_stages(report, graft, case, label, expected, path)
        found = graft.probabilities(case.paths, path, size=size)
        compare_probabilities(
            report, label, "probabilities", found, expected[None],
            lambda: in_double(name, case.with_top, case.inputs, "top"))
    except (ProgramError, KeyError) as error:
        report.fail(label, "graft", error)

    label = f"{name} {size} notop"
    model = case.without_top()
    expected = outputs(model, case.stages, case.inputs)
    weights.save_legacy(model, path)
    try:
        compare_stages(report, graft, case, label, expected, path)
        pooled = graft.features(case.picture_folder, path, size=size, pooling="avg")
        if len(pooled) == 1:
            found, mean = next(iter(pooled.values())), expected[None].mean(axis=(1, 2), dtype=np.float64)
            report.compare(label, "features", found, mean, limits.FEATURES)
        else:
            report.fail(label, "features", f"one layer is expected, not {', '.join(pooled)}")
    except (ProgramError, KeyError) as error:
        report.fail(label, "graft", error)


def run(report, graft, names):
    for name in names:
        for size in limits.sizes(name):
            check(report, graft, name, size)
