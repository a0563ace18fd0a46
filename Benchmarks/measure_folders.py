"""Pictures a second from the JPEG files of a folder to features.

Graft's time is that of the whole process, with its start, its weights and the file it writes. The others' is that of
the pictures alone: they have started and warmed up before.
"""

import os

import numpy as np

import agreement
import photos
from contest import FOLDER_NETWORKS, GRAFT
from settings import median, say

# Pictures on which a pipeline's forms are tried.
TRIAL = 64


def run(settings):
    return [row for network in settings.usual(FOLDER_NETWORKS) for row in _race(settings, network)]


def _race(settings, network):
    # Slower networks get fewer pictures.
    count = min(settings.pictures, max(TRIAL, settings.pictures // FOLDER_NETWORKS.get(network.name, 8)))
    paths = photos.paths(os.path.join(settings.folder, "pictures"))[:count]
    weights, store = network.path(settings.folder, ".h5"), os.path.join(settings.folder, "features.h5")
    output = os.path.join(settings.folder, "output.npy")
    settings.graft.extract(paths, weights, store)
    expected = agreement.features(store)
    rows = {GRAFT: _row(network, GRAFT, count)}
    with settings.workers(network) as workers:
        for name, worker in workers.items():
            row = rows[name] = _row(network, name, count)
            row["form"] = worker.ask("folder", pictures=paths[:TRIAL], mode=network.preprocessing)["form"]
            worker.ask("features", pictures=paths, path=output)
            row["difference"] = agreement.difference(name, np.load(output), expected)
            say(f"  {network.name}, {name}: {row['form']}, agrees to {row['difference']:.1e}")
        for round in range(min(settings.rounds, 3)):
            for name in settings.turns(round):
                if name == GRAFT:
                    seconds = settings.graft.extract(paths, weights, store)
                else:
                    seconds = workers[name].ask("extract", pictures=paths)["seconds"]
                rows[name]["rates"].append(count / seconds)
            say(f"  {network.name}, round {round + 1}")
    for row in rows.values():
        row["imagesPerSecond"] = median(row["rates"])
    return list(rows.values())


def _row(network, name, count):
    return {"network": network.name, "pictures": count, "contestant": name, "rates": []}
