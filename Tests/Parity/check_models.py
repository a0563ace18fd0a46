"""The way back: models that `graft fit` writes, opened by Keras, against `graft predict`."""

import os
import subprocess
import sys

import numpy as np
from PIL import Image

import limits
import networks
import pictures
import weights
from program import ProgramError

NAMES = [
    "resnet50", "resnet50v2", "mobilenet_0.25", "mobilenetv2_0.35", "mobilenetv3small_1.0", "inceptionresnetv2",
    "efficientnetb0", "convnexttiny",
]
# Layers whose classifiers are blended, with their weights.
BLENDS = {"mobilenet_0.25": {"conv_pw_13_relu": 0.7, "conv_pw_3_relu": 0.4}}
CLASSES = ["blue", "green", "red"]
PICTURES_PER_CLASS = 6
SIZE = 96


def draw_classes(folder):
    """Pictures in a folder per class, which differ in a cast of colour; their paths and pixels."""
    paths, pixels = [], []
    for number, name in enumerate(CLASSES):
        os.makedirs(os.path.join(folder, name), exist_ok=True)
        for i in range(PICTURES_PER_CLASS):
            picture = pictures.draw(SIZE, seed=1000 * number + i).astype(int)
            picture[..., 2 - number] += 40
            paths.append(os.path.join(folder, name, f"{i}.png"))
            pixels.append(np.clip(picture, 0, 255).astype(np.uint8))
            Image.fromarray(pixels[-1]).save(paths[-1])
    return paths, np.stack(pixels)


def check(report, graft, name, blend):
    folder = os.path.join(graft.folder, "classes")
    paths, pixels = draw_classes(folder)
    inputs = networks.preprocess(name, pixels)
    trunk = networks.build(name, (SIZE, SIZE), "none")
    weights.randomize(trunk, inputs[:: PICTURES_PER_CLASS], seed=1)
    files = {part: os.path.join(graft.folder, part) for part in ("w.h5", "f.h5", "m.h5", "in.npy", "out.npy")}
    weights.save_legacy(trunk, files["w.h5"])
    layers = [word for layer in blend for word in ("--layer", layer)]
    options = ["--size", SIZE, "--resize", "nearest", *layers]
    graft.run("extract", folder, "--weights", files["w.h5"], "-o", files["f.h5"], *options)
    blended = [word for layer, weight in blend.items() for word in ("--blend", f"{layer}={weight}")]
    graft.run("fit", files["f.h5"], "-o", files["m.h5"], "--l2", "1e-2", *blended)
    found = graft.predictions(paths, "--model", files["m.h5"], "--top", len(CLASSES))
    probabilities = np.zeros((len(paths), len(CLASSES)), np.float32)
    for row, path in enumerate(paths):
        for prediction in found[path]:
            probabilities[row, CLASSES.index(prediction["class"])] = prediction["probability"]
    np.save(files["in.npy"], inputs)
    np.save(files["out.npy"], probabilities)
    # Classes that are told apart show that figures came from pictures, and in the right order.
    truth = np.repeat(np.arange(len(CLASSES)), PICTURES_PER_CLASS)
    wrong = int((probabilities.argmax(axis=1) != truth).sum())
    report.line(wrong == 0, name, "fitted pictures taken for another class", wrong, 0)
    program = os.path.join(os.path.dirname(os.path.abspath(__file__)), "check_model_files.py")
    command = [sys.executable, program, files["m.h5"], files["in.npy"], files["out.npy"]]
    command += ["--tolerance", str(limits.PROBABILITIES)]
    done = subprocess.run(command, capture_output=True, text=True)
    answer = (done.stdout.strip() or done.stderr.strip()).splitlines() or ["no answer"]
    what = "blended layers opened by Keras" if blend else "model opened by Keras"
    report.line(done.returncode == 0, name, what, answer[-1], limits.PROBABILITIES)
    for file in files.values():
        os.remove(file)


def run(report, graft, names):
    for name in [name for name in NAMES if name in names]:
        try:
            for blend in [{}, *([BLENDS[name]] if name in BLENDS else [])]:
                check(report, graft, name, blend)
        except (ProgramError, KeyError, ValueError) as error:
            report.fail(name, "the way back", error)
