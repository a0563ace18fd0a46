"""Images a second of networks in memory, in rounds in which every program has its turn."""

import os

import numpy as np

import agreement
from contest import GRAFT
from settings import median, say


def run(settings):
    rows = []
    for network in settings.networks:
        rows += _race(settings, network)
    return rows


def _race(settings, network):
    with settings.workers(network) as workers:
        expected = agreement.graft_output(settings.graft, network, settings.folder)
        rows = {(GRAFT, batch): _row(network, GRAFT, batch) for batch in settings.batches}
        for name, worker in workers.items():
            for batch in settings.batches:
                chosen = worker.ask("choose", batch=batch, seconds=min(settings.seconds, 0.5))
                row = rows[name, batch] = _row(network, name, batch)
                row["form"] = chosen["form"]
                row["difference"] = _difference(settings, name, worker, batch, expected)
                say(f"  {network.name}, {name}, batch {batch}: {chosen['form']}, agrees to {row['difference']:.1e}")
        for round in range(settings.rounds):
            for batch in settings.batches:
                for name in settings.turns(round):
                    _turn(settings, network, rows[name, batch], workers.get(name))
            say(f"  {network.name}, round {round + 1} of {settings.rounds}")
        for name, worker in workers.items():
            for batch in settings.batches:
                rows[name, batch]["idleShare"] = worker.idle_share
            if worker.idle_share > 0.02:
                say(f"  {name} used {worker.idle_share:.0%} of a core while others had their turns")
    return [_summary(row, rows[GRAFT, row["batch"]]) for row in rows.values()]


def _row(network, name, batch):
    return {"network": network.name, "top": network.top, "batch": batch, "contestant": name, "rates": []}


def _difference(settings, name, worker, batch, expected):
    path = os.path.join(settings.folder, "output.npy")
    worker.ask("output", batch=batch, path=path)
    return agreement.difference(name, np.load(path), np.resize(expected, (batch, *expected.shape[1:])))


def _turn(settings, network, row, worker):
    figures = turn(settings, network, row["batch"], worker)
    row["rates"].append(figures["imagesPerSecond"])
    if not worker:
        row.setdefault("fractions", []).append(figures["fractionOfLimit"])


def turn(settings, network, batch, worker):
    """Images a second of another program, or of Graft if `worker` is none."""
    if not worker:
        return settings.graft.bench(network, network.path(settings.folder, ""), batch, settings.seconds)
    times = worker.ask("time", batch=batch, seconds=settings.seconds)["seconds"]
    return {"imagesPerSecond": batch / median(times)}


def _summary(row, graft):
    row["imagesPerSecond"] = median(row["rates"])
    # All networks have the same operations, so shares of the limit are as the rates are.
    row["fractionOfLimit"] = median(graft["fractions"]) * row["imagesPerSecond"] / median(graft["rates"])
    return row
