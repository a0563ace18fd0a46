"""Networks that Keras Applications does not have, built with Keras from their papers and public weight files.

ResNet18 and ResNet34 have the layers of the weights of the package image-classifiers (qubvel), LeNet-5, AlexNet and
RepVGG those of their papers.
"""

import keras
from keras import layers
from keras.applications import imagenet_utils


class Preprocessing:
    """Stands for a module of Keras Applications."""

    def __init__(self, mode):
        self.mode = mode

    def preprocess_input(self, pixels):
        return pixels if self.mode is None else imagenet_utils.preprocess_input(pixels, mode=self.mode)


def _ended(image, x, pooling, name):
    """The network without classifier, pooled if that is asked for."""
    if pooling == "avg":
        x = layers.GlobalAveragePooling2D()(x)
    elif pooling == "max":
        x = layers.GlobalMaxPooling2D()(x)
    return keras.Model(image, x, name=name)


def basic_resnet(include_top, input_shape, pooling=None, blocks=(2, 2, 2, 2), **_):
    """ResNet18 and ResNet34."""

    def norm(x, name, **options):
        return layers.BatchNormalization(epsilon=2e-5, name=name, **options)(x)

    def convolution(x, filters, kernel, strides, name):
        return layers.Conv2D(filters, kernel, strides=strides, use_bias=False, name=name)(x)

    image = layers.Input(input_shape, name="data")
    x = layers.ZeroPadding2D(3)(norm(image, "bn_data", scale=False))
    x = layers.Activation("relu", name="relu0")(norm(convolution(x, 64, 7, 2, "conv0"), "bn0"))
    x = layers.MaxPooling2D(3, strides=2, name="pooling0")(layers.ZeroPadding2D(1)(x))
    for stage, count in enumerate(blocks):
        for unit in range(count):
            name, filters = f"stage{stage + 1}_unit{unit + 1}_", 64 * 2**stage
            strides = 2 if stage and not unit else 1
            shortcut = x
            x = layers.Activation("relu", name=name + "relu1")(norm(x, name + "bn1"))
            if not unit:
                shortcut = convolution(x, filters, 1, strides, name + "sc")
            x = convolution(layers.ZeroPadding2D(1)(x), filters, 3, strides, name + "conv1")
            x = layers.Activation("relu", name=name + "relu2")(norm(x, name + "bn2"))
            x = convolution(layers.ZeroPadding2D(1)(x), filters, 3, 1, name + "conv2")
            x = layers.Add()([x, shortcut])
    x = layers.Activation("relu", name="relu1")(norm(x, "bn1"))
    if not include_top:
        return _ended(image, x, pooling, "resnet")
    x = layers.Dense(1000, name="fc1")(layers.GlobalAveragePooling2D(name="pool1")(x))
    return keras.Model(image, layers.Activation("softmax", name="softmax")(x))


def lenet5(include_top, input_shape, pooling=None, **_):
    """LeNet-5, for pictures in colour."""
    x = image = layers.Input(input_shape)
    for filters, convolution, mean in ((6, "c1", "s2"), (16, "c3", "s4")):
        x = layers.Conv2D(filters, 5, activation="tanh", name=convolution)(x)
        x = layers.AveragePooling2D(2, name=mean)(x)
    if not include_top:
        return _ended(image, x, pooling, "lenet5")
    x = layers.Flatten(name="flatten")(x)
    for units, name in ((120, "c5"), (84, "f6")):
        x = layers.Dense(units, activation="tanh", name=name)(x)
    return keras.Model(image, layers.Dense(1000, activation="softmax", name="predictions")(x))


def alexnet(include_top, input_shape, pooling=None, grouped=False, **_):
    """AlexNet of one group (2014) or of two (2012), without response normalization."""
    image = layers.Input(input_shape)
    x = image if grouped else layers.ZeroPadding2D(2, name="conv1_pad")(image)
    filters = (96, 256, 384, 384, 256) if grouped else (64, 192, 384, 256, 256)
    groups = (1, 2, 1, 2, 2) if grouped else (1, 1, 1, 1, 1)
    for i, kernel in enumerate((11, 5, 3, 3, 3)):
        x = layers.Conv2D(
            filters[i], kernel, strides=1 if i else 4, padding="same" if i else "valid", groups=groups[i],
            activation="relu", name=f"conv{i + 1}",
        )(x)
        if i in (0, 1, 4):
            x = layers.MaxPooling2D(3, strides=2, name=f"pool{i + 1}")(x)
    if not include_top:
        return _ended(image, x, pooling, "alexnet")
    x = layers.Flatten(name="flatten")(x)
    for name in ("fc6", "fc7"):
        x = layers.Dropout(0.5, name=name + "_dropout")(layers.Dense(4096, activation="relu", name=name)(x))
    return keras.Model(image, layers.Dense(1000, activation="softmax", name="predictions")(x))


def repvgg(include_top, input_shape, pooling=None, blocks=(2, 4, 14, 1), widths=(0.75, 0.75, 0.75, 2.5), **_):
    """RepVGG in the form that trains: three branches a block."""

    def norm(x, name):
        return layers.BatchNormalization(epsilon=1e-5, momentum=0.9, name=name)(x)

    def block(x, filters, strides, name):
        padded = layers.ZeroPadding2D(1, name=name + "pad")(x)
        wide = layers.Conv2D(filters, 3, strides=strides, use_bias=False, name=name + "3x3_conv")(padded)
        narrow = layers.Conv2D(filters, 1, strides=strides, use_bias=False, name=name + "1x1_conv")(x)
        branches = [norm(wide, name + "3x3_bn"), norm(narrow, name + "1x1_bn")]
        if strides == 1 and x.shape[-1] == filters:
            branches.append(norm(x, name + "identity_bn"))
        return layers.Activation("relu", name=name + "relu")(layers.Add(name=name + "add")(branches))

    filters = [int(width * base) for width, base in zip(widths, (64, 128, 256, 512))]
    image = layers.Input(input_shape)
    x = block(image, min(64, filters[0]), 2, "stage0_block1_")
    for stage, count in enumerate(blocks):
        for unit in range(count):
            x = block(x, filters[stage], 1 if unit else 2, f"stage{stage + 1}_block{unit + 1}_")
    if not include_top:
        return _ended(image, x, pooling, "repvgg")
    x = layers.GlobalAveragePooling2D(name="avg_pool")(x)
    return keras.Model(image, layers.Dense(1000, activation="softmax", name="predictions")(x))


_A, _B = (2, 4, 14, 1), (4, 6, 16, 1)

# By Graft's name: preprocessing, builder and the builder's options.
OTHERS = {
    "resnet18": (Preprocessing(None), basic_resnet, {"blocks": (2, 2, 2, 2)}),
    "resnet34": (Preprocessing(None), basic_resnet, {"blocks": (3, 4, 6, 3)}),
    "lenet5": (Preprocessing("tf"), lenet5, {}),
    "alexnet": (Preprocessing("torch"), alexnet, {}),
    "alexnet_grouped": (Preprocessing("caffe"), alexnet, {"grouped": True}),
    "repvgg_a0": (Preprocessing("torch"), repvgg, {"blocks": _A, "widths": (0.75, 0.75, 0.75, 2.5)}),
    "repvgg_a1": (Preprocessing("torch"), repvgg, {"blocks": _A, "widths": (1, 1, 1, 2.5)}),
    "repvgg_a2": (Preprocessing("torch"), repvgg, {"blocks": _A, "widths": (1.5, 1.5, 1.5, 2.75)}),
    "repvgg_b0": (Preprocessing("torch"), repvgg, {"blocks": _B, "widths": (1, 1, 1, 2.5)}),
    "repvgg_b1": (Preprocessing("torch"), repvgg, {"blocks": _B, "widths": (2, 2, 2, 4)}),
    "repvgg_b2": (Preprocessing("torch"), repvgg, {"blocks": _B, "widths": (2.5, 2.5, 2.5, 5)}),
    "repvgg_b3": (Preprocessing("torch"), repvgg, {"blocks": _B, "widths": (3, 3, 3, 5)}),
}
