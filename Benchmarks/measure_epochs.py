"""Seconds of epochs in which only the end of a network trains; in each program as its guide shows it.

Graft computes what comes before once, and reads it again at later epochs. The guides of PyTorch and Keras run it at
every epoch. Graft's time is that of the whole process; the others have started and loaded the network before.
"""

import json
import os
import subprocess
import sys
import time

import photos
from contest import GRAFT
from contestants import HERE, ContestError, environment
from settings import say
from training.pictures import write_folder

# By network, the pictures that epochs go over, and the first layer of what trains.
NETWORKS = {"MobileNetV2": (128, "block_13_expand"), "ResNet50": (48, "conv5_block1_1_conv")}
EPOCHS = 10
BATCH = 16
GUIDES = {"PyTorch": "py_torch.py", "TensorFlow": "tensor_flow.py"}


def run(settings):
    return [row for network in settings.networks if network.name in NETWORKS for row in _epochs(settings, network)]


def _epochs(settings, network):
    count, first = NETWORKS[network.name]
    count = min(count, settings.pictures)
    folder = os.path.join(settings.folder, "training-pictures")
    write_folder(photos.paths(os.path.join(settings.folder, "pictures"))[:count], folder)
    rows = []
    for name in (GRAFT, *(name for name in GUIDES if name in settings.peers)):
        if name == GRAFT:
            seconds = _graft(settings, network, folder, ["--unfreeze-from", first])
        else:
            seconds = _guide(settings, network, folder, first, name)
        row = {"network": network.name, "pictures": count, "contestant": name, "epochs": seconds, "seconds": sum(seconds)}
        rows.append(row)
        say(f"  {network.name}, {name}: {' '.join(f'{s:.2f}' for s in seconds)} s")
    rows[0]["headAlone"] = seconds = _graft(settings, network, folder, ["--freeze", "all"])
    say(f"  {network.name}, {GRAFT}, the head alone: {' '.join(f'{s:.2f}' for s in seconds)} s")
    return rows


def _graft(settings, network, folder, trains):
    """Seconds of each epoch. The first one has all that comes before it: the start of the process, the frozen part of
    all pictures, and the linear classifier that the head starts from."""
    output = os.path.join(settings.folder, "tuned.h5")
    options = ["--weights", network.features_path(settings.folder, ".h5"), *trains, "--epochs", EPOCHS]
    options += ["--batch", BATCH, "--optimizer", "adam", "--augment", "none", "--validation", "0", "--cache", "none"]
    started = time.monotonic()
    answer = json.loads(settings.graft.run("finetune", folder, "-o", output, *options, "--json"))
    total = time.monotonic() - started
    later = [epoch["seconds"] for epoch in answer["history"] if epoch["epoch"] > 1]
    return [total - sum(later), *later]


def _guide(settings, network, folder, first, name):
    script = os.path.join(HERE, "training", GUIDES[name])
    words = [network.path(settings.folder, ""), folder, settings.threads, first, EPOCHS, BATCH, network.preprocessing]
    done = subprocess.run(
        [sys.executable, script, *map(str, words)], capture_output=True, text=True, env=environment(), cwd=settings.folder
    )
    if done.returncode:
        raise ContestError(f"{name} ended with {done.returncode} at its epochs: {done.stderr.strip()[-600:]}")
    return json.loads(done.stdout.splitlines()[-1])["seconds"]
