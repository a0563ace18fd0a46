"""A Keras network as ONNX, channels first, with its normalizations folded into the convolutions before them.

That is the form that ONNX Runtime and OpenVINO work on in any case: no transposition is left, and uneven padding is
an attribute of the convolution.
"""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from keras_layers import activation, kind, pads, sources


def convert(model):
    """The ONNX model; its input `pixels` is batch x channels x height x width, its output `result`."""
    return _Conversion(model).model()


class _Conversion:
    def __init__(self, model):
        self.network = model
        self.nodes = []
        self.constants = []
        # By layer of Keras: the name of its result, the padding that the next layer has to do, and its consumers.
        self.results = {}
        self.padding = {}
        self.consumers = {}
        for layer in model.layers:
            for source in sources(layer):
                self.consumers.setdefault(source.name, []).append(layer)

    def model(self):
        folded = set()
        for layer in self.network.layers:
            if layer.name in folded:
                self.results[layer.name] = self._input(layer)
                continue
            follower = self.consumers.get(layer.name, [])
            norm = follower[0] if len(follower) == 1 and kind(follower[0]) == "BatchNormalization" else None
            if kind(layer) in ("Conv2D", "DepthwiseConv2D") and norm and activation(layer) == "linear":
                self._convolution(layer, norm)
                folded.add(norm.name)
            else:
                getattr(self, "_" + kind(layer).lower())(layer)
        _, height, width, channels = self.network.input.shape
        self.nodes[-1].output[0] = "result"
        shape = self.network.output.shape
        output = ["N", *(shape[1:] if len(shape) == 2 else (shape[3], *shape[1:3]))]
        graph = helper.make_graph(
            self.nodes,
            self.network.name,
            [helper.make_tensor_value_info("pixels", TensorProto.FLOAT, ["N", channels, height, width])],
            [helper.make_tensor_value_info("result", TensorProto.FLOAT, output)],
            self.constants,
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=10)
        onnx.checker.check_model(model, full_check=True)
        return model

    # Layers

    def _inputlayer(self, layer):
        self.results[layer.name] = "pixels"

    def _conv2d(self, layer):
        self._convolution(layer, None)

    _depthwiseconv2d = _conv2d

    def _convolution(self, layer, norm):
        kernel, *bias = (np.asarray(w, np.float64) for w in layer.get_weights())
        depthwise = kind(layer) == "DepthwiseConv2D"
        # Output channels, input channels of a group, height, width.
        kernel = kernel.transpose(2, 3, 0, 1) if depthwise else kernel.transpose(3, 2, 0, 1)
        bias = bias[0] if bias else np.zeros(len(kernel))
        if norm:
            gamma, beta, mean, variance = (np.asarray(w, np.float64) for w in norm.get_weights())
            factor = gamma / np.sqrt(variance + norm.epsilon)
            kernel, bias = kernel * factor[:, None, None, None], (bias - mean) * factor + beta
        result = self._node(
            "Conv",
            [self._input(layer), self._constant(kernel, layer, "kernel"), self._constant(bias, layer, "bias")],
            layer,
            kernel_shape=kernel.shape[2:],
            strides=layer.strides,
            pads=self._pads(layer, kernel.shape[2:]),
            group=len(kernel) if depthwise else 1,
        )
        self.results[layer.name] = self._activated(result, layer, activation(layer))

    def _dense(self, layer):
        kernel, bias = layer.get_weights()
        inputs = [self._input(layer), self._constant(kernel.T, layer, "kernel"), self._constant(bias, layer, "bias")]
        result = self._node("Gemm", inputs, layer, transB=1)
        self.results[layer.name] = self._activated(result, layer, activation(layer))

    def _relu(self, layer):
        kind = {None: "relu", 6.0: "relu6"}[layer.max_value]
        self.results[layer.name] = self._activated(self._input(layer), layer, kind)

    def _activation(self, layer):
        self.results[layer.name] = self._activated(self._input(layer), layer, activation(layer))

    def _add(self, layer):
        inputs = [self.results[source.name] for source in sources(layer)]
        self.results[layer.name] = self._node("Add", inputs, layer)

    def _zeropadding2d(self, layer):
        (top, bottom), (left, right) = layer.padding
        self.padding[layer.name] = [top, left, bottom, right]
        self.results[layer.name] = self._input(layer)

    def _maxpooling2d(self, layer):
        # Padding with zeros is none to a maximum of what a ReLU gives.
        pads = self._pads(layer, layer.pool_size)
        self.results[layer.name] = self._node(
            "MaxPool", [self._input(layer)], layer, kernel_shape=layer.pool_size, strides=layer.strides, pads=pads
        )

    def _globalaveragepooling2d(self, layer):
        result = self._node("GlobalAveragePool", [self._input(layer)], layer)
        self.results[layer.name] = result if layer.keepdims else self._node("Flatten", [result], layer, "flat")

    def _reshape(self, layer):
        # Between 1 x 1 x C and C only.
        result = self._input(layer)
        self.results[layer.name] = self._node("Flatten", [result], layer) if len(layer.target_shape) == 1 else result

    def _dropout(self, layer):
        self.results[layer.name] = self._input(layer)

    # Parts

    def _input(self, layer):
        (source,) = sources(layer)
        return self.results[source.name]

    def _pads(self, layer, window):
        (source,) = sources(layer)
        return pads(layer, window, self.padding.get(source.name))

    def _activated(self, value, layer, kind):
        if kind == "linear":
            return value
        if kind == "relu6":
            limits = [self._constant(np.array(n), layer, f"limit{n}") for n in (0, 6)]
            return self._node("Clip", [value, *limits], layer, kind)
        return self._node({"relu": "Relu", "softmax": "Softmax"}[kind], [value], layer, kind)

    def _constant(self, array, layer, name):
        name = f"{layer.name}/{name}"
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(array, np.float32), name))
        return name

    def _node(self, kind, inputs, layer, part="", **attributes):
        result = f"{layer.name}/{part or kind.lower()}"
        self.nodes.append(helper.make_node(kind, inputs, [result], name=result, **attributes))
        return result
