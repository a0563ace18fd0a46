"""An ONNX network of keras_to_onnx.py as a PyTorch module, whose `forward` is plain generated code."""

import onnx
import torch
from onnx import numpy_helper
from torch import nn


def convert(model):
    """The module, for inference; its input is batch x channels x height x width."""
    constants = {array.name: torch.from_numpy(numpy_helper.to_array(array).copy()) for array in model.graph.initializer}
    root, graph = nn.Module(), torch.fx.Graph()
    values = {"pixels": graph.placeholder("pixels")}

    def call(module, value):
        name = f"layer{len(root._modules)}"
        root.add_module(name, module)
        return graph.call_module(name, (value,))

    for node in model.graph.node:
        attributes = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
        inputs = [values[name] for name in node.input if name in values]
        given = [constants[name] for name in node.input if name in constants]
        if node.op_type == "Add":
            result = graph.call_function(torch.add, tuple(inputs))
        else:
            result = inputs[0]
            for module in _modules(node.op_type, attributes, given):
                result = call(module, result)
        values[node.output[0]] = result
    graph.output(values["result"])
    return torch.fx.GraphModule(root, graph).eval()


def _modules(kind, attributes, constants):
    if kind == "Conv":
        return _convolution(attributes, *constants)
    if kind == "Gemm":
        dense = nn.Linear(*reversed(constants[0].shape))
        return [_with(dense, *constants)]
    if kind == "MaxPool":
        padding, even = padding_sides(attributes["pads"])
        window, stride = tuple(attributes["kernel_shape"]), tuple(attributes["strides"])
        return ([] if even else [nn.ZeroPad2d(padding)]) + [nn.MaxPool2d(window, stride, even)]
    return [
        {
            "Relu": lambda: nn.ReLU(inplace=True),
            "Clip": lambda: nn.ReLU6(inplace=True),
            "GlobalAveragePool": lambda: nn.AdaptiveAvgPool2d(1),
            "Flatten": lambda: nn.Flatten(),
            "Softmax": lambda: nn.Softmax(dim=1),
        }[kind]()
    ]


def _convolution(attributes, kernel, bias):
    padding, even = padding_sides(attributes["pads"])
    outputs, group = len(kernel), attributes["group"]
    convolution = nn.Conv2d(
        kernel.shape[1] * group,
        outputs,
        tuple(kernel.shape[2:]),
        tuple(attributes["strides"]),
        even or 0,
        groups=group,
    )
    return ([] if even else [nn.ZeroPad2d(padding)]) + [_with(convolution, kernel, bias)]


def padding_sides(pads):
    """Left, right, top, bottom; and (vertical, horizontal) if both sides have the same."""
    top, left, bottom, right = pads
    return (left, right, top, bottom), (top, left) if (top, left) == (bottom, right) else None


def _with(module, weight, bias):
    module.weight, module.bias = nn.Parameter(weight, False), nn.Parameter(bias, False)
    return module
