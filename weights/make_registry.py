#!/usr/bin/env python3
"""Makes registry.json, the list of published weight files, from keras_weights.csv beside it and a few of others.

    python weights/make_registry.py            # writes weights/registry.json
    python weights/make_registry.py --check    # says whether it is up to date

Names of files. Lower case, words joined by underscores:

    FAMILY[_vN][_VARIANT][_WIDTH][_SIZE][_notop]

- FAMILY and VARIANT are those of Keras's builder: vgg16, resnet50, resnet50_v2, densenet121, efficientnet_b0,
  efficientnet_v2_s, convnext_tiny, mobilenet_v3_small, nasnet_mobile, inception_resnet_v2, regnet_y016, resnet_rs50.
- WIDTH and SIZE are there where one builder has files for several: mobilenet_0.25_128, mobilenet_v2_1.0_224,
  mobilenet_v3_small_minimalistic_1.0_224, resnet_rs152_256. The program also takes the name without `_224`, and
  without `_1.0_224`.
- `_notop`: without the classifier.
- Two sets have a predecessor under the same file name: resnet50_legacy (keras-applications up to 1.0.8, other names
  and another epsilon) and efficientnet_b0_callidior and on (other preprocessing).

`architecture` is the name in Graft's zoo, or what it would be there; RegNet, ResNet-RS, ResNeXt and the
older EfficientNets are not in the zoo.

Licences: only what is known. The MobileNet and MobileNetV2 weights were published by Google under Apache-2.0, VGG's by
Oxford's Visual Geometry Group under CC BY 4.0. For all others our sources state none, and `licence` is left out; so is
`digest` where Keras publishes none. The sizes of the files are not published; a whole file has four bytes a parameter
and some more.
"""

import csv
import json
import os
import re
import sys

FOLDER = os.path.dirname(os.path.abspath(__file__))

# Builder names that are not a word and a number; the first match counts.
FAMILIES = [
    (r"ResNet(\d+)V2$", r"resnet\1_v2"),
    (r"ResNetRS(\d+)$", r"resnet_rs\1"),
    (r"InceptionResNetV2$", "inception_resnet_v2"),
    (r"InceptionV3$", "inception_v3"),
    (r"MobileNetV2$", "mobilenet_v2"),
    (r"MobileNetV3(\w+)$", r"mobilenet_v3_\1"),
    (r"NASNet(\w+)$", r"nasnet_\1"),
    (r"EfficientNetV2(\w+)$", r"efficientnet_v2_\1"),
    (r"EfficientNet(B\d)$", r"efficientnet_\1"),
    (r"ConvNeXt(\w+)$", r"convnext_\1"),
    (r"RegNet([XY]\d+)$", r"regnet_\1"),
]

LICENCES = {
    "VGG16": "CC-BY-4.0",
    "VGG19": "CC-BY-4.0",
    "MobileNet": "Apache-2.0",
    "MobileNetV2": "Apache-2.0",
}


def entry(row):
    """One file. The column `model` is like "MobileNetV2 alpha=0.35 96" or "ResNet50 (legacy)"."""
    builder, *details = row["model"].split()
    top = row["kind"] == "include_top"
    size = int(row["input_size"])
    alpha = next((float(word[6:]) for word in details if word.startswith("alpha=")), None)
    minimalistic = "minimalistic" in details
    predecessor = "legacy" if "(legacy)" in details else "callidior" if "Callidior)" in details else None
    if builder.startswith("MobileNet") and alpha is None:
        alpha = 1.0

    family = builder
    for pattern, replacement in FAMILIES:
        if re.match(pattern, builder):
            family = re.sub(pattern, replacement, builder)
            break
    name = [family.lower(), "minimalistic" if minimalistic else None, predecessor]
    if alpha is not None:
        name += [str(alpha), str(size)]
    elif builder.startswith("ResNetRS"):
        name += [str(size)]
    name += [None if top else "notop"]
    architecture = [builder.lower(), "minimalistic" if minimalistic else None, predecessor]
    architecture += [str(alpha) if alpha is not None else None]

    mode = row["preprocessing"]
    result = {
        "name": "_".join(filter(None, name)),
        "file": row["file"],
        "url": row["url"],
        "architecture": "_".join(filter(None, architecture)),
        "kerasName": builder,
        "hasTop": top,
        "classes": 1000 if top else None,
        "inputSize": size,
        # Whatever the network does to values 0...255 itself is "none" here.
        "preprocessing": "none" if mode.startswith("in-model") else mode,
        # For ResNeXt only a rounded number is known, as "25.1M".
        "parameters": int(row["params"]) if row["params"].isdigit() else None,
        "licence": LICENCES.get(builder),
    }
    if row["hash"]:
        result["digest"] = {"algorithm": row["hash_algo"], "value": row["hash"]}
    # Figures that nobody read in a source are left out.
    if row["top1"] and "recalled" not in row["acc_source"]:
        result["accuracy"] = {
            "top1": float(row["top1"]),
            "top5": float(row["top5"]) if row["top5"] else None,
            "inputSize": size if row["acc_input"] == "default" else int(row["acc_input"]),
            "source": row["acc_source"],
        }
        result["accuracy"] = {key: value for key, value in result["accuracy"].items() if value is not None}
    return {key: value for key, value in result.items() if value is not None}


# Keras weights that Keras does not publish: those of the package image-classifiers, with the MD5 of its source.
IMAGE_CLASSIFIERS = "https://github.com/qubvel/classification_models/releases/download/0.0.1/"
OTHERS = [
    ("ResNet18", True, 11_699_889, "64da73012bb70e16c901316c201d9803"),
    ("ResNet18", False, 11_186_889, "318e3ac0cd98d51e917526c9f62f0b50"),
    ("ResNet34", True, 21_815_473, "2ac8277412f65e5d047f255bcbd10383"),
    ("ResNet34", False, 21_302_473, "8caaa0ad39d927cb8ba5385bf945d582"),
]


def other(builder, top, parameters, digest):
    name = builder.lower()
    file = f"{name}_imagenet_1000{'' if top else '_no_top'}.h5"
    result = {
        "name": name if top else f"{name}_notop", "file": file, "url": IMAGE_CLASSIFIERS + file,
        "architecture": name, "kerasName": builder, "hasTop": top, "classes": 1000 if top else None,
        "inputSize": 224, "preprocessing": "none", "parameters": parameters,
        "digest": {"algorithm": "md5", "value": digest},
    }
    return {key: value for key, value in result.items() if value is not None}


def registry():
    with open(os.path.join(FOLDER, "keras_weights.csv"), newline="") as file:
        entries = [entry(row) for row in csv.DictReader(file)] + [other(*row) for row in OTHERS]
    names = [e["name"] for e in entries]
    assert len(set(names)) == len(names), [n for n in names if names.count(n) > 1]
    assert all(e["url"].startswith("https://") for e in entries)
    lines = ",\n".join("    " + json.dumps(e, ensure_ascii=False) for e in sorted(entries, key=lambda e: e["name"]))
    return '{\n  "version": 1,\n  "files": [\n' + lines + "\n  ]\n}\n"


if __name__ == "__main__":
    path = os.path.join(FOLDER, "registry.json")
    if sys.argv[1:] == ["--check"]:
        with open(path) as file:
            sys.exit(0 if file.read() == registry() else "weights/registry.json is not what make_registry.py makes")
    text = registry()
    with open(path, "w") as file:
        file.write(text)
