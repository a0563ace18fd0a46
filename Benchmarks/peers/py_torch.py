"""PyTorch: inference mode, in the plain and the channels-last memory format, normalizations already folded."""

import torch

from peers import channels_last

FORMS = ["channels last", "channels first"]
FORMATS = {"channels last": torch.channels_last, "channels first": torch.contiguous_format}


def load(stem, form, threads):
    torch.set_num_threads(threads)
    return torch.load(stem + ".torch", weights_only=False).to(memory_format=FORMATS[form])


class Network:
    def __init__(self, stem, form, threads, batch):
        self.format = FORMATS[form]
        self.module = load(stem, form, threads)

    def feed(self, pixels):
        self.pixels = torch.from_numpy(pixels).permute(0, 3, 1, 2).contiguous(memory_format=self.format)

    def run(self):
        with torch.inference_mode():
            self.result = self.module(self.pixels)

    def output(self):
        return channels_last(self.result.numpy())
