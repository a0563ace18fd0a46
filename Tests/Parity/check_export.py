"""What `graft export` writes, opened in real Keras: the same outputs, in each format, with preprocessing and without."""

import os

import keras
import numpy as np
from PIL import Image

import limits
import networks
from check_architectures import Case, outputs
from program import ProgramError

# One or more of each family.
NAMES = [
    "vgg16", "resnet50", "resnet50_legacy", "resnet50v2", "mobilenet_0.25", "mobilenetv2_0.35", "mobilenetv3small_1.0",
    "mobilenetv3large_minimalistic_1.0", "densenet121", "xception", "inceptionv3", "inceptionresnetv2", "efficientnetb0",
    "efficientnetv2b0", "convnexttiny", "nasnetmobile", "resnet18", "lenet5", "alexnet_grouped", "repvgg_a0",
]


def check(report, graft, name):
    case = Case(name, limits.sizes(name)[-1], graft.folder)
    model = case.with_top
    expected = outputs(model, [], case.inputs)[None]
    source = os.path.join(graft.folder, "exported.h5")
    model.save(source)
    pixels = np.stack([np.asarray(Image.open(path).convert("RGB"), np.float32) for path in case.paths])
    for ending in ("keras", "h5", "weights.h5"):
        for options in ([], ["--with-preprocessing"]):
            if ending == "weights.h5" and (options or name.startswith("convnext")):
                continue
            written = os.path.join(graft.folder, f"written.{ending}")
            what = f".{ending} {' '.join(options)}"
            try:
                graft.run("export", source, "-o", written, *options)
                if ending == "weights.h5":
                    twin = networks.build(name, (case.size, case.size), "top")
                    twin.load_weights(written)
                else:
                    twin = keras.models.load_model(written, compile=False)
                found = np.asarray(twin.predict(pixels if options else case.inputs, verbose=0))
                report.compare(name, what, found, expected, limits.PROBABILITIES, relative=False)
            except (ProgramError, ValueError) as error:
                report.fail(name, what, error)
            if os.path.exists(written):
                os.remove(written)
    os.remove(source)


def run(report, graft, names):
    for name in [name for name in NAMES if name in names]:
        check(report, graft, name)
