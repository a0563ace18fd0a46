"""Runs one other program's network some times, for its peak memory to be measured.

usage: in_memory.py MODULE FORM STEM THREADS BATCH
"""

import importlib
import sys

import numpy as np

from contest import SIDE

module, form, stem, threads, batch = sys.argv[1:]
peer = importlib.import_module(f"peers.{module}")
network = peer.Network(stem, form, int(threads), int(batch))
network.feed(np.random.default_rng(1).uniform(-1, 1, (int(batch), SIDE, SIDE, 3)).astype(np.float32))
for _ in range(5):
    network.run()
