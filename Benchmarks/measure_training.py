"""Images a second of steps of training, forward, backward and Adam, in which everything trains.

Normalizations stay on their stored statistics; their gamma and beta train.
"""

import json
import os
import subprocess

import h5py
import numpy as np

from contest import GRAFT
from contestants import ContestError
from settings import median, say

NETWORKS = {"ResNet50", "MobileNetV2"}
BATCH = 16
# Difference of the loss of the first step, as a fraction of it.
LOSS = 1e-3


def run(settings):
    if "PyTorch" not in settings.peers:
        return []
    return [row for network in settings.usual(NETWORKS) for row in _race(settings, network)]


def _race(settings, network):
    stem = network.path(settings.folder, "")
    rows = {name: {"network": network.name, "contestant": name, "rates": []} for name in (GRAFT, "PyTorch")}
    with settings.workers(network, {"PyTorch": "py_torch_training"}) as workers:
        worker = workers["PyTorch"]
        chosen = worker.ask("choose", batch=BATCH, seconds=min(settings.seconds, 0.5))
        rows["PyTorch"]["form"] = chosen["form"]
        output = os.path.join(settings.folder, "output.npy")
        worker.ask("output", batch=BATCH, path=output)
        difference = _difference(graft_loss(settings, stem), float(np.load(output)[0]))
        rows["PyTorch"]["difference"] = difference
        say(f"  {network.name}, PyTorch: {chosen['form']} of {chosen['rates']}; loss agrees to {difference:.1e}")
        for round in range(settings.rounds):
            for name in [GRAFT, "PyTorch"][:: 1 if round % 2 else -1]:
                rows[name]["rates"].append(_rate(settings, network, stem, None if name == GRAFT else worker))
            say(f"  {network.name}, round {round + 1} of {settings.rounds}")
    for row in rows.values():
        row["imagesPerSecond"] = median(row["rates"])
    return list(rows.values())


def _rate(settings, network, stem, worker):
    if worker:
        return BATCH / median(worker.ask("time", batch=BATCH, seconds=settings.seconds)["seconds"])
    arguments = ["--model", network.architecture, "--weights", stem + ".h5", "--batch", BATCH, "--train"]
    return json.loads(settings.graft.run("bench", *arguments, "--seconds", settings.seconds, "--json"))["imagesPerSecond"]


def graft_loss(settings, stem):
    """The loss of Graft's first step on the pixels that the others get."""
    checked = np.load(stem + "-pixels.npy")
    pixels = np.resize(checked, (BATCH, *checked.shape[1:]))
    job, result = (os.path.join(settings.folder, name) for name in ("job.h5", "result.h5"))
    with h5py.File(job, "w") as file:
        file["pictures"], file["labels"] = pixels, np.arange(BATCH, dtype=np.int32)
        file["batch"], file["steps"] = np.array([BATCH], np.int32), np.array([1], np.int32)
        file["rates"] = np.array([1e-5])
        file.create_dataset("optimizers", data=["adam"], dtype=h5py.string_dtype())
    program = os.path.join(os.path.dirname(settings.graft.path), "graft-training-steps")
    done = subprocess.run([program, stem + ".h5", job, result], capture_output=True, text=True)
    if done.returncode:
        raise ContestError(f"{program} ended with {done.returncode}: {done.stderr.strip()}")
    with h5py.File(result) as file:
        return float(file["adam/losses"][0])


def _difference(found, expected):
    difference = abs(found - expected) / abs(expected)
    if not difference <= LOSS:
        raise ContestError(f"the first loss is {found} in Graft and {expected} in PyTorch: not comparable")
    return difference
