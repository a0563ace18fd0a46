"""Seconds to fit logistic regression to 20,000 x 2,048 features of 100 classes as well as scikit-learn does.

scikit-learn goes as far as its tolerance says. Graft, whose tolerance means something else, is given the loosest with
which it gets as low.
"""

import json
import os
import subprocess
import sys
import time

import h5py
import numpy as np
from sklearn.preprocessing import StandardScaler

from contest import GRAFT
from contestants import HERE, ContestError, environment
from objective import log_loss
from settings import median, say

sys.path.append(os.path.join(HERE, "..", "Tests", "Parity"))
import feature_store  # noqa: E402

ROWS, WIDTH, CLASSES, FACTORS = 20_000, 2_048, 100, 200
L2 = 1e-3
# Tolerances of scikit-learn, of which the first is what it takes unless told otherwise, and the precisions of its input,
# in which it computes.
CASES = {1e-4: ("float64", "float32"), 1e-6: ("float64",)}
# What Graft may be asked for, and what it takes unless told otherwise.
TOLERANCES = (1e-1, 5e-2, 2e-2, 1e-2, 5e-3, 2e-3, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8)
USUAL = 1e-7
# In each of which all have a turn.
ROUNDS = 3


def run(settings):
    store = os.path.join(settings.folder, "classifiers.h5")
    if not os.path.exists(store):
        _write(store)
    data = _standardized(store)
    rows = []
    for tolerance, precisions in CASES.items():
        say(f"  scikit-learn to {tolerance:g}")
        rows += _case(settings, store, data, tolerance, precisions)
    return rows


def _case(settings, store, data, tolerance, precisions):
    found = {}

    def graft(name, own):
        turn = _graft(settings, store, data, own)
        _note(found, name, {**turn, "tolerance": own})
        return turn["objective"]

    def peers():
        for precision in precisions:
            turn = _peer(settings, store, precision, tolerance)
            _note(found, f"scikit-learn {precision}", {**turn, "tolerance": tolerance})

    peers()
    # As low as the lowest of the others.
    goal = min(turn["objective"] for turns in found.values() for turn in turns)
    own = next((own for own in TOLERANCES if graft(GRAFT, own) <= goal), None)
    if own is None:
        raise ContestError(f"Graft stopped above {goal}, where scikit-learn stopped")
    found[GRAFT] = found[GRAFT][-1:]
    for _ in range(ROUNDS - 1):
        peers()
        graft(GRAFT, own)
    graft(f"{GRAFT}, usual tolerance", USUAL)
    return [
        {
            "contestant": name,
            "goal": tolerance,
            "tolerance": turns[0]["tolerance"],
            "rows": ROWS,
            "width": WIDTH,
            "classes": CLASSES,
            "seconds": median([turn["seconds"] for turn in turns]),
            "whole": median([turn["whole"] for turn in turns]),
            "objective": max(turn["objective"] for turn in turns),
            "turns": turns,
        }
        for name, turns in found.items()
    ]


def _note(found, name, turn):
    found.setdefault(name, []).append(turn)
    say(f"  {name}: {turn['seconds']:.2f} s, whole {turn['whole']:.2f} s, objective {turn['objective']:.8f}")


def _write(path):
    """Features as a network has them: mixtures of fewer factors, which the classes share, behind a ReLU."""
    generator = np.random.default_rng(0)
    labels = np.arange(ROWS) % CLASSES
    centres = generator.standard_normal((CLASSES, FACTORS)).astype(np.float32)
    mixture = generator.standard_normal((FACTORS, WIDTH), dtype=np.float32) / np.float32(np.sqrt(FACTORS))
    factors = centres[labels] + 2 * generator.standard_normal((ROWS, FACTORS), dtype=np.float32)
    noise = generator.standard_normal((ROWS, WIDTH), dtype=np.float32)
    feature_store.write(path, np.maximum(factors @ mixture + 0.3 * noise - 0.5, 0), labels)


def _standardized(store):
    """Standardized rows in double precision, the classes, and the means and deviations."""
    with h5py.File(store) as file:
        (layer,) = file["features"].values()
        x, y = layer[()].astype(np.float64), file["labels"][()]
    scaler = StandardScaler().fit(x)
    return scaler.transform(x), y, scaler


def _graft(settings, store, data, tolerance):
    output = os.path.join(settings.folder, "classifier.json")
    started = time.monotonic()
    answer = settings.graft.run("fit", store, "-o", output, "--l2", L2, "--tolerance", tolerance, "--json")
    whole = time.monotonic() - started
    z, y, scaler = data
    with open(output) as file:
        weights, bias = feature_store.classifier(json.load(file), scaler.mean_, scaler.scale_)
    objective = log_loss(z, y, weights, bias, L2)
    return {"seconds": json.loads(answer)["seconds"], "whole": whole, "objective": objective}


def _peer(settings, store, precision, tolerance):
    script, output = os.path.join(HERE, "logistic_regression.py"), os.path.join(settings.folder, "classifier.joblib")
    threads = {
        f"{name}_NUM_THREADS": str(settings.threads) for name in ("OMP", "OPENBLAS", "MKL", "NUMEXPR")
    }
    command = [sys.executable, script, store, output, str(L2), precision, str(tolerance), str(time.monotonic())]
    done = subprocess.run(command, capture_output=True, text=True, env={**environment(), **threads})
    if done.returncode:
        raise ContestError(f"scikit-learn ended with {done.returncode}: {done.stderr.strip()[-2000:]}")
    return json.loads(done.stdout.splitlines()[-1])
