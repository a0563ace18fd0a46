"""Images a second while another process keeps one core busy, and the share of the undisturbed speed."""

import subprocess
import sys
from contextlib import contextmanager

from contest import GRAFT
from measure_speed import turn
from settings import median, say

MEASURED = ("ResNet50", "MobileNetV2")
BATCH = 8


def run(settings):
    return [row for network in settings.usual(MEASURED) for row in _race(settings, network)]


def _race(settings, network):
    rows = {
        name: {"network": network.name, "batch": BATCH, "contestant": name, "rates": [], "undisturbed": []}
        for name in settings.contestants
    }
    with settings.workers(network) as workers:
        for worker in workers.values():
            worker.ask("choose", batch=BATCH, seconds=min(settings.seconds, 0.5))
        for round in range(min(settings.rounds, 3)):
            for name in settings.turns(round):
                worker = workers.get(name)
                rows[name]["undisturbed"].append(turn(settings, network, BATCH, worker)["imagesPerSecond"])
                with _neighbour():
                    rows[name]["rates"].append(turn(settings, network, BATCH, worker)["imagesPerSecond"])
    for row in rows.values():
        row["imagesPerSecond"] = median(row["rates"])
        row["share"] = row["imagesPerSecond"] / median(row["undisturbed"])
    say(f"  {network.name}: Graft keeps {rows[GRAFT]['share']:.0%} of its speed")
    return list(rows.values())


@contextmanager
def _neighbour():
    process = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    try:
        yield
    finally:
        process.kill()
        process.wait()
