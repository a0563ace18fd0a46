"""What the conversions of a Keras network ask of its layers."""


def sources(layer):
    """The layers that a layer reads."""
    return [node.operation for node in layer._inbound_nodes[0].parent_nodes]


def kind(layer):
    return type(layer).__name__


def activation(layer):
    return layer.activation.__name__


def pads(layer, window, left_to_do):
    """Top, left, bottom, right: what the layer before left to do, or Keras's rule for `same`."""
    if layer.padding == "valid":
        return left_to_do or [0, 0, 0, 0]
    before, after = [], []
    for size, extent, stride in zip(layer.input.shape[1:3], window, layer.strides):
        total = max((-(-size // stride) - 1) * stride + extent - size, 0)
        before.append(total // 2)
        after.append(total - total // 2)
    return before + after
