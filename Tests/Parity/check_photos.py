"""Real weights on real photos, with Keras and Pillow on the other side.

Twice: as Graft prepares photos unless told otherwise, with the shorter side made 256 first, and as the published
figures were measured, on the centre 224 x 224 pixels of every photo, black around those that are smaller.
"""

import json
import math
import os

import numpy as np
from PIL import Image

import limits
import networks

# File of weights, architecture, and top-1 and top-5 accuracy in % that were measured with Keras on the centres.
NETWORKS = [
    ("mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_224.h5", "mobilenetv2_1.0", 86.7, 97.5),
    ("mobilenet_2_5_224_tf.h5", "mobilenet_0.25", 56.7, 80.0),
]
SIDE = 224
SHORTER_SIDE = 256


def data_folder():
    package = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
    return os.environ.get("GRAFT_TEST_DATA") or os.path.join(package, "..", "shared", "data")


def centre(photo, rounded=round):
    """The centre of a photo; halves of a pixel are rounded as torchvision's CenterCrop does, or down."""
    left, top = (rounded((n - SIDE) / 2) for n in photo.size)
    return photo.crop((left, top, left + SIDE, top + SIDE))


def resized(photo):
    """The photo with its shorter side as torchvision's Resize makes it."""
    shorter = min(photo.size)
    if shorter == SHORTER_SIDE:
        return photo
    size = [SHORTER_SIDE if n == shorter else n * SHORTER_SIDE // shorter for n in photo.size]
    return photo.resize(size, Image.Resampling.BILINEAR)


def keras_ranking(name, weights_file, photos):
    """The five best classes of each photo, best first."""
    model = networks.build(name, (SIDE, SIDE), "top")
    model.load_weights(weights_file)
    ranking = []
    for i in range(0, len(photos), 50):
        batch = networks.preprocess(name, np.stack([np.asarray(photo) for photo in photos[i : i + 50]]))
        ranking.append(np.argsort(-model(batch, training=False).numpy(), axis=1)[:, :5])
    return np.concatenate(ranking)


def graft_ranking(graft, weights_file, paths, *options):
    predictions = graft.predictions(paths, "--weights", weights_file, "--top", 5, *options)
    return np.array([[p["index"] for p in predictions[path]] for path in paths])


def figures(ranking, truth):
    """Top-1 and top-5 accuracy in %."""
    hits = ranking == truth[:, None]
    return 100 * hits[:, 0].mean(), 100 * hits.any(axis=1).mean()


def compare(report, label, found, expected, truth, published):
    """Compares first classes with Keras's, and accuracies with those given, else with Keras's."""
    different = float((found[:, 0] != expected[:, 0]).mean())
    limit = limits.DIFFERENT_FIRST_CLASSES
    report.line(different <= limit, label, "share of other first classes", different, limit)
    for what, figure, known in zip(("top-1", "top-5"), figures(found, truth), published or figures(expected, truth)):
        error = float(abs(figure - known))
        what = f"{what} of {figure:.1f} % against {known:.1f} %"
        report.line(error <= limits.ACCURACY_POINTS + 1e-9, label, what, error, limits.ACCURACY_POINTS)


def run(report, graft, names):
    data = data_folder()
    folder = os.path.join(data, "photos", "imagenet-sample")
    if not os.path.isdir(folder):
        report.notice("photos: no data folder; set GRAFT_TEST_DATA")
        return
    with open(os.path.join(data, "imagenet_class_index.json")) as file:
        classes = {entry[0]: int(number) for number, entry in json.load(file).items()}
    files = sorted(os.listdir(folder))
    truth = np.array([classes[file.split("_")[0]] for file in files])
    paths = [os.path.join(folder, file) for file in files]
    photos = [Image.open(path).convert("RGB") for path in paths]
    centres = [centre(photo, rounded=math.floor) for photo in photos]
    prepared = [centre(resized(photo)) for photo in photos]
    for file, name, *published in NETWORKS:
        if name not in names:
            continue
        weights_file = os.path.join(data, "weights", file)
        found = graft_ranking(graft, weights_file, paths)
        compare(report, f"{name} {len(paths)} photos", found, keras_ranking(name, weights_file, prepared), truth, None)
        found = graft_ranking(graft, weights_file, paths, "--resize", "crop")
        expected = keras_ranking(name, weights_file, centres)
        compare(report, f"{name} {len(paths)} centres", found, expected, truth, published)
