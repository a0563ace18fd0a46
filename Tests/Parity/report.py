"""Counts and prints comparisons: a line each."""

import numpy as np


class Report:
    def __init__(self, silent=False):
        self.passed = 0
        self.failures = []
        self.silent = silent

    def line(self, passes, name, what, error, limit):
        """Notes a comparison: of what network and what of it, how large the error is and may be."""
        self.passed += bool(passes)
        shown = f"{error:.2e}" if isinstance(error, float) else str(error)
        text = f"{'ok  ' if passes else 'FAIL'} {name:39} {what:40} {shown} limit {limit:.1e}"
        if not passes:
            self.failures.append(text)
        if not self.silent:
            print(text, flush=True)

    def fail(self, name, what, message):
        """Notes a comparison that could not be made."""
        self.line(False, name, what, " ".join(str(message).split())[:600], 0)

    def compare(self, name, what, found, expected, limit, relative=True):
        """Compares two arrays by their largest difference, as a fraction of the largest magnitude if `relative`."""
        if found.shape != expected.shape:
            self.fail(name, what, f"shape {found.shape}, Keras has {expected.shape}")
            return
        expected = expected.astype(np.float64)
        error = float(np.max(np.abs(found - expected)))
        if relative:
            error /= float(np.max(np.abs(expected)))
        self.line(error <= limit, name, what, error, limit)

    def same_bits(self, name, what, found, expected):
        """Compares two arrays for equality."""
        different = found.shape != expected.shape or int(np.sum(found.view(np.uint32) != expected.view(np.uint32)))
        self.line(not different, name, what, f"{int(different)} values differ", 0)

    def notice(self, text):
        print(f"skip {text}", flush=True)
