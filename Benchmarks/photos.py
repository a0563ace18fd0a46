"""How pictures become a network's input, by Pillow and NumPy, and the pictures themselves."""

import os

import numpy as np
from PIL import Image, ImageDraw

from contest import SIDE

SHORTER_SIDE = 256
WIDTH, HEIGHT = 500, 375
CAFFE_MEANS = np.array([103.939, 116.779, 123.68], np.float32)


def prepared(path):
    """RGB pixels of the centre of a picture whose shorter side is made 256, as torchvision does it."""
    picture = Image.open(path).convert("RGB")
    shorter = min(picture.size)
    size = [SHORTER_SIDE if n == shorter else n * SHORTER_SIDE // shorter for n in picture.size]
    picture = picture.resize(size, Image.Resampling.BILINEAR)
    left, top = (round((n - SIDE) / 2) for n in size)
    return np.asarray(picture.crop((left, top, left + SIDE, top + SIDE)))


def preprocessed(pixels, mode):
    """What a network is given for RGB pixels, channels last."""
    if mode == "caffe":
        return pixels[..., ::-1].astype(np.float32) - CAFFE_MEANS
    return pixels.astype(np.float32) / np.float32(127.5) - 1


def channels_first(pixels):
    return np.ascontiguousarray(np.moveaxis(pixels, -1, 1))


def draw(seed, width=WIDTH, height=HEIGHT):
    """A picture that is as hard to decode as a photo: smooth colours, edges and grain."""
    random = np.random.default_rng(seed)
    pixels = np.full((height, width, 3), 128, np.float32)
    for octave in range(6):
        cells = 2 ** (octave + 1)
        noise = random.normal(0, 1, (cells * 3 // 4 + 2, cells + 2, 3)).astype(np.float32)
        for channel in range(3):
            layer = Image.fromarray(noise[..., channel]).resize((width, height), Image.Resampling.BICUBIC)
            pixels[..., channel] += 70 / 1.9**octave * np.asarray(layer)
    shapes = Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))
    pen = ImageDraw.Draw(shapes)
    for _ in range(12):
        x, y, w, h = random.uniform(0, width), random.uniform(0, height), *random.uniform(10, 120, 2)
        colour = tuple(int(c) for c in random.integers(0, 256, 3))
        shape = pen.ellipse if random.random() < 0.5 else pen.rectangle
        shape([x, y, x + w, y + h], fill=colour)
    pixels = np.asarray(shapes, np.float32) + random.normal(0, 6, (height, width, 1))
    return np.clip(pixels, 0, 255).astype(np.uint8)


def write_folder(folder, count):
    """Makes `count` JPEG files of 500 x 375 pixels; those that are there stay."""
    os.makedirs(folder, exist_ok=True)
    for number in range(count):
        path = os.path.join(folder, f"{number:05}.jpg")
        if not os.path.exists(path):
            Image.fromarray(draw(number)).save(path + ".part", "JPEG", quality=90)
            os.rename(path + ".part", path)


def paths(folder):
    return [os.path.join(folder, name) for name in sorted(os.listdir(folder)) if name.endswith(".jpg")]
