"""Training in step with Keras: the same weights, the same batches, the same losses and final weights."""

import os
import subprocess

import h5py
import keras
import numpy as np
import tensorflow as tf

import limits
import networks
import pictures
import weights

# By network, the first layer of its last stage. VGG16 has a pooled neck here, not its dense layers of 4096.
LAST_STAGES = {
    "vgg16": "block5_conv1",
    "resnet50": "conv5_block1_1_conv",
    "mobilenetv2_1.0": "block_13_expand",
}
# Optimizers by the name that the program of the comparison takes, with learning rates for the last stage and for
# everything. Training magnifies rounding errors, more so the larger the steps are: with fifty times these rates,
# losses are apart by a tenth after 20 steps, though gradients agree.
OPTIMIZERS = {
    "sgd": (lambda rate: keras.optimizers.SGD(rate, momentum=0.9), 2e-5, 2e-6),
    "rmsprop": (lambda rate: keras.optimizers.RMSprop(rate), 2e-6, 5e-7),
    "adam": (lambda rate: keras.optimizers.Adam(rate), 4e-6, 1e-6),
    "adamw": (lambda rate: keras.optimizers.AdamW(rate), 4e-6, 1e-6),
}
PARTS = ("last stage", "everything")
SIZE = 64
CLASSES = 7
BATCH = 4
BATCHES = 5
STEPS = 20


def build(name):
    """The trunk of a network with a new classifier on its pooled features."""
    trunk = networks.build(name, (SIZE, SIZE), "average")
    logits = keras.layers.Dense(CLASSES, name="logits")(trunk.output)
    return keras.Model(trunk.input, keras.layers.Activation("softmax", name="predictions")(logits))


def trained_layers(model, name, part):
    layers = [layer.name for layer in model.layers]
    return layers[layers.index(LAST_STAGES[name]) if part == "last stage" else 0 :]


def random_batches(name):
    pixels = np.stack([pictures.draw(SIZE, seed=i) for i in range(BATCHES * BATCH)])
    labels = np.random.default_rng(3).integers(0, CLASSES, len(pixels))
    return networks.preprocess(name, pixels), labels


class KerasRun:
    """Steps of Keras in which batch normalization stays on its stored statistics."""

    def __init__(self, model, layers):
        # The loss is that of logits: probabilities near 0 or 1 would lose digits.
        self.logits = keras.Model(model.input, model.get_layer("logits").output)
        self.variables = [v for layer in model.layers if layer.name in layers for v in layer.trainable_variables]
        self.model = model
        self.start = model.get_weights()

        @tf.function
        def gradients(inputs, labels):
            with tf.GradientTape() as tape:
                logits = self.logits(inputs, training=False)
                losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits)
                loss = tf.reduce_mean(losses)
            return loss, tape.gradient(loss, [v.value for v in self.variables])

        self.gradients = gradients

    def losses(self, make, rate, inputs, labels):
        self.model.set_weights(self.start)
        optimizer = make(rate)
        optimizer.build(self.variables)
        losses = []
        for step in range(STEPS):
            first = step * BATCH % len(inputs)
            loss, gradients = self.gradients(inputs[first : first + BATCH], labels[first : first + BATCH])
            optimizer.apply(gradients, self.variables)
            losses.append(float(loss))
        return np.array(losses)


def steps_of_graft(graft, model, inputs, labels, layers, rates):
    """By optimizer, losses and final weights that Graft comes to."""
    files = [os.path.join(graft.folder, file) for file in ("model.h5", "job.h5", "result.h5")]
    model.save(files[0])
    with h5py.File(files[1], "w") as job:
        job["pictures"], job["labels"] = inputs, labels.astype(np.int32)
        job["batch"], job["steps"] = np.array([BATCH], np.int32), np.array([STEPS], np.int32)
        job["rates"] = np.array(rates)
        for key, words in [("trainable", layers), ("optimizers", list(OPTIMIZERS))]:
            job.create_dataset(key, data=words, dtype=h5py.string_dtype())
    program = os.path.join(os.path.dirname(graft.path), "graft-training-steps")
    done = subprocess.run([program, *files], capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"{program} ended with {done.returncode}: {done.stderr.strip()}")
    return h5py.File(files[2])


def weight_name(layer, weight):
    """The name of an array in Graft, which is that of Keras 2."""
    depthwise = isinstance(layer, keras.layers.DepthwiseConv2D) and weight.name == "kernel"
    return "depthwise_kernel" if depthwise else weight.name


def check(report, graft, name, part):
    model = build(name)
    inputs, labels = random_batches(name)
    weights.randomize(model, inputs[:BATCH], seed=1)
    layers = trained_layers(model, name, part)
    run = KerasRun(model, layers)
    trained = {id(v) for v in run.variables}
    rates = [rates[PARTS.index(part)] for _, *rates in OPTIMIZERS.values()]
    found = steps_of_graft(graft, model, inputs, labels, layers, rates)
    start = {id(w): np.array(w) for layer in model.layers for w in layer.weights}
    for (optimizer, (make, *_)), rate in zip(OPTIMIZERS.items(), rates):
        label = f"{name} {part} {optimizer}"
        expected = run.losses(make, rate, inputs, labels)
        losses = found[optimizer]["losses"][()]
        error = float(np.max(np.abs(losses - expected) / np.abs(expected)))
        what = f"losses, {expected[0]:.3f} to {expected[-1]:.3f}"
        report.line(error <= limits.LOSSES, label, what, error, limits.LOSSES)
        difference, norm, moved, changed = 0.0, 0.0, 0.0, 0
        for layer in model.layers:
            for weight in layer.weights:
                ours = found[optimizer]["weights"][layer.name][weight_name(layer, weight)][()]
                theirs = np.array(weight)
                if id(weight) in trained:
                    ours, theirs = ours.astype(np.float64), theirs.astype(np.float64)
                    difference += np.square(ours - theirs).sum()
                    norm += np.square(theirs).sum()
                    moved += np.square(theirs - start[id(weight)]).sum()
                else:
                    changed += int(np.sum(ours.view(np.uint32) != theirs.view(np.uint32)))
        error, moved = float(np.sqrt(difference / norm)), float(np.sqrt(moved / norm))
        report.line(error <= limits.WEIGHTS, label, f"weights, which moved by {moved:.1e}", error, limits.WEIGHTS)
        # Otherwise the comparison would say nothing.
        own = float(np.sqrt(difference / norm)) / moved
        report.line(own <= limits.MOVES, label, "the way the weights went", own, limits.MOVES)
        report.line(changed == 0, label, "frozen values that differ", changed, 0)
    found.close()


def run(report, graft, names):
    for name in [name for name in LAST_STAGES if name in names]:
        for part in PARTS:
            try:
                check(report, graft, name, part)
            except (KeyError, ValueError, RuntimeError, OSError) as error:
                report.fail(f"{name} {part}", "steps of training", error)
