"""Graft and the other programs, as the bench drives them."""

import json
import os
import subprocess
import sys
import time

from contest import PEERS

HERE = os.path.dirname(os.path.abspath(__file__))


class ContestError(Exception):
    pass


def environment():
    """For child processes: Python keeps compiled modules, as it does unless told otherwise."""
    changed = dict(os.environ, PYTHONPATH=HERE)
    changed.pop("PYTHONDONTWRITEBYTECODE", None)
    return changed


class Peer:
    """One of the other programs in a process that waits, without computing, until it is asked."""

    def __init__(self, name, stem, threads, log, module=None):
        self.name = name
        command = [sys.executable, os.path.join(HERE, "worker.py"), module or PEERS[name], stem, str(threads)]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True, env=environment()
        )
        self.idle, self.busy_while_idle, self.answered = 0.0, 0.0, None

    def ask(self, do, **arguments):
        self._count_idle_time()
        try:
            self.process.stdin.write(json.dumps({"do": do, **arguments}) + "\n")
            self.process.stdin.flush()
            answer = json.loads(self.process.stdout.readline())
        except (OSError, ValueError) as error:
            raise ContestError(f"{self.name} ended while it should {do}; see the log") from error
        if "error" in answer:
            raise ContestError(f"{self.name} could not {do}: {answer['error']}")
        self.answered = (time.monotonic(), _processor_seconds(self.process.pid))
        return answer

    @property
    def idle_share(self):
        """How much of a core the process used while others had their turns; 0 where that is not known."""
        return self.busy_while_idle / self.idle if self.idle else 0.0

    def _count_idle_time(self):
        if self.answered:
            self.idle += time.monotonic() - self.answered[0]
            self.busy_while_idle += _processor_seconds(self.process.pid) - self.answered[1]

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def _processor_seconds(process):
    """What a process has used, from Linux's /proc."""
    try:
        with open(f"/proc/{process}/stat") as file:
            fields = file.read().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Graft:
    name = "Graft"

    def __init__(self, path, threads):
        self.path, self.threads = path, threads

    def run(self, *arguments):
        command = [self.path, *map(str, arguments), "--quiet", "--threads", str(self.threads)]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            raise ContestError(f"graft {arguments[0]} ended with {done.returncode}: {done.stderr.strip()}")
        return done.stdout

    def bench(self, network, stem, batch, seconds):
        """{"imagesPerSecond", "fractionOfLimit", …}; this also measures the machine's limit in turns."""
        top = "--top" if network.top else "--no-top"
        arguments = ["--model", network.architecture, "--weights", stem + ".h5", top]
        return json.loads(self.run("bench", *arguments, "--batch", batch, "--seconds", seconds, "--json"))

    def extract(self, pictures, weights, output, *options):
        """Seconds of the whole process."""
        if os.path.exists(output):
            os.remove(output)
        started = time.monotonic()
        self.run("extract", *pictures, "--weights", weights, "-o", output, *options)
        return time.monotonic() - started

    def predict(self, paths, weights, *options):
        """By path, the predictions."""
        answer = json.loads(self.run("predict", *paths, "--weights", weights, "--json", *options))
        return {entry["path"]: entry["predictions"] for entry in answer}

    def version(self):
        return subprocess.run([self.path, "--version"], capture_output=True, text=True).stdout.strip()
