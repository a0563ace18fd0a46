"""Pictures to compare on: waves, edges and noise, saved without loss at exactly the network's size."""

import os

import numpy as np
from PIL import Image

import limits


def draw(size, seed):
    """Pixels of shape height x width x 3, RGB 0...255."""
    random = np.random.default_rng(seed)
    y, x = np.mgrid[0:size, 0:size] / size
    picture = np.zeros((size, size, 3))
    for _ in range(8):
        frequency, phase = random.normal(0, 12, 2), random.uniform(0, 2 * np.pi, 3)
        wave = (frequency[0] * y + frequency[1] * x)[..., None]
        picture += random.uniform(10, 40) * np.sin(wave + phase)
    disc = (y - random.uniform(0.3, 0.7)) ** 2 + (x - random.uniform(0.3, 0.7)) ** 2 < random.uniform(0.02, 0.1)
    picture[disc] += random.uniform(-90, 90, 3)
    picture += random.normal(0, 12, picture.shape) + random.uniform(90, 160, 3)
    return np.clip(np.rint(picture), 0, 255).astype(np.uint8)


def save(folder, size):
    """Writes pictures of `size` x `size` into `folder`; their paths, sorted, and their pixels."""
    os.makedirs(folder, exist_ok=True)
    pixels = [draw(size, seed=100 * size + i) for i in range(limits.PICTURES)]
    paths = [os.path.join(folder, f"picture{i}.png") for i in range(limits.PICTURES)]
    for path, picture in zip(paths, pixels):
        Image.fromarray(picture).save(path)
    return paths, np.stack(pixels)
