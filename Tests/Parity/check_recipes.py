"""Recipes of fine-tuning on real photos, in Graft and in Keras: accuracy on the held-out photos after the last epoch.

Both start from a linear classifier on the features of the frozen trunk, take random parts of half to all of a photo's
area, mirror every second one, and keep the stored statistics of batch normalizations. They draw different random
numbers, so figures agree within their spread only.
"""

import json
import os
import statistics
from dataclasses import dataclass

import keras
import numpy as np
import tensorflow as tf
from PIL import Image
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

import networks
from check_classifiers import WEIGHTS
from check_photos import SIDE, centre, data_folder, resized

NETWORK = "mobilenetv2_1.0"
PHOTOS = "groceries"
BATCH = 16
RATE = 1e-4
L2 = 1e-3


@dataclass(frozen=True)
class Recipe:
    """What trains, for how long, and the least mean accuracy in %."""

    name: str
    first: str | None
    epochs: int
    least: float

    def options(self):
        chosen = ["--unfreeze-from", self.first] if self.first else []
        schedule = ["--optimizer", "adamw", "--schedule", "cosine", "--learning-rate", RATE, "--batch", BATCH]
        return [*chosen, "--epochs", self.epochs, *schedule, "--augment", "crop=0.5:1,flip", "--batch-norm", "frozen"]


RECIPES = (
    Recipe("everything trains", None, 10, 90.0),
    Recipe("from block_13_expand on", "block_13_expand", 12, 87.5),
)


def graft_accuracy(graft, folder, weights, recipe, seed):
    model = os.path.join(graft.folder, "tuned.h5")
    options = [*recipe.options(), "--head-init", "linear", "--seed", seed, "--cache", "none"]
    answer = graft.run("finetune", folder, "--weights", weights, "-o", model, *options, "--json", timeout=3600)
    return 100 * json.loads(answer)["history"][-1]["valTop1"]


class Photos:
    """The photos of a folder of classes."""

    def __init__(self, folder):
        names = sorted(os.listdir(folder))
        self.pictures, labels = [], []
        for label, name in enumerate(names):
            for file in sorted(os.listdir(os.path.join(folder, name))):
                self.pictures.append(Image.open(os.path.join(folder, name, file)).convert("RGB"))
                labels.append(label)
        self.labels = np.array(labels)

    def centres(self):
        pixels = np.stack([np.asarray(centre(resized(picture))) for picture in self.pictures])
        return networks.preprocess(NETWORK, pixels)

    def batches(self, random):
        """An epoch: random parts of the photos, in random order."""
        order = random.permutation(len(self.pictures))
        for rows in np.split(order, range(BATCH, len(order), BATCH)):
            pixels = np.stack([random_part(self.pictures[row], random) for row in rows])
            yield networks.preprocess(NETWORK, pixels), self.labels[rows]


def random_part(picture, random):
    """torchvision's RandomResizedCrop with scale (0.5, 1), then a mirror image of every second one."""
    width, height = picture.size
    box = (0, 0, width, height)
    for _ in range(10):
        area = width * height * random.uniform(0.5, 1)
        aspect = np.exp(random.uniform(np.log(3 / 4), np.log(4 / 3)))
        w, h = round(np.sqrt(area * aspect)), round(np.sqrt(area / aspect))
        if 0 < w <= width and 0 < h <= height:
            left, top = random.integers(0, width - w + 1), random.integers(0, height - h + 1)
            box = (left, top, left + w, top + h)
            break
    part = np.asarray(picture.resize((SIDE, SIDE), Image.Resampling.BILINEAR, box=box))
    return part[:, ::-1] if random.random() < 0.5 else part


def linear_classifier(features, labels):
    """Kernel and bias of logistic regression on standardised features, as a dense layer has them."""
    scaler = StandardScaler().fit(features)
    fitted = LogisticRegression(C=1 / (L2 * len(labels)), max_iter=5000).fit(scaler.transform(features), labels)
    kernel = fitted.coef_.T / scaler.scale_[:, None]
    return kernel, fitted.intercept_ - scaler.mean_ @ kernel


def keras_accuracies(train, held_out, weights, recipe, seed):
    """Accuracy in % at the start and after the last epoch."""
    keras.utils.set_random_seed(seed)
    random = np.random.default_rng(seed)
    trunk = networks.build(NETWORK, (SIDE, SIDE), "average")
    trunk.load_weights(weights)
    head = keras.layers.Dense(len(set(train.labels)), name="logits")
    model = keras.Model(trunk.input, head(trunk.output))

    def outputs(part, pixels):
        batches = np.split(pixels, range(32, len(pixels), 32))
        return np.concatenate([part(batch, training=False).numpy() for batch in batches])

    head.set_weights(linear_classifier(outputs(trunk, train.centres()), train.labels))
    judged = held_out.centres()

    def accuracy():
        return 100 * float(np.mean(outputs(model, judged).argmax(axis=1) == held_out.labels))

    names = [layer.name for layer in model.layers]
    trained = model.layers[names.index(recipe.first) if recipe.first else 0 :]
    variables = [v for layer in trained for v in layer.trainable_variables]
    steps = recipe.epochs * -(-len(train.labels) // BATCH)
    optimizer = keras.optimizers.AdamW(keras.optimizers.schedules.CosineDecay(RATE, steps))
    optimizer.build(variables)

    @tf.function(reduce_retracing=True)
    def gradients(pixels, labels):
        with tf.GradientTape() as tape:
            losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels, model(pixels, training=False))
            loss = tf.reduce_mean(losses)
        return tape.gradient(loss, [v.value for v in variables])

    first = accuracy()
    for epoch in range(recipe.epochs):
        for pixels, labels in train.batches(random):
            optimizer.apply(gradients(pixels, labels), variables)
    return first, accuracy()


def figures(values):
    """Mean and spread in words."""
    if len(values) == 1:
        return f"{values[0]:.1f} % (one run)"
    deviation = statistics.stdev(values)
    return f"{statistics.mean(values):.1f} % (deviation {deviation:.1f}, {min(values):.1f} to {max(values):.1f})"


def run(report, graft, names, seeds=5, keras_seeds=2):
    weights = os.path.join(data_folder(), "weights", WEIGHTS)
    folder = os.path.join(data_folder(), "photos", PHOTOS)
    if not os.path.isfile(weights):
        report.notice("recipes: no data folder; set GRAFT_TEST_DATA")
        return
    if NETWORK not in names:
        return
    train, held_out = Photos(os.path.join(folder, "train")), Photos(os.path.join(folder, "val"))
    for recipe in RECIPES:
        found = [graft_accuracy(graft, folder, weights, recipe, seed) for seed in range(1, seeds + 1)]
        mean = statistics.mean(found)
        what = f"Graft {figures(found)}, at least {recipe.least} %"
        report.line(mean >= recipe.least, f"{PHOTOS}, {recipe.name}", what, round(mean, 2), recipe.least)
        if keras_seeds:
            runs = [keras_accuracies(train, held_out, weights, recipe, seed) for seed in range(1, keras_seeds + 1)]
            print(f"     {PHOTOS}, {recipe.name}: Keras {figures([last for _, last in runs])}, "
                  f"{figures([first for first, _ in runs])} at the start", flush=True)
