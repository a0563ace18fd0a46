"""A Keras network as a PyTorch module to train: normalizations are layers of their own, and all parameters train.

Layers keep their names. The module is in evaluation mode, so that normalizations stay on their stored statistics, and
ends in logits where the network ends in softmax.
"""

import numpy as np
import torch
from torch import nn

from keras_layers import activation, kind, pads, sources
from onnx_to_torch import padding_sides

ACTIVATIONS = {"linear": None, "softmax": None, "relu": nn.ReLU, "relu6": nn.ReLU6}


def convert(model):
    """The module; its input is batch x channels x height x width."""
    root, graph = nn.Module(), torch.fx.Graph()
    values, padding = {}, {}
    for layer in model.layers:
        if kind(layer) == "InputLayer":
            values[layer.name] = graph.placeholder("pixels")
            continue
        inputs = [values[source.name] for source in sources(layer)]
        if kind(layer) == "Add":
            values[layer.name] = graph.call_function(torch.add, tuple(inputs))
            continue
        left_to_do = padding.get(sources(layer)[0].name)
        if kind(layer) == "ZeroPadding2D":
            (top, bottom), (left, right) = layer.padding
            padding[layer.name] = [top, left, bottom, right]
        value = inputs[0]
        for number, module in enumerate(_modules(layer, left_to_do)):
            name = layer.name.replace(".", "_") + (f"_{number}" if number else "")
            root.add_module(name, module)
            value = graph.call_module(name, (value,))
        values[layer.name] = value
    graph.output(value)
    return torch.fx.GraphModule(root, graph).eval()


def _modules(layer, left_to_do):
    """What does the work of a layer, in order."""
    if kind(layer) in ("Conv2D", "DepthwiseConv2D"):
        return _convolution(layer, left_to_do)
    if kind(layer) == "BatchNormalization":
        return [_normalization(layer)]
    if kind(layer) == "Dense":
        kernel, bias = layer.get_weights()
        dense = _loaded(nn.Linear(*kernel.shape), weight=kernel.T, bias=bias)
        return [dense, *_activation(activation(layer))]
    if kind(layer) == "MaxPooling2D":
        # Padding with zeros is none to a maximum of what a ReLU gives.
        sides, even = padding_sides(pads(layer, layer.pool_size, left_to_do))
        return ([] if even else [nn.ZeroPad2d(sides)]) + [nn.MaxPool2d(layer.pool_size, layer.strides, even or 0)]
    if kind(layer) == "ReLU":
        return _activation({None: "relu", 6.0: "relu6"}[layer.max_value])
    if kind(layer) == "Activation":
        return _activation(activation(layer))
    if kind(layer) == "GlobalAveragePooling2D":
        return [nn.AdaptiveAvgPool2d(1)] + ([] if layer.keepdims else [nn.Flatten()])
    if kind(layer) == "Reshape":  # between 1 x 1 x C and C only
        return [nn.Flatten()] if len(layer.target_shape) == 1 else []
    return {"ZeroPadding2D": [], "Dropout": []}[kind(layer)]


def _activation(name):
    module = ACTIVATIONS[name]
    return [module(inplace=True)] if module else []


def _convolution(layer, left_to_do):
    kernel, *bias = layer.get_weights()
    depthwise = kind(layer) == "DepthwiseConv2D"
    # Output channels, input channels of a group, height, width.
    kernel = kernel.transpose(2, 3, 0, 1) if depthwise else kernel.transpose(3, 2, 0, 1)
    sides, even = padding_sides(pads(layer, kernel.shape[2:], left_to_do))
    groups = len(kernel) if depthwise else 1
    module = nn.Conv2d(
        kernel.shape[1] * groups, len(kernel), kernel.shape[2:], layer.strides, even or 0, groups=groups, bias=bool(bias)
    )
    _loaded(module, weight=kernel, **({"bias": bias[0]} if bias else {}))
    return ([] if even else [nn.ZeroPad2d(sides)]) + [module, *_activation(activation(layer))]


def _normalization(layer):
    gamma, beta, mean, variance = layer.get_weights()
    module = nn.BatchNorm2d(len(gamma), eps=layer.epsilon)
    return _loaded(module, weight=gamma, bias=beta, running_mean=mean, running_var=variance)


def _loaded(module, **arrays):
    with torch.no_grad():
        for name, array in arrays.items():
            getattr(module, name).copy_(torch.from_numpy(np.ascontiguousarray(array)))
    return module
