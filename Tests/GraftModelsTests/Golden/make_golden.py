#!/usr/bin/env python3
"""Writes what real Keras builds, layer by layer, for every architecture of GraftModels.

    python make_golden.py            all files beside this script (some minutes; Keras 3.15.1, TensorFlow 2.21)
    python make_golden.py 'densenet*'                the lines of the architectures whose name fits the pattern
    python make_golden.py resnet50 101x75 top        the listing of one network, to read a failure with

`<name>.txt` is the listing of one network of each family: a line a layer, sorted by name. `digests.txt` has a
line for every architecture, size and top: the number of parameters and of layers, the 64-bit FNV-1a hash of the
sorted listing, and, with the classifier, the low 8 bits of that hash of each line, to find a difference by.
"""

import fnmatch
import json
import os
import sys

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "Parity"))

from networks import BUILDERS, build, keras, minimum_size  # noqa: E402

# Weights are looked at for their shapes only.
keras.initializers.VarianceScaling.__call__ = lambda self, shape, dtype=None: keras.ops.zeros(shape, dtype)

LISTED = [
    "vgg16", "resnet50", "resnet50v2", "mobilenet_0.25", "mobilenetv2_1.0", "mobilenetv3small_1.0", "densenet121",
    "inceptionv3", "xception", "efficientnetb0", "efficientnetv2b0", "convnexttiny", "nasnetmobile", "resnet18", "alexnet_grouped", "repvgg_a0",
]
CASES = [
    ((224, 224), "top"), ((224, 224), "none"), ((101, 75), "top"), ((101, 75), "none"), (None, "average"),
    (None, "max"),
]


def cases(name):
    """Of families scaled from one network, that one; for the others see make_order.py of GraftKerasTests."""
    scaled = name.startswith(("efficientnet", "convnext", "nasnet", "repvgg"))
    return [] if scaled and name not in LISTED else CASES


def pair(value):
    a, b = (value, value) if isinstance(value, int) else value
    return f"{a}x{b}"


def function(config):
    names = {"hard_silu": "hardSwish", "hard_swish": "hardSwish", "silu": "swish"}
    return names.get(config["activation"], config["activation"])


def attributes(kind, c, constants):
    """What distinguishes a layer from others of its kind, in the words of the Swift test."""
    if kind == "Conv2D":
        window = f"{pair(c['kernel_size'])} s{pair(c['strides'])} {c['padding']} d{pair(c['dilation_rate'])}"
        bias = "bias" if c["use_bias"] else "nobias"
        return f"convolution {c['filters']} {window} g{c['groups']} {bias} {function(c)}"
    if kind == "DepthwiseConv2D":
        window = f"{pair(c['kernel_size'])} s{pair(c['strides'])} {c['padding']} d{pair(c['dilation_rate'])}"
        bias = "bias" if c["use_bias"] else "nobias"
        return f"depthwise {window} m{c['depth_multiplier']} {bias} {function(c)}"
    if kind == "SeparableConv2D":
        window = f"{pair(c['kernel_size'])} s{pair(c['strides'])} {c['padding']} d{pair(c['dilation_rate'])}"
        bias = "bias" if c["use_bias"] else "nobias"
        return f"separable {c['filters']} {window} m{c['depth_multiplier']} {bias} {function(c)}"
    if kind == "Dense":
        return f"dense {c['units']} {'bias' if c['use_bias'] else 'nobias'} {function(c)}"
    if kind == "BatchNormalization":
        assert c["axis"] in (3, -1), c
        return f"norm {c['epsilon']:.6g} {c['momentum']:.6g} {c['scale']} {c['center']}".lower()
    if kind == "LayerNormalization":
        assert c["axis"] in (3, -1, [-1], [3]) and not c.get("rms_scaling"), c
        return f"layernorm {c['epsilon']:.6g} {c['scale']} {c['center']}".lower()
    if kind == "Normalization":
        figures = np.ravel(c["mean"]).tolist() + np.ravel(c["variance"]).tolist() if c["mean"] is not None else []
        return "normalize " + (" ".join(f"{x:.6g}" for x in figures) or "by parameters")
    if kind == "LayerScale":
        return "layerscale"
    if kind == "ReLU":
        assert c["negative_slope"] == 0 and c["threshold"] == 0 and c["max_value"] in (None, 6.0), c
        return "activation relu" + ("6" if c["max_value"] else "")
    if kind == "Activation":
        return f"activation {function(c)}"
    if kind in ("MaxPooling2D", "AveragePooling2D"):
        return f"{kind.removesuffix('Pooling2D').lower()}pool {pair(c['pool_size'])} s{pair(c['strides'])} {c['padding']}"
    if kind in ("GlobalAveragePooling2D", "GlobalMaxPooling2D"):
        return f"globalpool {'average' if 'Average' in kind else 'max'} {'keeps' if c['keepdims'] else 'flat'}"
    if kind in ("ZeroPadding2D", "Cropping2D"):
        (top, bottom), (left, right) = c["padding" if kind[0] == "Z" else "cropping"]
        return f"{'pad' if kind[0] == 'Z' else 'crop'} {top} {bottom} {left} {right}"
    if kind == "CustomScaleLayer":
        return f"scaledadd {c['scale']:.6g}"
    if kind == "Add":
        return f"rescale 1 {constants[0]:.6g}" if constants else "add"
    if kind == "Multiply":
        return f"rescale {constants[0]:.6g} 0" if constants else "multiply"
    if kind == "Rescaling" and isinstance(c["scale"], list):
        # A factor a channel is a normalization with the variance that it comes from.
        assert c["offset"] == 0.0
        return "normalize 0 0 0 " + " ".join(f"{1 / x ** 2:.6g}" for x in c["scale"])
    if kind == "Rescaling":
        return f"rescale {c['scale']:.6g} {c['offset']:.6g}"
    if kind == "Concatenate":
        assert c["axis"] in (3, -1), c
        return "concatenate"
    if kind == "Reshape":
        return "reshape " + "x".join(map(str, c["target_shape"]))
    if kind == "Dropout" and c["noise_shape"] is not None:
        assert c["noise_shape"][1:] in ([1, 1, 1], (1, 1, 1)), c
        return f"depth {c['rate']:.6g}"
    if kind == "Dropout":
        return f"dropout {c['rate']:.6g}"
    return {"InputLayer": "input", "Flatten": "flatten"}[kind]


def inputs_and_constants(arguments):
    """The names of the layers that a saved layer reads, in order, and the numbers among its arguments."""
    names, constants = [], []
    for argument in arguments:
        if isinstance(argument, list):
            more = inputs_and_constants(argument)
            names, constants = names + more[0], constants + more[1]
        elif isinstance(argument, dict):
            names.append(argument["config"]["keras_history"][0])
        else:
            constants.append(argument)
    return names, constants


def listing(model):
    """A line a layer, sorted: name, attributes, (inputs), shape, parameters in Keras's order.

    Layers of a sequential model inside the model stand in its place.
    """
    lines = []
    ends = {}  # by the name of an inner model, its last layer
    for saved in json.loads(model.to_json())["config"]["layers"]:
        operation = model.operations[[o.name for o in model.operations].index(saved["name"])]
        nodes = saved["inbound_nodes"]
        names, constants = inputs_and_constants(nodes[0]["args"]) if nodes else ([], [])
        names = [ends.get(name, name) for name in names]
        if saved["class_name"] == "Sequential":
            inner = [layer for layer in saved["config"]["layers"] if layer["class_name"] != "InputLayer"]
            for layer in inner:
                lines.append(line(layer, operation.get_layer(layer["config"]["name"]), names, []))
                names = [layer["config"]["name"]]
            ends[saved["name"]] = names[0]
        else:
            lines.append(line(saved, operation, names, constants))
    return sorted(lines)


def line(saved, operation, names, constants):
    parts = [operation.name, attributes(saved["class_name"], saved["config"], constants)]
    parts.append("(" + " ".join(names) + ")")
    parts.append("x".join(map(str, operation.output.shape[1:])))
    for variable in getattr(operation, "weights", []):
        name = variable.name
        if name == "kernel" and saved["class_name"] == "DepthwiseConv2D":
            name = "depthwise_kernel"  # as Keras 2 called it
        if saved["class_name"] == "LayerScale":
            name = "gamma"  # Keras gives it none
        parts.append(f"{name}:{'x'.join(map(str, variable.shape))}")
    return " ".join(parts)


def fnv1a(text):
    value = 0xCBF29CE484222325
    for byte in text.encode():
        value = (value ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return value


def main():
    if len(sys.argv) == 4:
        size = tuple(map(int, sys.argv[2].split("x")))
        print("\n".join(listing(build(sys.argv[1], size, sys.argv[3]))))
        return
    pattern = sys.argv[1] if len(sys.argv) == 2 else "*"
    path = os.path.join(HERE, "digests.txt")
    kept = {}
    with open(path) as file:
        for line in file:
            kept.setdefault(line.split()[0], []).append(line.rstrip())
    for name in fnmatch.filter(BUILDERS, pattern):
        kept[name] = []
        for size, top in cases(name):
            size = size or (minimum_size(name),) * 2
            model = build(name, size, top)
            lines = listing(model)
            words = [name, *size, top, model.count_params(), len(lines), f"{fnv1a(chr(10).join(lines)):016x}"]
            if top == "top":
                words.append("".join(f"{fnv1a(line) & 0xFF:02x}" for line in lines))
            kept[name].append(" ".join(map(str, words)))
            if name in LISTED and (size, top) == CASES[0]:
                with open(os.path.join(HERE, f"{name}.txt"), "w") as file:
                    file.write("\n".join(lines) + "\n")
        print(name, flush=True)
    with open(path, "w") as file:
        for name in BUILDERS:
            file.write("".join(line + "\n" for line in kept.get(name, [])))


main()
