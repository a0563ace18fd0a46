"""A long-lived process that runs one other program and obeys lines of JSON.

usage: worker.py MODULE STEM THREADS

A line {"do": NAME, ...} is answered by one of results, or of {"error": TEXT}. Between lines it waits, and computes
nothing.

    choose   batch, seconds       tries every form of the network and keeps the fastest; {"form", "rates"}.
                                  What took twice as long at one batch is not tried at the next
    time     batch, seconds       {"seconds"}: what each run of the kept form took
    output   batch, path          writes the last output to a NumPy file
    folder   pictures, mode       tries every form of the pipeline on some pictures and keeps the fastest; {"form"}
    extract  pictures             {"seconds"} from pictures to features
    features pictures, path       writes the features to a NumPy file
"""

import importlib
import json
import os
import sys
import time
import traceback

import numpy as np


class Worker:
    def __init__(self, module, stem, threads):
        self.module, self.stem, self.threads = module, stem, threads
        self.kept = {}
        self.slow_forms = set()
        self.pipeline = None

    # One network

    def choose(self, batch, seconds):
        peer = importlib.import_module(f"peers.{self.module}")
        checked = np.load(self.stem + "-pixels.npy")
        pixels = np.resize(checked, (batch, *checked.shape[1:]))
        rates = {}
        for form in peer.FORMS:
            if form in self.slow_forms or (form.startswith("streams") and batch == 1):
                continue
            network = peer.Network(self.stem, form, self.threads, batch)
            network.feed(pixels)
            network.run()
            rates[form] = batch / min(_times(network, seconds))
            if rates[form] == max(rates.values()):
                self.kept[batch] = network
        self.slow_forms |= {form for form, rate in rates.items() if rate < max(rates.values()) / 2}
        return {"form": max(rates, key=rates.get), "rates": rates}

    def time(self, batch, seconds):
        self.kept[batch].run()
        return {"seconds": _times(self.kept[batch], seconds)}

    def output(self, batch, path):
        np.save(path, self.kept[batch].output())
        return {}

    # Pictures of a folder

    def folder(self, pictures, mode):
        folders = importlib.import_module(f"folders.{self.module}")
        best = None
        for form in folders.FORMS:
            pipeline = folders.Pipeline(self.stem, form, self.threads, mode)
            pipeline.features(pictures)
            started = time.monotonic()
            pipeline.features(pictures)
            seconds = time.monotonic() - started
            if best is None or seconds < best:
                best, self.pipeline, kept = seconds, pipeline, form
        return {"form": kept}

    def extract(self, pictures):
        started = time.monotonic()
        self.pipeline.features(pictures)
        return {"seconds": time.monotonic() - started}

    def features(self, pictures, path):
        compute = getattr(self.pipeline, "checked_features", self.pipeline.features)
        np.save(path, compute(pictures))
        return {}


def _times(network, seconds):
    """Seconds of each run, for as long as asked for."""
    times, total = [], 0.0
    while total < seconds:
        started = time.perf_counter()
        network.run()
        times.append(time.perf_counter() - started)
        total += times[-1]
    return times


def main():
    module, stem, threads = sys.argv[1:]
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # What libraries print is no answer.
    worker = Worker(module, stem, int(threads))
    for line in sys.stdin:
        command = json.loads(line)
        try:
            answer = getattr(worker, command.pop("do"))(**command)
        except Exception as error:
            traceback.print_exc()
            answer = {"error": repr(error)}
        print(json.dumps(answer), file=answers, flush=True)


if __name__ == "__main__":
    main()
