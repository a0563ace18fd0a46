"""Every network of Keras Applications in the layouts that Keras 3 saves, one or more of each family also in those of
Keras 1 and 2 and without its classifier: the same numbers, to the last bit."""

import functools
import os

import tf_keras

import limits
import networks
import weights
from check_architectures import Case, compare_probabilities, in_double, outputs
from program import ProgramError

# With and without classifier, and as Keras 2 saves them.
FAMILIES = [
    "vgg16", "resnet50", "resnet50_legacy", "resnet50v2", "mobilenet_0.25", "mobilenetv2_0.35",
    "mobilenetv3small_1.0", "mobilenetv3large_minimalistic_1.0", "densenet121", "xception", "inceptionv3",
    "inceptionresnetv2", "efficientnetb0", "efficientnetv2b0", "convnexttiny", "nasnetmobile",
]

# Of layers that Keras 1 had.
KERAS_1 = [
    "vgg16", "vgg19", "resnet50", "resnet50_legacy", "resnet101", "resnet50v2", "inceptionv3", "inceptionresnetv2",
    "densenet121", "densenet169",
]


def in_keras_2(name, model, size, top):
    """The network as Keras 2 builds it, with the weights of `model`; None where it cannot build it."""
    _, builder, options = networks.BUILDERS[name]
    builder = getattr(tf_keras.applications, builder.__name__, None)
    if builder is None:
        return None
    tf_keras.backend.clear_session()
    twin = builder(weights=None, include_top=top, input_shape=(size, size, 3), **options)
    weights.copy(model, twin)
    return twin


def layouts(name, model, size, top):
    """Name of the layout, file name, and what writes it."""
    yield "Keras 3 weights in Keras 2's layout", "weights.h5", lambda path: weights.save_legacy(model, path)
    yield "Keras 3 whole model", "model.h5", model.save
    yield "Keras 3 .keras", "model.keras", model.save
    if name != "resnet50_legacy":  # older than this layout
        yield "Keras 3 .weights.h5", "keras3.weights.h5", model.save_weights
    if name in KERAS_1:
        yield "Keras 1 weights", "keras1.h5", lambda path: weights.save_keras_1(model, path)
    twin = in_keras_2(name, model, size, top) if name in FAMILIES else None
    if twin is not None:
        yield "Keras 2 weights", "keras2.h5", twin.save_weights
        if not name.startswith("efficientnetb"):  # without published weights it lacks a layer
            yield "Keras 2 whole model", "keras2_model.h5", twin.save
            yield "Keras 2 .keras", "keras2_model.keras", twin.save


def check(report, graft, name, top):
    case = Case(name, limits.sizes(name)[0], graft.folder)
    model = case.with_top if top else case.without_top()
    expected = outputs(model, [], case.inputs)[None]
    first = None
    double = functools.cache(lambda: in_double(name, model, case.inputs, "top"))
    for layout, file, save in layouts(name, model, case.size, top):
        label = f"{name} {'top' if top else 'notop'}"
        path = os.path.join(graft.folder, file)
        save(path)
        # Whole models say how large their pictures are.
        size = None if "whole model" in layout or layout.endswith(".keras") else case.size
        try:
            if top:
                found = graft.probabilities(case.paths, path, size=size)
                compare_probabilities(report, label, layout, found, expected, double)
            else:
                found = next(iter(graft.features(case.picture_folder, path, size=size, pooling="none").values()))
                report.compare(label, layout, found, expected, limits.FEATURES)
            if first is not None:
                report.same_bits(label, f"{layout}: the same bits", found, first)
            first = found if first is None else first
        except (ProgramError, KeyError, StopIteration) as error:
            report.fail(label, layout, error)
        os.remove(path)


def run(report, graft, names):
    for name in names:
        if name in networks.OTHERS:
            continue
        # A classifier of VGG makes half a gigabyte a layout.
        tops = [False, True] if name in FAMILIES else [True]
        for top in [False] if name.startswith("vgg") else tops:
            check(report, graft, name, top)
