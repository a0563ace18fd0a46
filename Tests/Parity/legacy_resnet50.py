"""ResNet50 as Keras 2.2 and older built it, which is no longer in Keras: after keras-applications 1.0.7."""

import keras
from keras import layers


def legacy_resnet50(include_top, input_shape, pooling=None, **_):
    """Layers without a name get the numbers that Keras 2 gave them."""
    counts = {}

    def auto(prefix):
        counts[prefix] = counts.get(prefix, 0) + 1
        return f"{prefix}_{counts[prefix]}"

    def relu(x):
        return layers.Activation("relu", name=auto("activation"))(x)

    def unit(x, filters, kernel, name, strides=1, padding="valid"):
        x = layers.Conv2D(filters, kernel, strides=strides, padding=padding, name="res" + name)(x)
        return layers.BatchNormalization(axis=3, name="bn" + name)(x)

    def block(x, filters, stage, letter, strides):
        name = f"{stage}{letter}_branch"
        y = relu(unit(x, filters, 1, name + "2a", strides))
        y = relu(unit(y, filters, 3, name + "2b", padding="same"))
        y = unit(y, 4 * filters, 1, name + "2c")
        shortcut = unit(x, 4 * filters, 1, name + "1", strides) if letter == "a" else x
        return relu(layers.Add(name=auto("add"))([y, shortcut]))

    image = layers.Input(input_shape, name="input_1")
    x = layers.ZeroPadding2D((3, 3), name="conv1_pad")(image)
    x = layers.Conv2D(64, (7, 7), strides=(2, 2), name="conv1")(x)
    x = relu(layers.BatchNormalization(axis=3, name="bn_conv1")(x))
    x = layers.ZeroPadding2D((1, 1), name="pool1_pad")(x)
    x = layers.MaxPooling2D((3, 3), strides=(2, 2), name=auto("max_pooling2d"))(x)
    for stage, letters in [(2, "abc"), (3, "abcd"), (4, "abcdef"), (5, "abc")]:
        for letter in letters:
            x = block(x, 32 * 2 ** (stage - 1), stage, letter, 2 if stage > 2 and letter == "a" else 1)
    if include_top:
        x = layers.GlobalAveragePooling2D(name="avg_pool")(x)
        x = layers.Dense(1000, activation="softmax", name="fc1000")(x)
    elif pooling == "avg":
        x = layers.GlobalAveragePooling2D(name=auto("global_average_pooling2d"))(x)
    elif pooling == "max":
        x = layers.GlobalMaxPooling2D(name=auto("global_max_pooling2d"))(x)
    return keras.Model(image, x)
