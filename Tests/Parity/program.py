"""Runs Graft and reads what it writes."""

import json
import os
import subprocess

import h5py
import numpy as np


class ProgramError(Exception):
    pass


class Graft:
    def __init__(self, path, folder):
        """The program, and a folder for what it writes."""
        self.path = path
        self.folder = folder

    def run(self, *arguments, timeout=600):
        """What the program prints; an error if it fails."""
        command = [self.path, *map(str, arguments), "--quiet"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=timeout)
        if done.returncode != 0:
            raise ProgramError(f"graft {arguments[0]} ended with {done.returncode}: {done.stderr.strip()}")
        return done.stdout

    def features(self, pictures, weights, layers=(), size=None, pooling="none", resize="nearest"):
        """By layer, what `graft extract` finds there in the pictures of a folder, sorted by name."""
        output = os.path.join(self.folder, "features.h5")
        if os.path.exists(output):
            os.remove(output)
        arguments = ["extract", pictures, "--weights", weights, "-o", output, "--pooling", pooling]
        arguments += ["--resize", resize] + [word for layer in layers for word in ("--layer", layer)]
        self.run(*arguments, *(["--size", size] if size else []))
        with h5py.File(output) as file:
            paths = [os.path.basename(p.decode() if isinstance(p, bytes) else p) for p in file["paths"][()]]
            order = np.argsort(paths)
            return {layer: file["features"][layer][()][order] for layer in file["features"]}

    def predictions(self, paths, *options):
        """By path, the predictions of `graft predict`, best first."""
        answer = json.loads(self.run("predict", *paths, "--json", *options))
        return {entry["path"]: entry["predictions"] for entry in answer}

    def probabilities(self, paths, weights, size=None, classes=1000):
        """Probabilities of all classes, in the order of `paths` and of the class numbers."""
        options = ["--weights", weights, "--top", classes, "--resize", "nearest"]
        found = self.predictions(paths, *options, *(["--size", size] if size else []))
        result = np.full((len(paths), classes), np.nan, np.float32)
        for row, path in enumerate(paths):
            for prediction in found[path]:
                result[row, prediction["index"]] = prediction["probability"]
        return result
