"""usage: py_torch.py STEM THREADS PICTURE MODE; prints the number of the first class."""

import sys

import torch

from picture import channels_first

stem, threads, path, mode = sys.argv[1:]
torch.set_num_threads(int(threads))
module = torch.load(stem + ".torch", weights_only=False).to(memory_format=torch.channels_last)
pixels = torch.from_numpy(channels_first(path, mode)).contiguous(memory_format=torch.channels_last)
with torch.inference_mode():
    print(int(module(pixels).argmax()), flush=True)
