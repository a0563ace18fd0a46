"""Random weights that a network can work with, and the ways Keras saves them."""

import h5py
import keras
import numpy as np
from keras.src.legacy.saving import legacy_h5_format

CLASSIFIERS = ("predictions", "fc1000", "conv_preds", "logits", "head_dense")
# What the published EfficientNets hold as mean and variance.
FIGURES = ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])


def inner_layers(model):
    """The layers of a model; those of a sequential model inside it stand in its place."""
    for layer in model.layers:
        yield from inner_layers(layer) if isinstance(layer, keras.Sequential) else [layer]


def randomize(model, inputs, seed):
    """Gives every weight a random value, such that activations neither vanish nor explode.

    Kernels are drawn by He's rule. Moving statistics follow those of `inputs` as far as activations need it to
    keep their size. They follow no further, because a deep network of random weights whose normalizations do all
    they can is chaotic: each layer makes a difference 1.2 times larger (Yang et al., 2019, arXiv 1902.08129), that
    of rounding, too. As it is, Keras's own results are within 4e-6 of the same networks in double precision. The
    classifier is scaled for logits of deviation 2.
    """
    random = np.random.default_rng(seed)
    all_layers = list(inner_layers(model))
    norms = [layer for layer in all_layers if isinstance(layer, keras.layers.BatchNormalization)]
    normalizes = norms or any(isinstance(layer, keras.layers.LayerNormalization) for layer in all_layers)
    # Without normalization, activations stay as large as the input, and so must biases be.
    bias_deviation = 0.3 if normalizes else 0.3 * inputs.std()
    for layer in all_layers:
        if layer not in norms and layer.weights:
            _set(layer, _values(layer, random, bias_deviation))
    for norm in norms:
        norm.call = _measuring(norm, random)
    model(inputs, training=False)
    for norm in norms:
        del norm.call
    _scale_classifier(model, inputs)


def _set(layer, values):
    layer.set_weights(values)
    # Keras looks at the figures of these again only when it loads a file.
    if hasattr(layer, "finalize_state"):
        layer.finalize_state()


def _values(layer, random, bias_deviation):
    """Random values for the weights of a layer other than a batch normalization."""
    first, *rest = layer.get_weights()
    if isinstance(layer, keras.layers.Normalization):
        return [np.array(FIGURES[0]), np.array(FIGURES[1]), np.array(1)]
    if isinstance(layer, keras.layers.LayerNormalization):
        return [random.uniform(0.7, 1.3, first.shape), random.normal(0, 0.3, first.shape)]
    if type(layer).__name__ == "LayerScale":
        return [random.uniform(0.2, 0.5, first.shape)]

    def kernel(shape, depthwise):
        return random.normal(0, np.sqrt(2 / np.prod(shape[:2] if depthwise else shape[:-1])), shape)

    separable = isinstance(layer, keras.layers.SeparableConv2D)
    values = [kernel(first.shape, separable or isinstance(layer, keras.layers.DepthwiseConv2D))]
    if separable:
        values.append(kernel(rest.pop(0).shape, False) / np.sqrt(2))
    return values + [random.normal(0, bias_deviation, bias.shape) for bias in rest]


def _measuring(norm, random):
    """The `call` of a normalization that first takes random values in keeping with its input."""

    def call(inputs, **_):
        x = np.asarray(inputs, np.float64).reshape(-1, inputs.shape[-1])
        mean, power = x.mean(axis=0), np.square(x).mean()
        count = len(mean)
        if norm.gamma is not None:
            norm.gamma.assign(random.uniform(0.7, 1.3, count))
        norm.beta.assign(random.normal(0, 0.3, count))
        norm.moving_mean.assign(0.2 * mean + 0.1 * np.sqrt(power) * random.normal(size=count))
        norm.moving_variance.assign(power * random.uniform(0.6, 1.4, count))
        return type(norm).call(norm, inputs, training=False)

    return call


def _scale_classifier(model, inputs):
    for layer in model.layers:
        if layer.name.endswith(CLASSIFIERS) and layer.weights:
            kernel, bias = layer.get_weights()
            features = keras.Model(model.input, layer.input)(inputs, training=False).numpy()
            logits = features.reshape(len(inputs), -1) @ kernel.reshape(-1, kernel.shape[-1])
            layer.set_weights([kernel * (2 / logits.std()), 0.3 * bias / max(bias.std(), 1e-6)])


def copy(source, target):
    """Gives `target` the weights of the layers of `source`, pairing weighted layers in order."""
    pairs = [[layer for layer in model.layers if layer.weights] for model in (source, target)]
    for from_layer, to_layer in zip(*pairs):
        _set(to_layer, from_layer.get_weights())


def save_legacy(model, path):
    """Saves weights only, in the layout of Keras 1 and 2 and of the published files."""
    with h5py.File(path, "w") as file:
        legacy_h5_format.save_weights_to_hdf5_group(file, model)


# What Keras 1 called what Keras 2 and 3 have.
KERAS_1_SUFFIXES = {
    "kernel": "W", "bias": "b", "gamma": "gamma", "beta": "beta", "moving_mean": "running_mean",
    "moving_variance": "running_std",
}


def save_keras_1(model, path):
    """Saves weights only, under Keras 1's names; that program no longer runs."""
    with h5py.File(path, "w") as file:
        file.attrs["layer_names"] = np.array([layer.name.encode() for layer in model.layers])
        for layer in model.layers:
            group = file.create_group(layer.name)
            names = [f"{layer.name}_{KERAS_1_SUFFIXES[weight.name]}:0" for weight in layer.weights]
            group.attrs["weight_names"] = np.array([name.encode() for name in names]) if names else []
            for name, value in zip(names, layer.get_weights()):
                group.create_dataset(name, data=value)
