#!/usr/bin/env python3
"""Compares Graft's speed, start and memory with those of other programs; see README.md."""

import argparse
import fnmatch
import json
import os
import subprocess
import sys
import time

import machine
import measure_classifiers
import measure_epochs
import measure_folders
import measure_large_store
import measure_memory
import measure_neighbour
import measure_speed
import measure_start
import measure_training
import tables
from contest import NETWORKS, PEERS
from contestants import HERE, ContestError, Graft
from settings import Settings, say

STEPS = {
    "speed": measure_speed.run,
    "neighbour": measure_neighbour.run,
    "endToEnd": measure_folders.run,
    "coldStart": measure_start.run,
    "memory": measure_memory.run,
    "training": measure_training.run,
    "epochs": measure_epochs.run,
    "classifiers": measure_classifiers.run,
    "largeStore": measure_large_store.run,
}
# Too long, or too large on disk, to be done unasked.
ON_REQUEST = {"largeStore"}
# These need no networks.
WITHOUT_NETWORKS = {"classifiers", "largeStore"}
FULL = {"rounds": 4, "seconds": 1.0, "pictures": 512, "starts": 10}
QUICK = {"rounds": 1, "seconds": 0.3, "pictures": 128, "starts": 3}
BUILD = os.path.realpath(os.path.join(HERE, "..", ".build"))


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("graft", help="the program")
    parser.add_argument("--step", action="append", choices=STEPS, help="measure this only (may be repeated)")
    parser.add_argument("--only", default="*", help="networks whose name fits this pattern, as 'MobileNet*'")
    parser.add_argument("--peer", action="append", choices=PEERS, help="compare with this only (may be repeated)")
    parser.add_argument("--batch", action="append", type=int, help="pictures computed together (may be repeated)")
    parser.add_argument("--threads", type=int, default=2, help="of every program (default: 2)")
    parser.add_argument("--rounds", type=int, help="in each of which every program has a turn (default: 4)")
    parser.add_argument("--seconds", type=float, help="of a turn (default: 1)")
    parser.add_argument("--pictures", type=int, help="of the folder (default: 512)")
    parser.add_argument("--starts", type=int, help="of each program, for the cold start (default: 10)")
    parser.add_argument("--quick", action="store_true", help="fewer and shorter turns: a look, no measurement")
    parser.add_argument("--output", default=os.path.join(BUILD, "bench.json"), help="the JSON file to write")
    parser.add_argument("--files", default=os.path.join(BUILD, "bench-files"), help="folder of networks and pictures")
    parser.add_argument("--markdown", action="store_true", help="print the tables as Markdown")
    parser.add_argument("--show", action="store_true", help="print the tables of the JSON file, measure nothing")
    options = parser.parse_args()
    for name, value in (QUICK if options.quick else FULL).items():
        if getattr(options, name) is None:
            setattr(options, name, value)
    return options


def settings(options):
    networks = [NETWORKS[name] for name in fnmatch.filter(NETWORKS, options.only)]
    if not networks:
        sys.exit(f"no network fits '{options.only}'; there are {', '.join(NETWORKS)}")
    return Settings(
        graft=Graft(os.path.abspath(options.graft), options.threads),
        folder=os.path.abspath(options.files),
        threads=options.threads,
        networks=networks,
        peers=options.peer or list(PEERS),
        batches=options.batch or [1, 8, 32],
        rounds=options.rounds,
        seconds=options.seconds,
        pictures=options.pictures,
        starts=options.starts,
    )


def prepare(run, steps):
    """Writes the files that are missing, in a process of its own, because that loads all other programs."""
    names = {network.name for network in run.networks}
    if "coldStart" in steps:
        names.add(measure_start.NETWORK.name)
    os.makedirs(run.folder, exist_ok=True)
    if WITHOUT_NETWORKS.issuperset(steps):
        return
    with open(os.path.join(run.folder, "log"), "w") as log:
        command = [sys.executable, os.path.join(HERE, "prepare.py"), run.folder, str(run.pictures), *sorted(names)]
        if subprocess.run(command, stderr=log).returncode:
            sys.exit(f"the networks could not be prepared; see {log.name}")


def measure(options):
    run, steps = settings(options), options.step or [step for step in STEPS if step not in ON_REQUEST]
    machine.restrict(options.threads)
    prepare(run, steps)
    results = {"machine": machine.facts(run)}
    if results["machine"]["load"] > 0.5:
        say("this machine is busy: the figures will say little")
    for step in steps:
        started = time.monotonic()
        say(step)
        results[step] = STEPS[step](run)
        say(f"---- {step}: {time.monotonic() - started:.0f} s")
        with open(options.output, "w") as file:
            json.dump(results, file, indent=1)
    return results


def main():
    options = arguments()
    if options.show:
        with open(options.output) as file:
            results = json.load(file)
    else:
        try:
            results = measure(options)
        except ContestError as error:
            sys.exit(f"error: {error}")
    print("\n" + tables.text(results, options.markdown))


if __name__ == "__main__":
    main()
