"""Peak memory and seconds of a fit to a store of 4 GB under `--memory 1G`."""

import json
import os
import subprocess
import sys
import time

import numpy as np

from contestants import HERE, ContestError, environment
from settings import say

sys.path.append(os.path.join(HERE, "..", "Tests", "Parity"))
import feature_store  # noqa: E402

ROWS, WIDTH, CLASSES, FACTORS = 500_000, 2_048, 10, 64
BLOCK = 20_000
L2 = 1e-2
LIMIT = 1_300_000_000


def run(settings):
    store = os.path.join(settings.folder, "large.h5")
    if not os.path.exists(store):
        say("  writing 4 GB of features")
        _write(store)
    output = os.path.join(settings.folder, "large.json")
    command = [settings.graft.path, "fit", store, "-o", output, "--l2", str(L2), "--memory", "1G", "--quiet"]
    launcher = [sys.executable, "-S", "-E", os.path.join(HERE, "peak_memory.py")]
    started = time.monotonic()
    done = subprocess.run(
        [*launcher, *command, "--threads", str(settings.threads)], capture_output=True, text=True, env=environment()
    )
    seconds = time.monotonic() - started
    if done.returncode:
        raise ContestError(f"the large store could not be fitted: {done.stderr.strip()[-2000:]}")
    peak = int(done.stdout.splitlines()[-1])
    with open(output) as file:
        facts = json.load(file)["training"]
    say(f"  {seconds:.0f} s, {facts['iterations']} steps, {facts['outcome']}, peak {peak / 1e6:.0f} MB")
    if peak > LIMIT:
        raise ContestError(f"the peak of {peak} bytes is above {LIMIT}")
    return [{"bytes": os.path.getsize(store), "seconds": seconds, "peak": peak, "steps": facts["iterations"]}]


def _write(path):
    generator = np.random.default_rng(1)
    labels = np.arange(ROWS) % CLASSES
    centres = generator.standard_normal((CLASSES, FACTORS), dtype=np.float32)
    mixture = generator.standard_normal((FACTORS, WIDTH), dtype=np.float32) / np.float32(np.sqrt(FACTORS))
    noise = generator.standard_normal((BLOCK, WIDTH), dtype=np.float32)
    part = path + ".part"
    file, dataset = feature_store.create(part, (ROWS, WIDTH), labels, CLASSES)
    for start in range(0, ROWS, BLOCK):
        own = labels[start : start + BLOCK]
        factors = centres[own] + 2 * generator.standard_normal((BLOCK, FACTORS), dtype=np.float32)
        dataset[start : start + BLOCK] = np.maximum(factors @ mixture + 0.3 * np.roll(noise, start // BLOCK, 1), 0)
    file.close()
    os.replace(part, path)
