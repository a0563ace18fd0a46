"""PyTorch: a step of training, forward, backward and Adam, normalizations on their stored statistics."""

import shutil

import numpy as np
import torch

from peers.py_torch import FORMATS

FORMS = ["channels last", "channels first"]
# Compiled code takes a compiler.
if shutil.which("g++"):
    FORMS.append("channels last, compiled")
RATE = 1e-5


class Network:
    def __init__(self, stem, form, threads, batch):
        torch.set_num_threads(threads)
        self.format = FORMATS[form.split(",")[0]]
        self.module = torch.load(stem + "-training.torch", weights_only=False).to(memory_format=self.format)
        self.optimizer = torch.optim.Adam(self.module.parameters(), RATE)
        if form.endswith("compiled"):
            self.module = torch.compile(self.module)
        self.losses = []

    def feed(self, pixels):
        self.pixels = torch.from_numpy(pixels).permute(0, 3, 1, 2).contiguous(memory_format=self.format)
        self.labels = None

    def run(self):
        logits = self.module(self.pixels)
        if self.labels is None:
            self.labels = torch.arange(len(logits)) % logits.shape[1]
        loss = torch.nn.functional.cross_entropy(logits, self.labels)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        self.optimizer.step()
        self.losses.append(float(loss.detach()))

    def output(self):
        """The losses of all steps so far."""
        return np.array(self.losses)
