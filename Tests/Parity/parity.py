#!/usr/bin/env python3
"""Compares Graft with real Keras. Prints a line a comparison and ends with 1 if one fails; see run.sh."""

import argparse
import fnmatch
import functools
import os
import shutil
import sys
import tempfile
import time
import traceback

import networks  # sets what TensorFlow reads from the environment, so first
import check_architectures
import check_classifiers
import check_heads
import check_custom_models
import check_export
import check_layouts
import check_linear
import check_metrics
import check_models
import check_photos
import check_recipes
import check_training
import self_check
from program import Graft
from report import Report

STEPS = {
    "self-check": self_check.run,
    "architectures": check_architectures.run,
    "layouts": check_layouts.run,
    "custom-models": check_custom_models.run,
    "export": check_export.run,
    "models": check_models.run,
    "photos": check_photos.run,
    "classifiers": check_classifiers.run,
    "linear": check_linear.run,
    "training": check_training.run,
    "heads": check_heads.run,
    "recipes": check_recipes.run,
    "metrics": check_metrics.run,
}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("graft", help="the program")
    parser.add_argument("--step", action="append", choices=STEPS, help="do this only (may be repeated)")
    parser.add_argument("--only", default="*", help="architectures whose name fits this pattern, as 'resnet*'")
    parser.add_argument("--self-check", action="store_true", help="only whether a changed weight is noticed")
    parser.add_argument("--seeds", type=int, default=5, help="runs of each recipe in Graft (default: 5)")
    parser.add_argument("--keras-seeds", type=int, default=2, help="and in Keras, which take minutes (default: 2)")
    options = parser.parse_args()
    if options.self_check:
        options.step = ["self-check"]
    return options


def main():
    options = arguments()
    names = fnmatch.filter(networks.BUILDERS, options.only)
    recipes = functools.partial(check_recipes.run, seeds=options.seeds, keras_seeds=options.keras_seeds)
    steps = STEPS | {"recipes": recipes}
    started = time.monotonic()
    report = Report()
    folder = tempfile.mkdtemp(prefix="graft-parity-")
    try:
        graft = Graft(os.path.abspath(options.graft), folder)
        for step in options.step or steps:
            begun = time.monotonic()
            try:
                steps[step](report, graft, names)
            except Exception as error:
                traceback.print_exc()
                report.fail(step, "could not be finished", repr(error))
            print(f"---- {step}: {time.monotonic() - begun:.0f} s", flush=True)
    finally:
        shutil.rmtree(folder)
    for failure in report.failures:
        print(failure)
    seconds = time.monotonic() - started
    print(f"{report.passed} comparisons passed, {len(report.failures)} failed, in {seconds:.0f} s")
    sys.exit(1 if report.failures or not report.passed else 0)


if __name__ == "__main__":
    main()
