"""Fine-tuning as PyTorch's tutorial on transfer learning does it; prints the seconds of each epoch as JSON.

usage: py_torch.py STEM PICTURES THREADS FIRST EPOCHS BATCH MODE

FIRST is the first layer that trains. What comes before runs forward at every epoch.
"""

import json
import sys
import time

import torch
from torch.utils.data import DataLoader
from torchvision import transforms
from torchvision.datasets import ImageFolder

from contest import SIDE
from photos import CAFFE_MEANS, SHORTER_SIDE

WORKERS = 2
RATE = 1e-4


def prepared(mode):
    def scaled(pixels):
        if mode == "caffe":
            return pixels.flip(0).float() - torch.from_numpy(CAFFE_MEANS)[:, None, None]
        return pixels.float() / 127.5 - 1

    steps = [transforms.Resize(SHORTER_SIDE), transforms.CenterCrop(SIDE), transforms.PILToTensor()]
    return transforms.Compose([*steps, transforms.Lambda(scaled)])


def main():
    stem, folder, threads, first, epochs, batch, mode = sys.argv[1:]
    torch.set_num_threads(int(threads))
    torch.manual_seed(1)
    pictures = ImageFolder(folder, prepared(mode))
    loader = DataLoader(pictures, int(batch), shuffle=True, num_workers=WORKERS, persistent_workers=True)
    trunk = torch.load(stem + "-features-training.torch", weights_only=False)
    trains = False
    for name, module in trunk.named_children():
        trains |= name == first
        module.requires_grad_(trains)
    head = torch.nn.Linear(trunk(torch.zeros(1, 3, SIDE, SIDE)).shape[1], len(pictures.classes))
    model = torch.nn.Sequential(trunk, head).to(memory_format=torch.channels_last)
    optimizer = torch.optim.Adam((p for p in model.parameters() if p.requires_grad), RATE)
    seconds, losses = [], []
    for _ in range(int(epochs)):
        started, total = time.monotonic(), 0.0
        for pixels, labels in loader:
            logits = model(pixels.contiguous(memory_format=torch.channels_last))
            loss = torch.nn.functional.cross_entropy(logits, labels)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
            total += float(loss.detach()) * len(labels)
        seconds.append(time.monotonic() - started)
        losses.append(total / len(pictures))
    print(json.dumps({"seconds": seconds, "losses": losses}), flush=True)


if __name__ == "__main__":
    main()
