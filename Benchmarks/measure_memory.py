"""Peak memory of a process that computes a batch of 8 a few times."""

import ast
import os
import subprocess
import sys

import photos
from contest import GRAFT, PEERS
from contestants import HERE, ContestError, environment
from settings import say

MEASURED = ("VGG16", "MobileNetV2")
BATCH = 8


def run(settings):
    rows = []
    for network in settings.usual(MEASURED):
        for name in settings.contestants:
            found = [_peak(command, name) for command in _commands(settings, network, name)]
            # Of several ways of running, the others are given their smallest, Graft its largest.
            bytes = max(found) if name == GRAFT else min(found)
            rows.append({"network": network.name, "batch": BATCH, "contestant": name, "bytes": bytes, "all": found})
            say(f"  {network.name}, {name}: {bytes / 1e6:.0f} MB")
    return rows


def _commands(settings, network, name):
    stem, threads = network.path(settings.folder, ""), str(settings.threads)
    if name != GRAFT:
        script = os.path.join(HERE, "in_memory.py")
        for form in _forms(PEERS[name]):
            yield [sys.executable, script, PEERS[name], form, stem, threads, str(BATCH)]
        return
    common = ["--weights", stem + ".h5", "--batch", str(BATCH), "--threads", threads, "--quiet"]
    top = "--top" if network.top else "--no-top"
    yield [settings.graft.path, "bench", "--model", network.architecture, top, "--seconds", "0.5", *common]
    # The same from files: decoding, resizing, and the store of features, too.
    pictures = photos.paths(os.path.join(settings.folder, "pictures"))[: 4 * BATCH]
    store = os.path.join(settings.folder, "features.h5")
    if os.path.exists(store):
        os.remove(store)
    yield [settings.graft.path, "extract", *pictures, "-o", store, *common]


def _forms(module):
    """Read from the source: to import it would load the other program."""
    path = os.path.join(HERE, "peers", module + ".py")
    with open(path) as file:
        line = next(line for line in file if line.startswith("FORMS = "))
    return ast.literal_eval(line.removeprefix("FORMS = "))


def _peak(command, name):
    launcher = [sys.executable, "-S", "-E", os.path.join(HERE, "peak_memory.py")]
    done = subprocess.run([*launcher, *command], capture_output=True, text=True, env=environment())
    if done.returncode:
        raise ContestError(f"{name} could not be measured: {done.stderr.strip()[-2000:]}")
    return int(done.stdout.splitlines()[-1])
