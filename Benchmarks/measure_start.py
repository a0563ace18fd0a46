"""Seconds from the start of a process to the first class of one JPEG picture; files are in the system's cache."""

import json
import os
import subprocess
import sys
import time

import photos
from contest import GRAFT, NETWORKS, PEERS
from contestants import HERE, ContestError, environment
from settings import median, say

NETWORK = NETWORKS["MobileNetV2"]


def run(settings):
    picture = photos.paths(os.path.join(settings.folder, "pictures"))[0]
    rows = {name: {"network": NETWORK.name, "contestant": name, "times": []} for name in settings.contestants}
    classes = {}
    # The first start fills caches and does not count.
    for round in range(settings.starts + 1):
        for name in settings.turns(round):
            seconds, classes[name] = _start(settings, name, picture)
            if round:
                rows[name]["times"].append(seconds)
        if len(set(classes.values())) > 1:
            raise ContestError(f"the first classes differ: {classes}")
    for row in rows.values():
        row["seconds"] = median(row["times"])
    say(f"  {NETWORK.name}: all name class {classes[GRAFT]}")
    return list(rows.values())


def _start(settings, name, picture):
    stem = NETWORK.path(settings.folder, "")
    if name == GRAFT:
        command = [settings.graft.path, "predict", picture, "--weights", stem + ".h5", "--top", "1", "--json"]
        command += ["--quiet", "--threads", str(settings.threads)]
    else:
        script = os.path.join(HERE, "first_picture", PEERS[name] + ".py")
        command = [sys.executable, script, stem, str(settings.threads), picture, NETWORK.preprocessing]
    started = time.monotonic()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment()) as process:
        # Graft prints all at its end; of the others the end itself is not timed.
        answer = process.stdout.read() if name == GRAFT else process.stdout.readline()
        seconds = time.monotonic() - started
    if process.returncode:
        raise ContestError(f"{name} ended with {process.returncode} at its first picture")
    return seconds, json.loads(answer)[0]["predictions"][0]["index"] if name == GRAFT else int(answer)
