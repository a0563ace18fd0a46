"""Small models of one's own, as users make them: every layer that Graft knows, odd windows, nested and shared layers.

Each function gives a model that takes a picture of SIDE x SIDE x 3 with values 0 to 255.
"""

import networks  # noqa: F401  sets what TensorFlow reads from the environment, so first

import keras
import numpy as np
from keras import layers as L

SIDE = 13
MODELS = {}


def model(function):
    MODELS[function.__name__] = function
    return function


def start():
    """The input of a model, and its values brought to -1 to 1."""
    x = keras.Input((SIDE, SIDE, 3))
    return x, L.Rescaling(1 / 127.5, -1)(x)


def build(name):
    """A model with weights as after training: none of them 0 or 1."""
    keras.utils.clear_session()
    rng = np.random.default_rng(sum(name.encode()))
    built = MODELS[name]()
    for weight in built.weights:
        value, path = weight.numpy(), weight.path
        if "variance" in path or "gamma" in path:
            value = rng.uniform(0.5, 1.5, value.shape)
        elif value.dtype.kind == "f":
            value = value + rng.normal(0, 0.05, value.shape)
        else:
            continue
        weight.assign(value.astype("float32"))
    return built


@model
def windows():
    x, y = start()
    y = L.Conv2D(4, (3, 5), strides=(2, 1), padding="same", activation="relu")(y)
    y = L.Conv2D(5, (2, 4), strides=(1, 3), padding="valid")(y)
    return keras.Model(x, y)


@model
def lenet5():
    """LeCun et al., 1998, in colour."""
    x, y = start()
    y = L.AveragePooling2D(2)(L.Conv2D(6, 5, padding="same", activation="tanh", name="c1")(y))
    y = L.AveragePooling2D(2)(L.Conv2D(16, 5, activation="tanh", name="c3")(y))
    y = L.Dense(84, activation="tanh", name="f6")(L.Dense(120, activation="tanh", name="c5")(L.Flatten()(y)))
    return keras.Model(x, L.Dense(10, activation="softmax")(y))


@model
def even_windows():
    x, y = start()
    y = L.Conv2D(4, 2, strides=2, padding="same")(y)
    y = L.Conv2D(4, 4, padding="same")(y)
    return keras.Model(x, L.MaxPooling2D(2, 2, padding="same")(y))


@model
def dilated():
    x, y = start()
    y = L.Conv2D(4, 3, dilation_rate=(2, 3), padding="same")(y)
    return keras.Model(x, L.Conv2D(3, (2, 3), dilation_rate=2)(y))


@model
def grouped():
    x, y = start()
    y = L.Conv2D(6, 3, padding="same")(y)
    y = L.Conv2D(9, 3, groups=3, strides=2, padding="same", activation="swish")(y)
    return keras.Model(x, L.Conv2D(9, 3, groups=9)(y))


@model
def depthwise():
    x, y = start()
    y = L.DepthwiseConv2D(3, depth_multiplier=2, padding="same", activation="relu6")(y)
    y = L.DepthwiseConv2D((2, 3), strides=2, use_bias=False)(y)
    return keras.Model(x, L.DepthwiseConv2D(3, dilation_rate=2, padding="same")(y))


@model
def separable():
    x, y = start()
    y = L.SeparableConv2D(5, 3, depth_multiplier=2, strides=2, padding="same", activation="elu")(y)
    return keras.Model(x, L.SeparableConv2D(4, (2, 3), use_bias=False)(y))


@model
def transposed():
    x, y = start()
    y = L.Conv2DTranspose(4, 3, strides=2, padding="same", activation="relu")(y)
    y = L.Conv2D(4, 5, strides=4)(y)
    return keras.Model(x, L.Conv2DTranspose(3, (2, 4), strides=(3, 2))(y))


@model
def transposed_padded():
    x, y = start()
    y = L.Conv2DTranspose(4, 3, strides=2, padding="same", output_padding=1, use_bias=False)(y)
    return keras.Model(x, L.Conv2DTranspose(2, 3, padding="valid", activation="tanh")(y))


@model
def pooling():
    x, y = start()
    a = L.MaxPooling2D(3, 2, padding="same")(y)
    b = L.AveragePooling2D(3, 2, padding="same")(y)
    c = L.AveragePooling2D((2, 3), 2, padding="same")(y)
    return keras.Model(x, L.MaxPooling2D((3, 2), (1, 2))(L.Concatenate()([a, b, c])))


@model
def squeezed():
    x, y = start()
    y = L.Conv2D(8, 3, padding="same")(y)
    s = L.GlobalAveragePooling2D(keepdims=True)(y)
    s = L.Conv2D(2, 1, activation="relu")(s)
    s = L.Conv2D(8, 1, activation="hard_sigmoid")(s)
    m = L.GlobalMaxPooling2D(keepdims=True)(y)
    return keras.Model(x, L.Add()([L.Multiply()([y, s]), m]))


@model
def rectifiers():
    x, y = start()
    y = L.ReLU(max_value=0.9, negative_slope=0.1, threshold=0.05)(y)
    y = L.Conv2D(5, 3)(y)
    y = L.LeakyReLU(0.15)(y)
    y = L.Conv2D(5, 3)(y)
    y = L.ReLU(max_value=2.5)(y)
    y = L.Conv2D(5, 3)(y)
    y = L.ELU(0.7)(y)
    return keras.Model(x, L.Conv2D(5, 1, activation=L.LeakyReLU(0.3))(y))


@model
def parametric_rectifiers():
    x, y = start()
    y = L.PReLU()(y)
    y = L.Conv2D(4, 3)(y)
    y = L.PReLU(shared_axes=[1, 2])(y)
    y = L.Flatten()(y)
    return keras.Model(x, L.PReLU()(L.Dense(7)(y)))


@model
def functions():
    x, y = start()
    names = ["elu", "selu", "celu", "softplus", "softsign", "tanh", "exponential", "mish", "leaky_relu", "gelu"]
    names += ["hard_tanh", "log_sigmoid", "squareplus", "tanh_shrink", "soft_shrink", "hard_shrink", "hard_silu"]
    ys = [L.Conv2D(2, 1, activation=name)(y) for name in names]
    return keras.Model(x, L.Concatenate()(ys))


@model
def activation_layers():
    x, y = start()
    ys = [L.Activation(name)(y) for name in ["mish", "selu", "silu", "sigmoid", "hard_sigmoid", "relu6", "elu"]]
    return keras.Model(x, L.Concatenate()(ys + [L.Softmax()(y)]))


@model
def layer_normalization():
    x, y = start()
    y = L.LayerNormalization(epsilon=1e-5)(L.Conv2D(6, 3)(y))
    return keras.Model(x, L.LayerNormalization(axis=[1, 2, 3], center=False)(L.Conv2D(4, 3)(y)))


@model
def group_normalization():
    x, y = start()
    y = L.GroupNormalization(4)(L.Conv2D(8, 3)(y))
    y = L.GroupNormalization(1, scale=False, epsilon=1e-5)(L.Conv2D(6, 3)(y))
    return keras.Model(x, L.GroupNormalization(-1)(y))


@model
def unit_normalization():
    x, y = start()
    y = L.UnitNormalization()(L.Conv2D(6, 3)(y))
    return keras.Model(x, L.UnitNormalization()(L.Dense(5)(L.GlobalAveragePooling2D()(y))))


@model
def batch_normalization():
    x, y = start()
    y = L.BatchNormalization(scale=False)(L.Conv2D(6, 3, use_bias=False)(y))
    y = L.BatchNormalization(center=False, epsilon=1e-5)(L.ReLU()(y))
    return keras.Model(x, L.BatchNormalization()(L.DepthwiseConv2D(3)(y)))


@model
def merging():
    x, y = start()
    a, b, c = (L.Conv2D(4, 3)(y) for _ in range(3))
    joined = [
        L.Subtract()([a, b]), L.Maximum()([a, b, c]), L.Minimum()([c, b]), L.Average()([a, b, c]),
        L.Multiply()([a, b, c]), L.Add()([a, b, c]),
    ]
    return keras.Model(x, L.Concatenate()(joined))


@model
def repeated_axes():
    x, y = start()
    y = L.Conv2D(4, 3)(y)
    row = L.MaxPooling2D((1, 11))(y)
    column = L.AveragePooling2D((11, 1))(y)
    y = L.Add()([row, column])
    y = L.Multiply()([y, L.Conv2D(1, 1, activation="sigmoid")(y)])
    return keras.Model(x, L.Maximum()([y, L.GlobalAveragePooling2D(keepdims=True)(y)]))


@model
def joined_axes():
    x, y = start()
    a, b = L.Conv2D(4, 3)(y), L.Conv2D(4, 3, activation="relu")(y)
    y = L.Concatenate(axis=1)([a, b])
    z = L.Concatenate(axis=-2)([y, y])
    return keras.Model(x, L.Conv2D(3, 3)(z))


@model
def reshaped():
    x, y = start()
    y = L.Conv2D(4, 2)(y)
    y = L.Permute((3, 1, 2))(y)
    y = L.Reshape((12, -1))(y)
    y = L.Dense(6, activation="relu")(y)
    y = L.Permute((2, 1))(y)
    return keras.Model(x, L.Dense(5, activation="softmax")(L.Flatten()(y)))


@model
def edges():
    x, y = start()
    y = L.ZeroPadding2D(((1, 2), (0, 3)))(y)
    y = L.Conv2D(4, 3, strides=2)(y)
    y = L.Cropping2D(((1, 0), (2, 1)))(y)
    return keras.Model(x, L.ZeroPadding2D(2)(y))


@model
def upsampled():
    x, y = start()
    y = L.Conv2D(4, 3, strides=2)(y)
    a = L.UpSampling2D((2, 3))(y)
    b = L.UpSampling2D((2, 3), interpolation="bilinear")(y)
    return keras.Model(x, L.Concatenate()([a, b]))


@model
def resized():
    x, y = start()
    a = L.Resizing(7, 9)(y)
    b = L.Resizing(7, 9, interpolation="nearest")(y)
    c = L.CenterCrop(7, 9)(y)
    return keras.Model(x, L.Concatenate()([a, b, c]))


@model
def normalized():
    x = keras.Input((SIDE, SIDE, 3))
    y = L.Normalization(mean=[120.0, 110.0, 100.0], variance=[3000.0, 3100.0, 3200.0])(x)
    y = L.Rescaling([0.5, 0.6, 0.7], [0.1, 0.0, -0.1])(y)
    return keras.Model(x, L.Conv2D(4, 3)(y))


@model
def regularized():
    x, y = start()
    for layer in [L.RandomFlip(), L.RandomRotation(0.1), L.RandomZoom(0.1), L.RandomContrast(0.1), L.GaussianNoise(0.1)]:
        y = layer(y)
    y = L.SpatialDropout2D(0.2)(L.Conv2D(6, 3)(y))
    y = L.AlphaDropout(0.1)(L.GaussianDropout(0.1)(L.Dropout(0.3)(y)))
    return keras.Model(x, L.ActivityRegularization(l2=0.1)(y))


@model
def nested():
    def branch(name):
        return keras.Sequential([L.Conv2D(4, 3, name="c"), L.BatchNormalization(name="n"), L.Conv2D(4, 3, name="d")], name=name)

    inner = keras.Input((9, 9, 4))
    deep = keras.Model(inner, branch("deepest")(inner), name="deep")
    x, y = start()
    y = L.Average()([branch("left")(y), branch("right")(y)])
    return keras.Model(x, L.Dense(3)(L.GlobalMaxPooling2D()(deep(y))))


@model
def sequential():
    body = keras.Sequential([L.Conv2D(4, 3, activation="relu"), L.MaxPooling2D()])
    return keras.Sequential(
        [keras.Input((SIDE, SIDE, 3)), L.Rescaling(1 / 255), body, L.Flatten(), L.Dense(4, activation="softmax")])


@model
def shared():
    conv = L.Conv2D(3, 3, padding="same", activation="relu")
    norm = L.BatchNormalization()
    body = keras.Sequential([L.Conv2D(5, 3), L.Conv2D(4, 1)], name="twin")
    x, y = start()
    y = norm(conv(norm(conv(y))))
    return keras.Model(x, L.Subtract()([body(y), body(conv(y))]))


@model
def inception():
    x, y = start()
    a = L.Conv2D(3, 1, padding="same", activation="relu")(y)
    b = L.Conv2D(4, 3, padding="same", activation="relu")(L.Conv2D(2, 1, activation="relu")(y))
    c = L.Conv2D(2, 5, padding="same", activation="relu")(L.Conv2D(2, 1, activation="relu")(y))
    d = L.Conv2D(2, 1, activation="relu")(L.MaxPooling2D(3, 1, padding="same")(y))
    return keras.Model(x, L.Concatenate()([a, b, c, d]))


@model
def residual():
    x, y = start()
    short = L.BatchNormalization()(L.Conv2D(8, 1, strides=2)(y))
    y = L.ReLU()(L.BatchNormalization()(L.Conv2D(8, 3, strides=2, padding="same")(y)))
    y = L.BatchNormalization()(L.Conv2D(8, 3, padding="same")(y))
    return keras.Model(x, L.ReLU()(L.Add()([y, short])))


@model
def inverted_residual():
    x, y = start()
    y = L.Conv2D(4, 3, padding="same")(y)
    z = L.Activation("hard_silu")(L.BatchNormalization()(L.Conv2D(12, 1, use_bias=False)(y)))
    z = L.Activation("hard_silu")(L.BatchNormalization()(L.DepthwiseConv2D(3, padding="same", use_bias=False)(z)))
    return keras.Model(x, L.Add()([y, L.BatchNormalization()(L.Conv2D(4, 1, use_bias=False)(z))]))


@model
def transformed():
    x, y = start()
    y = L.Conv2D(6, 3)(y)
    z = L.DepthwiseConv2D(5, padding="same")(y)
    z = L.Dense(24, activation="gelu")(L.LayerNormalization(epsilon=1e-6)(z))
    return keras.Model(x, L.Add()([y, L.Dense(6)(z)]))


@model
def mixer():
    x, y = start()
    y = L.Reshape((16, 8))(L.Conv2D(8, 3, strides=3)(y))
    z = L.Permute((2, 1))(L.LayerNormalization()(y))
    z = L.Permute((2, 1))(L.Dense(16)(L.Dense(10, activation="gelu")(z)))
    y = L.Add()([y, z])
    return keras.Model(x, L.Dense(3, activation="softmax")(L.Flatten()(y)))


@model
def arithmetic():
    x = keras.Input((SIDE, SIDE, 3))
    y = x / 127.5 - 1
    y = L.Conv2D(4, 3)(y)
    z = keras.ops.relu(y) * 0.5 + keras.ops.maximum(y, keras.ops.tanh(y))
    return keras.Model(x, 1 - z)


def channels_first():
    """A model that works on channels first, its twin on channels last, both with the same weights."""

    def build(order):
        first = order == "channels_first"
        axis = 1 if first else -1
        x = keras.Input((3, SIDE, SIDE) if first else (SIDE, SIDE, 3))
        y = L.Rescaling(1 / 127.5, -1)(x)
        y = L.Conv2D(6, 3, strides=2, padding="same", data_format=order, activation="relu")(y)
        y = L.BatchNormalization(axis=axis)(y)
        y = L.ZeroPadding2D(((1, 0), (2, 1)), data_format=order)(y)
        a = L.DepthwiseConv2D(3, padding="same", data_format=order)(y)
        b = L.MaxPooling2D(3, 1, padding="same", data_format=order)(y)
        y = L.Concatenate(axis=axis)([a, b])
        s = L.GlobalAveragePooling2D(data_format=order)(y)
        s = L.Reshape((12, 1, 1) if first else (1, 1, 12))(L.Dense(12, activation="sigmoid")(s))
        y = L.Multiply()([y, s])
        y = L.Flatten(data_format=order)(y)
        return keras.Model(x, L.Dense(5, activation="softmax")(y))

    keras.utils.clear_session()
    last = build("channels_last")
    rng = np.random.default_rng(5)
    values = [rng.uniform(0.5, 1.5, w.shape) if "variance" in w.path else rng.normal(0, 0.3, w.shape) for w in last.weights]
    first = build("channels_first")
    for twin in (last, first):
        twin.set_weights(values)
    return first, last
