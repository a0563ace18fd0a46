"""PyTorch, with torchvision's transforms and a DataLoader of two worker processes."""

import torch
from PIL import Image
from torch.utils.data import DataLoader, Dataset
from torchvision import transforms

from contest import SIDE
from folders import BATCH
from peers.py_torch import load
from photos import CAFFE_MEANS, SHORTER_SIDE

FORMS = ["channels last"]
WORKERS = 2


class Pictures(Dataset):
    def __init__(self, paths, mode):
        self.paths = paths
        steps = [transforms.Resize(SHORTER_SIDE), transforms.CenterCrop(SIDE), transforms.PILToTensor()]
        self.transform = transforms.Compose(steps)
        self.mode = mode

    def __len__(self):
        return len(self.paths)

    def __getitem__(self, index):
        pixels = self.transform(Image.open(self.paths[index]).convert("RGB"))
        if self.mode == "caffe":
            return pixels.flip(0).float() - torch.from_numpy(CAFFE_MEANS)[:, None, None]
        return pixels.float() / 127.5 - 1


class Pipeline:
    def __init__(self, stem, form, threads, mode):
        self.mode = mode
        self.module = load(stem + "-features", form, threads)
        self.loader = None

    def features(self, paths):
        if self.loader is None or self.loader.dataset.paths != paths:
            pictures = Pictures(paths, self.mode)
            self.loader = DataLoader(pictures, batch_size=BATCH, num_workers=WORKERS, persistent_workers=True)
        with torch.inference_mode():
            batches = [self.module(batch.contiguous(memory_format=torch.channels_last)) for batch in self.loader]
        return torch.cat(batches).numpy()
