"""Real weights on real photos, with Keras and Pillow on the other side."""

import json
import os

import numpy as np
from PIL import Image

import limits
import networks

# File of weights, architecture, and top-1 and top-5 accuracy in % that Keras reaches with it on the photos.
NETWORKS = [
    ("mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_224.h5", "mobilenetv2_1.0", 86.7, 97.5),
    ("mobilenet_2_5_224_tf.h5", "mobilenet_0.25", 56.7, 80.0),
]
SIDE = 224
SHORTER_SIDE = 256


def data_folder():
    package = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
    return os.environ.get("GRAFT_TEST_DATA") or os.path.join(package, "..", "shared", "data")


def pixels(path):
    """The photo as torchvision's Resize and CenterCrop would give it to the network."""
    photo = Image.open(path).convert("RGB")
    shorter = min(photo.size)
    if shorter != SHORTER_SIDE:
        size = [SHORTER_SIDE if n == shorter else n * SHORTER_SIDE // shorter for n in photo.size]
        photo = photo.resize(size, Image.Resampling.BILINEAR)
    left, top = (round((n - SIDE) / 2) for n in photo.size)
    return np.asarray(photo.crop((left, top, left + SIDE, top + SIDE)))


def keras_ranking(name, weights_file, paths):
    """The five best classes of each photo, best first."""
    model = networks.build(name, (SIDE, SIDE), "top")
    model.load_weights(weights_file)
    ranking = []
    for i in range(0, len(paths), 50):
        batch = networks.preprocess(name, np.stack([pixels(path) for path in paths[i : i + 50]]))
        ranking.append(np.argsort(-model(batch, training=False).numpy(), axis=1)[:, :5])
    return np.concatenate(ranking)


def figures(ranking, truth):
    """Top-1 and top-5 accuracy in %."""
    hits = ranking == truth[:, None]
    return 100 * hits[:, 0].mean(), 100 * hits.any(axis=1).mean()


def run(report, graft, names):
    folder = data_folder()
    photos = os.path.join(folder, "photos", "imagenet-sample")
    if not os.path.isdir(photos):
        report.notice("photos: no data folder; set GRAFT_TEST_DATA")
        return
    with open(os.path.join(folder, "imagenet_class_index.json")) as file:
        classes = {entry[0]: int(number) for number, entry in json.load(file).items()}
    files = sorted(os.listdir(photos))
    paths = [os.path.join(photos, file) for file in files]
    truth = np.array([classes[file.split("_")[0]] for file in files])
    for file, name, *published in NETWORKS:
        if name not in names:
            continue
        weights_file = os.path.join(folder, "weights", file)
        expected = keras_ranking(name, weights_file, paths)
        predictions = graft.predictions(paths, "--weights", weights_file, "--top", 5)
        found = np.array([[p["index"] for p in predictions[path]] for path in paths])
        label = f"{name} on {len(paths)} photos"
        different = float((found[:, 0] != expected[:, 0]).mean())
        limit = limits.DIFFERENT_FIRST_CLASSES
        report.line(different <= limit, label, "share of other first classes", different, limit)
        for who, ranking in [("Keras", expected), ("Graft", found)]:
            for what, figure, known in zip(("top-1", "top-5"), figures(ranking, truth), published):
                error = abs(figure - known)
                what = f"{who}'s {what} of {figure:.1f} % against {known}"
                report.line(error <= limits.ACCURACY_POINTS + 1e-9, label, what, error, limits.ACCURACY_POINTS)
