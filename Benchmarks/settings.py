"""What a run is to measure, and with what."""

import os
import statistics
from contextlib import contextmanager
from dataclasses import dataclass

from contest import GRAFT
from contestants import Graft, Peer


@dataclass
class Settings:
    graft: Graft
    folder: str
    threads: int
    networks: list
    peers: list
    batches: list
    rounds: int
    seconds: float
    pictures: int
    starts: int

    @property
    def contestants(self):
        return [GRAFT, *self.peers]

    def usual(self, names):
        """Of the networks asked for, those that a step usually measures, else all that were asked for."""
        return [network for network in self.networks if network.name in names] or self.networks

    def turns(self, round):
        """The contestants in another order each round, so that none has always the same before it."""
        names = self.contestants
        shift = round % len(names)
        return names[shift:] + names[:shift]

    @contextmanager
    def workers(self, network, modules=None):
        """A process for each other program, with the network's files; of `modules` for those programs only, by name."""
        with open(os.path.join(self.folder, "log"), "a") as log:
            stem = network.path(self.folder, "")
            workers = {
                name: Peer(name, stem, self.threads, log, modules and modules[name])
                for name in (modules or self.peers)
            }
            try:
                yield workers
            finally:
                for worker in workers.values():
                    worker.close()


def median(values):
    return statistics.median(values)


def say(text):
    print(text, flush=True)
