"""Trains Graft's default network with Keras and writes default.h5.

    python train_default.py --output default.h5

The network is Keras's MobileNet at a quarter of the width. It learns to tell the pretraining families apart from
drawn pictures (pictures.py): first small ones, which are quick, then at its own input size. What is written is the
network without its classifier, in the layout of Keras Applications' files. Everything random comes from --seed;
Keras adds up in an order of its own, so a second run does not give the same bytes.
"""

import argparse
import time
from pathlib import Path

import h5py
import numpy as np
from PIL import Image

import pictures

INPUT_SIDE = 128
PHASES = "64:6,96:6,128:3"  # input side:epochs, in turn
BATCH = 64
HELD_OUT_SEED_OFFSET = 1_000_000


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", default="default.h5")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--per-family", type=int, default=700, help="training pictures of each family")
    parser.add_argument("--held-out", type=int, default=60, help="held-out pictures of each family")
    parser.add_argument("--cache", type=Path, help="folder that keeps the drawn pictures for another run")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--phases", default=PHASES, help="input side:epochs, in turn")
    parser.add_argument("--resume", type=Path, help="goes on from the weights of a network kept with --whole")
    parser.add_argument("--whole", type=Path, help="keeps the network with its classifier here, after every epoch")
    parser.add_argument("--peak", type=float, default=3e-3, help="highest learning rate")
    return parser.parse_args()


def resized_side(input_side):
    """The shorter side of a picture before a square of `input_side` is cut out of it."""
    return round(input_side * 256 / 224)


def drawn(options, seed, count):
    """Pictures at the resized side of the network's input, and their labels; from the cache where they are."""
    side = resized_side(INPUT_SIDE)
    path = options.cache and options.cache / f"pretraining-{seed}-{count}-{side}.npy"
    if path and path.exists():
        found = np.load(path, mmap_mode="r")
        return found, np.tile(np.arange(len(pictures.PRETRAINING)), count)
    found, labels = pictures.array("pretraining", seed, count, side, options.threads)
    if path:
        options.cache.mkdir(parents=True, exist_ok=True)
        np.save(path, found)
    return found, labels


def smaller(found, side):
    """The pictures at another side."""
    if found.shape[1] == side:
        return np.asarray(found)
    result = np.empty((len(found), side, side, 3), np.uint8)
    for i, picture in enumerate(found):
        result[i] = Image.fromarray(picture).resize((side, side), Image.Resampling.BILINEAR)
    return result


def scaled(found):
    """Preprocessing `tf`: bytes to -1 ... 1."""
    return found.astype(np.float32) / 127.5 - 1


def batches(found, labels, side, rng):
    """One epoch in random order: random crops, flipped half of the time."""
    room = found.shape[1] - side
    order = rng.permutation(len(found))
    for start in range(0, len(order) - BATCH + 1, BATCH):
        rows = order[start : start + BATCH]
        batch = np.empty((BATCH, side, side, 3), np.uint8)
        for i, row in enumerate(rows):
            top, left = rng.integers(0, room + 1, 2)
            crop = found[row, top : top + side, left : left + side]
            batch[i] = crop[:, ::-1] if rng.random() < 0.5 else crop
        yield scaled(batch), labels[rows]


def accuracy(model, found, labels, side):
    """The share of pictures whose most probable class is theirs, from the middle of each."""
    edge = (found.shape[1] - side) // 2
    middle = scaled(np.asarray(found[:, edge : edge + side, edge : edge + side]))
    return float(np.mean(model.predict(middle, batch_size=256, verbose=0).argmax(1) == labels))


def network(side, classes):
    import keras

    return keras.applications.MobileNet(
        input_shape=(side, side, 3), alpha=0.25, weights=None, classes=classes, name="mobilenet_0.25"
    )


def trunk(weights=None, pooling=None):
    """The network without its classifier; untrained, or with the weights of a file."""
    import keras

    shape = (INPUT_SIDE, INPUT_SIDE, 3)
    return keras.applications.MobileNet(
        input_shape=shape, alpha=0.25, weights=weights, include_top=False, pooling=pooling
    )


def train(options):
    """The trained network, and its accuracy on held-out pictures of the pretraining families."""
    import keras

    keras.utils.set_random_seed(options.seed)
    rng = np.random.default_rng(options.seed)
    found, labels = drawn(options, options.seed, options.per_family)
    held_out, held_out_labels = drawn(options, options.seed + HELD_OUT_SEED_OFFSET, options.held_out)
    print(f"{len(found)} pictures to train on, {len(held_out)} held out", flush=True)

    phases = [tuple(map(int, phase.split(":"))) for phase in options.phases.split(",")]
    steps = len(found) // BATCH * sum(epochs for _, epochs in phases)
    schedule = keras.optimizers.schedules.CosineDecay(
        0.0, decay_steps=int(steps * 0.95), warmup_target=options.peak, warmup_steps=int(steps * 0.05)
    )
    optimizer = keras.optimizers.AdamW(schedule, weight_decay=1e-3)
    model = options.resume and keras.models.load_model(options.resume, compile=False)
    state = None
    for phase, (side, epochs) in enumerate(phases):
        smaller_found = smaller(found, resized_side(side))
        next_model = network(side, len(pictures.PRETRAINING))
        if model:
            next_model.set_weights(model.get_weights())
        if phase > 0:  # a network of another input size needs another optimizer, with the same moments
            state = [v.numpy() for v in optimizer.variables]
            optimizer = keras.optimizers.AdamW(schedule, weight_decay=1e-3)
        model = next_model
        model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
        if state:
            optimizer.build(model.trainable_variables)
            for variable, value in zip(optimizer.variables, state, strict=True):
                variable.assign(value)
        for epoch in range(epochs):
            start = time.time()
            model.reset_metrics()
            for pixels, classes in batches(smaller_found, labels, side, rng):
                result = model.train_on_batch(pixels, classes, return_dict=True)
            print(f"{side} px, epoch {epoch + 1}: loss {result['loss']:.3f}, accuracy {result['accuracy']:.3f}, "
                  f"{time.time() - start:.0f} s", flush=True)
            if options.whole:
                model.save(options.whole)
    return model, accuracy(model, held_out, held_out_labels, INPUT_SIDE)


def save(model, path, held_out_accuracy):
    """Writes the weights of the trunk in the layout of Keras Applications' files, and what belongs to them."""
    import keras
    from keras.src.legacy.saving import legacy_h5_format

    values = {layer.name: layer.get_weights() for layer in model.layers}
    keras.utils.clear_session()  # so that layers are named as in a first model
    result = trunk()
    for layer in result.layers:
        layer.set_weights(values.get(layer.name, []))
    with h5py.File(path, "w") as file:
        legacy_h5_format.save_weights_to_hdf5_group(file, result)
        file.attrs["input_size"] = INPUT_SIDE
        file.attrs["preprocessing"] = "tf"
        file.attrs["pretraining_held_out_top1"] = held_out_accuracy
    check = trunk(weights=path)
    probe = np.random.default_rng(0).uniform(-1, 1, (2, INPUT_SIDE, INPUT_SIDE, 3)).astype(np.float32)
    assert np.array_equal(result.predict(probe, verbose=0), check.predict(probe, verbose=0)), "not what was saved"


def main():
    options = arguments()
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(options.threads)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    model, held_out_accuracy = train(options)
    print(f"held-out top-1 on {len(pictures.PRETRAINING)} pretraining families: {held_out_accuracy:.3f}")
    save(model, options.output, held_out_accuracy)


if __name__ == "__main__":
    main()
