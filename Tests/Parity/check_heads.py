"""Models for several labels and for boxes that Graft writes, opened by Keras; and models that Keras trained and saved
with a head of their own, which go on training in Graft."""

import csv
import json
import os

import keras
import numpy as np
from PIL import Image

import limits
import networks
import pictures

SIZE = 96
CLASSES = ("disc", "noise", "waves")
# Largest difference of a mean loss before training goes on, as a fraction of it.
LOSS = 1e-4


def save_pictures(folder, count):
    """Writes pictures; their paths and pixels."""
    os.makedirs(folder, exist_ok=True)
    pixels = np.stack([pictures.draw(SIZE, seed=7000 + i) for i in range(count)])
    paths = [os.path.join(folder, f"{i:03}.png") for i in range(count)]
    for path, picture in zip(paths, pixels):
        Image.fromarray(picture).save(path)
    return paths, pixels


def labelled_pictures(folder):
    """Writes train and val with a folder a class, in which the classes differ; pixels and classes of each part."""
    random = np.random.default_rng(1)
    parts = {}
    for part, count in [("train", 8), ("val", 4)]:
        pixels, labels = [], []
        for label, name in enumerate(CLASSES):
            os.makedirs(os.path.join(folder, part, name))
            for i in range(count):
                picture = pictures.draw(SIZE, seed=8000 + 100 * label + i + 50 * (part == "val")).astype(np.float64)
                picture[..., label] = np.clip(picture[..., label] + 40, 0, 255)
                picture = np.clip(picture + random.normal(0, 15, picture.shape), 0, 255).astype(np.uint8)
                Image.fromarray(picture).save(os.path.join(folder, part, name, f"{i}.png"))
                pixels.append(picture)
                labels.append(label)
        parts[part] = np.stack(pixels), np.array(labels)
    return parts


def opened_by_keras(report, graft, name, model, paths, inputs, found):
    """Compares what Graft predicts with what Keras makes of the model file."""
    expected = np.array(keras.models.load_model(model, compile=False)(inputs, training=False))
    report.compare(name, f"outputs, {expected.min():.3f} to {expected.max():.3f}", found, expected,
                   limits.PROBABILITIES, relative=False)


def check_new_heads(report, graft):
    folder = os.path.join(graft.folder, "heads")
    paths, pixels = save_pictures(os.path.join(folder, "pictures"), 24)
    random = np.random.default_rng(2)
    marks, boxes = random.integers(0, 2, (24, 3)), random.uniform(0.3, 0.6, (24, 4))
    tables = {"labels": (["red", "round", "large"], marks), "boxes": (["b_x", "b_y", "b_w", "b_h"], boxes)}
    inputs = pixels.astype(np.float32) / 127.5 - 1
    for task, (columns, rows) in tables.items():
        table, model = os.path.join(folder, f"{task}.csv"), os.path.join(folder, f"{task}.h5")
        with open(table, "w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["path", *columns])
            writer.writerows([path, *row] for path, row in zip(paths, rows))
        for extra in ([], ["--hidden", "8", "--head-init", "he", "--unfreeze-from", "conv_pw_13"]):
            graft.run("finetune", table, "-o", model, "--size", SIZE, "--resize", "squeeze", "--epochs", 2,
                      "--learning-rate", "1e-3", "--augment", "none", "--cache", "none", *extra)
            name = f"{task}{' with a hidden layer' if extra else ''}"
            if task == "labels":
                answers = graft.predictions(paths, "--model", model, "--threshold", 0)
                found = np.array([[p["probability"] for p in sorted(answers[path], key=lambda p: p["index"])]
                                  for path in paths])
            else:
                answers = json.loads(graft.run("predict", *paths, "--model", model, "--json"))
                found = np.array([[answer["box"][column] for column in columns] for answer in answers])
            opened_by_keras(report, graft, name, model, paths, inputs, found)


def mobilenet():
    """A published trunk with a head, as the guide to transfer learning in the simplest form has it."""
    trunk = networks.build("mobilenet_0.25", (SIZE, SIZE), "average")
    x = keras.layers.Dropout(0.2)(trunk.output)
    return keras.Model(trunk.input, keras.layers.Dense(3, activation="softmax", name="mine")(x))


def nested_mobilenet():
    """The guide to transfer learning: augmentation, preprocessing and a trunk within the model."""
    trunk = networks.build("mobilenet_0.25", (SIZE, SIZE), "none")
    inputs = keras.Input((SIZE, SIZE, 3))
    x = keras.Sequential([keras.layers.RandomFlip("horizontal"), keras.layers.RandomRotation(0.1)])(inputs)
    x = keras.layers.Rescaling(1 / 127.5, offset=-1)(x)
    x = trunk(x, training=False)
    x = keras.layers.GlobalAveragePooling2D()(x)
    x = keras.layers.Dropout(0.2)(x)
    return keras.Model(inputs, keras.layers.Dense(3, activation="softmax")(x))


def own_cnn(activation="softmax"):
    layers = keras.layers
    return keras.Sequential([
        layers.Input((SIZE, SIZE, 3)), layers.Rescaling(1 / 255), layers.Conv2D(8, 3, padding="same"),
        layers.BatchNormalization(), layers.ReLU(), layers.MaxPooling2D(), layers.Conv2D(12, 3, activation="relu"),
        layers.MaxPooling2D(), layers.Conv2D(16, 3, strides=2, activation="relu"), layers.Flatten(),
        layers.Dense(24, activation="relu"), layers.Dropout(0.3), layers.Dense(3, activation=activation),
    ])


# By name: the model, how its input is prepared, and a layer in the middle of it to train from.
TRAINED_BY_KERAS = {
    "mobilenet 0.25": (mobilenet, "tf", "conv_pw_13"),
    "mobilenet 0.25 in a model": (nested_mobilenet, "none", "conv_pw_13"),
    "own network": (own_cnn, "none", "dense"),
    "own network with logits": (lambda: own_cnn(None), "none", "dense"),
}


def check_going_on(report, graft):
    folder = os.path.join(graft.folder, "photos")
    parts = labelled_pictures(folder)
    for name, (build, mode, layer) in TRAINED_BY_KERAS.items():
        keras.utils.clear_session()
        keras.utils.set_random_seed(3)
        prepared = {part: pixels / np.float32(127.5) - 1 if mode == "tf" else pixels.astype(np.float32)
                    for part, (pixels, _) in parts.items()}
        model = build()
        objective = keras.losses.SparseCategoricalCrossentropy(from_logits="logits" in name)
        model.compile(keras.optimizers.Adam(1e-3), objective, metrics=["accuracy"])
        model.fit(prepared["train"], parts["train"][1], batch_size=8, epochs=2, verbose=0)
        saved, result = os.path.join(graft.folder, "keras.h5"), os.path.join(graft.folder, "on.h5")
        model.save(saved)
        loss, accuracy = model.evaluate(prepared["val"], parts["val"][1], batch_size=4, verbose=0)
        for frozen in (["--unfreeze-from", layer], []):
            answer = json.loads(graft.run(
                "finetune", folder, "--weights", saved, "-o", result, "--resize", "squeeze", "--preprocessing", mode,
                "--epochs", 5, "--learning-rate", "1e-3", "--batch", 8, "--augment", "none", "--cache", "none",
                # Keras's loss is that of the labels as they are.
                "--label-smoothing", 0, "--json", *frozen))
            what = f"{name}{' from ' + layer if frozen else ''}"
            start = answer["history"][0]
            error = abs(start["valLoss"] - loss) / loss
            report.line(error <= LOSS, what, f"loss where it goes on, {loss:.4f}", float(error), LOSS)
            wrong = round(abs(start["valTop1"] - accuracy) * len(parts["val"][1]))
            report.line(wrong == 0, what, "pictures told otherwise than by Keras", wrong, 0)
            fell = answer["history"][-1]["trainLoss"] < answer["history"][1]["trainLoss"]
            report.line(fell, what, "the training loss falls", "yes" if fell else "no", 0)
            paths = [os.path.join(folder, "val", label, f"{i}.png") for label in CLASSES for i in range(4)]
            answers = graft.predictions(paths, "--model", result, "--top", 3)
            found = np.array([[p["probability"] for p in sorted(answers[path], key=lambda p: p["index"])]
                              for path in paths])
            opened_by_keras(report, graft, what, result, paths, prepared["val"], found)


def run(report, graft, names):
    check_new_heads(report, graft)
    if "mobilenet_0.25" in names:
        check_going_on(report, graft)
