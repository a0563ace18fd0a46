"""Says how much the default network helps on the example pictures.

    python evaluate_default.py default.h5 ../examples/pictures

The same classifier (scikit-learn's logistic regression on standardised features) on features of the trained trunk
and of the same trunk with random weights, for several seeds; accuracy on the held-out pictures. Random weights come
in two kinds: `random` has the variances of He et al. (2015), `random, normed` has the batch statistics of the
example pictures as well, which keeps signals from fading on their way through the layers. The first column is at
the strength chosen by cross-validation on the pictures to fit on, the others show that little depends on it.
"""

import argparse
from pathlib import Path

import numpy as np
from PIL import Image

from pictures import as_network_sees
from train_default import INPUT_SIDE, resized_side, scaled, trunk

STRENGTHS = (1e-3, 1e-2, 1e-1, 1)  # of L2, against the mean log loss


def read(folder):
    """Pictures as the network sees them, and the indices of their classes."""
    classes = sorted(path.name for path in folder.iterdir() if path.is_dir())
    found, labels = [], []
    for label, name in enumerate(classes):
        for path in sorted((folder / name).glob("*.jpg")):
            picture = np.asarray(as_network_sees(Image.open(path), resized_side(INPUT_SIDE)))
            edge = (len(picture) - INPUT_SIDE) // 2
            found.append(picture[edge : edge + INPUT_SIDE, edge : edge + INPUT_SIDE])
            labels.append(label)
    return scaled(np.stack(found)), np.array(labels)


def accuracies(train, train_labels, val, val_labels):
    """Held-out accuracy at the strength that cross-validation on `train` picks, then at each strength."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedKFold, cross_val_score
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    folds = StratifiedKFold(5, shuffle=True, random_state=0)
    chosen, result = [], []
    for strength in STRENGTHS:
        # scikit-learn weighs the sum of the losses, we weigh their mean: C = 1 / (strength * pictures).
        classifier = LogisticRegression(C=1 / (strength * len(train)), max_iter=5000)
        pipeline = make_pipeline(StandardScaler(), classifier)
        chosen.append(cross_val_score(pipeline, train, train_labels, cv=folds).mean())
        result.append(pipeline.fit(train, train_labels).score(val, val_labels))
    return np.array([result[int(np.argmax(chosen))], *result])


def random_trunk(seed):
    """The trunk with normal weights of variance 2 / (inputs of one output); batch normalization does nothing."""
    import keras

    rng = np.random.default_rng(seed)
    result = trunk(pooling="avg")
    for layer in result.layers:
        if isinstance(layer, (keras.layers.Conv2D, keras.layers.DepthwiseConv2D)):
            shape = layer.kernel.shape
            depthwise = isinstance(layer, keras.layers.DepthwiseConv2D)
            inputs = shape[0] * shape[1] * (1 if depthwise else shape[2])
            layer.set_weights([rng.normal(0, np.sqrt(2 / inputs), shape)])
    return result


def normed(result, pictures):
    """The trunk with the batch statistics of the pictures."""
    import keras

    for layer in result.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.momentum = 0.0
    result(pictures, training=True)
    return result


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("weights", type=Path)
    parser.add_argument("pictures", type=Path, help="folder with train/ and val/")
    parser.add_argument("--seeds", type=int, default=5, help="how many random trunks")
    options = parser.parse_args()

    train, train_labels = read(options.pictures / "train")
    val, val_labels = read(options.pictures / "val")
    print(f"{len(train)} pictures to fit on, {len(val)} held out, {train_labels.max() + 1} classes")

    def score(model):
        features = (model.predict(pictures, batch_size=64, verbose=0) for pictures in (train, val))
        train_features, val_features = features
        return accuracies(train_features, train_labels, val_features, val_labels)

    def show(name, values):
        print(f"{name:24}", *(f"{v:.3f}" for v in values), flush=True)

    print(f"{'L2 strength':24}", "chosen", *STRENGTHS)
    show("trained", score(trunk(options.weights, pooling="avg")))
    small = [p[:, ::8, ::8].reshape(len(p), -1) for p in (train, val)]
    show("pixels, 16 x 16", accuracies(small[0], train_labels, small[1], val_labels))
    plain, with_statistics = [], []
    for seed in range(options.seeds):
        model = random_trunk(seed)
        plain.append(score(model))
        with_statistics.append(score(normed(model, train)))
    for name, results in (("random", plain), ("random, normed", with_statistics)):
        show(f"{name}: mean", np.mean(results, 0))
        show(f"{name}: lowest", np.min(results, 0))
        show(f"{name}: highest", np.max(results, 0))


if __name__ == "__main__":
    main()
