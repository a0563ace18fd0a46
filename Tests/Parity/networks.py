"""The networks that Graft knows, as real Keras builds them."""

import functools
import importlib
import os
from unittest import mock

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = ""

import keras  # noqa: E402
from keras import applications  # noqa: E402

from legacy_resnet50 import legacy_resnet50  # noqa: E402
from other_networks import OTHERS  # noqa: E402


def _builders():
    """By Graft's name for an architecture: Keras's module, builder and the builder's options."""
    table = {}
    for name in ["VGG16", "VGG19"]:
        table[name.lower()] = (getattr(applications, name.lower()), getattr(applications, name), {})
    for depth in [50, 101, 152]:
        table[f"resnet{depth}"] = (applications.resnet50, getattr(applications, f"ResNet{depth}"), {})
    table["resnet50_legacy"] = (applications.resnet50, legacy_resnet50, {})
    for depth in [50, 101, 152]:
        table[f"resnet{depth}v2"] = (applications.resnet_v2, getattr(applications, f"ResNet{depth}V2"), {})
    for name, module, alphas in [
        ("MobileNet", "mobilenet", [0.25, 0.5, 0.75, 1.0]),
        ("MobileNetV2", "mobilenet_v2", [0.35, 0.5, 0.75, 1.0, 1.3, 1.4]),
        ("MobileNetV3Small", "mobilenet_v3", [0.75, 1.0]),
        ("MobileNetV3Large", "mobilenet_v3", [0.75, 1.0]),
    ]:
        entry = getattr(applications, module), getattr(applications, name)
        for alpha in alphas:
            table[f"{name.lower()}_{alpha}"] = (*entry, {"alpha": alpha})
        if "V3" in name:
            table[f"{name.lower()}_minimalistic_1.0"] = (*entry, {"alpha": 1.0, "minimalistic": True})
    for name, module in [
        ("DenseNet121", "densenet"), ("DenseNet169", "densenet"), ("DenseNet201", "densenet"),
        ("Xception", "xception"), ("InceptionV3", "inception_v3"), ("InceptionResNetV2", "inception_resnet_v2"),
        *((f"EfficientNetB{i}", "efficientnet") for i in range(8)),
        *((f"EfficientNetV2{size}", "efficientnet_v2") for size in ("B0", "B1", "B2", "B3", "S", "M", "L")),
        *((f"ConvNeXt{size}", "convnext") for size in ("Tiny", "Small", "Base", "Large", "XLarge")),
        ("NASNetMobile", "nasnet"), ("NASNetLarge", "nasnet"),
    ]:
        table[name.lower()] = (getattr(applications, module), getattr(applications, name), {})
    return table | OTHERS


BUILDERS = _builders()


def _as_published(builder, weights, input_shape, **options):
    """An EfficientNet as Keras builds it for its published weights, which has a layer more, but without them."""
    module = importlib.import_module("keras.src.applications.efficientnet")
    with (
        mock.patch.object(module.file_utils, "get_file"),
        mock.patch.object(module.Functional, "load_weights"),
        mock.patch.object(module.imagenet_utils, "obtain_input_shape", return_value=input_shape),
    ):
        return builder(weights="imagenet", input_shape=input_shape, **options)


def minimum_size(name):
    """The smallest side that Keras lets a picture have."""
    return {
        "xception": 71, "inceptionv3": 75, "inceptionresnetv2": 75, "lenet5": 16, "alexnet": 63,
        "alexnet_grouped": 67,
    }.get(name, 32)


def build(name, size, top):
    """The network `name` for pictures of (height, width), with random weights.

    `top` is "top" for the classifier, "none", or the pooling that follows the trunk: "average" or "max". Keras
    numbers layers without a name from the first model of a process on, so its count is set back before.
    """
    keras.utils.clear_session()
    _, builder, options = BUILDERS[name]
    if name.startswith("efficientnetb"):
        builder = functools.partial(_as_published, builder)
    pooling = {"average": "avg", "max": "max"}.get(top)
    return builder(weights=None, include_top=top == "top", input_shape=(*size, 3), pooling=pooling, **options)


def preprocess(name, pixels):
    """What the network `name` is given for RGB pixels 0...255."""
    return BUILDERS[name][0].preprocess_input(pixels.astype("float32"))


def stage_ends(name, model):
    """The last layer of each stage of the trunk; the very last gives the features."""
    layers = [layer.name for layer in model.layers]

    def after(layer):
        return layers[layers.index(layer) + 1]

    def either(*candidates):
        return next(layer for layer in candidates if layer in layers)

    if name.startswith("vgg"):
        return [f"block{i}_pool" for i in range(1, 6)]
    if name in ("resnet18", "resnet34"):
        # Sums are numbered from the first of the network on.
        ends = (1, 3, 5) if name == "resnet18" else (2, 6, 12)
        return ["pooling0"] + [f"add_{i}" for i in ends] + ["relu1"]
    if name == "lenet5":
        return ["s2", "s4"]
    if name.startswith("alexnet"):
        return ["pool1", "pool2", "conv3", "conv4", "pool5"]
    if name.startswith("repvgg"):
        counts = (1, 2, 4, 14, 1) if name[7] == "a" else (1, 4, 6, 16, 1)
        return [f"stage{i}_block{n}_relu" for i, n in enumerate(counts)]
    if name == "resnet50_legacy":
        return ["max_pooling2d_1"] + [f"activation_{i}" for i in (10, 22, 40, 49)]
    if name.startswith("resnet"):
        counts = {"resnet50": (3, 4, 6, 3), "resnet101": (3, 4, 23, 3), "resnet152": (3, 8, 36, 3)}
        blocks = [f"conv{i + 2}_block{n}_out" for i, n in enumerate(counts[name.removesuffix("v2")])]
        return ["pool1_pool"] + blocks[:3] + ["post_relu" if name.endswith("v2") else blocks[3]]
    if name.startswith("densenet"):
        counts = {"densenet121": (6, 12, 24), "densenet169": (6, 12, 32), "densenet201": (6, 12, 48)}
        return ["pool1"] + [f"conv{i + 2}_block{n}_concat" for i, n in enumerate(counts[name])] + ["relu"]
    if name == "xception":
        adds = iter(["add"] + [f"add_{i}" for i in range(1, 12)])
        return ["block1_conv2_act"] + list(adds) + ["block14_sepconv2_act"]
    if name == "inceptionresnetv2":
        blocks = ["mixed_5b", "block35_10_ac", "mixed_6a", "block17_20_ac", "mixed_7a", "custom_scale_layer_39"]
        return ["max_pooling2d_1"] + blocks + ["conv_7b_ac"]
    if name.startswith("efficientnet"):
        count = max(int(layer[5]) for layer in layers if layer.startswith("block"))
        ends = [[layer for layer in layers if layer.startswith(f"block{i}")][-1] for i in range(1, count + 1)]
        return ["stem_activation"] + ends + ["top_activation"]
    if name.startswith("convnext"):
        # Sums written with a plus sign are operations, and no layers.
        adds = [operation.name for operation in model.operations if operation.name.split("_")[0] == "add"]
        depths = (3, 3, len(adds) - 9, 3)
        return [adds[sum(depths[: i + 1]) - 1] for i in range(4)]
    if name.startswith("nasnet"):
        n = 4 if name == "nasnetmobile" else 6
        last = [layer for layer in layers if layer.split("_")[0] == "activation"][-1]
        return [f"normal_concat_{i}" for i in (n - 1, 2 * n)] + [f"normal_concat_{3 * n}", last]
    if name == "inceptionv3":
        return ["max_pooling2d_1"] + [f"mixed{i}" for i in range(11)]
    if name.startswith("mobilenet_"):
        return ["conv1_relu"] + [f"conv_pw_{i}_relu" for i in range(1, 14)]
    if name.startswith("mobilenetv2"):
        blocks = [either(f"block_{i}_add", f"block_{i}_project_BN") for i in range(1, 17)]
        return ["Conv1_relu", "expanded_conv_project_BN"] + blocks + ["out_relu"]
    prefixes = ["expanded_conv_"] + [f"expanded_conv_{i}_" for i in range(1, 15 if "large" in name else 11)]
    blocks = [either(f"{prefix}add", f"{prefix}project_bn") for prefix in prefixes]
    return [after("conv_bn")] + blocks + [after("conv_1_bn")]
