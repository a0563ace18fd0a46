"""Writes augmentation.json: what Pillow and colorsys make of a picture of noise.

    python make_augmentation.py

Needs Pillow 13 and numpy.
"""

import colorsys
import io
import json
import math
import os

import numpy as np
from PIL import Image, ImageEnhance

here = os.path.dirname(os.path.abspath(__file__))


def noise(width, height):
    """The test's own formula (Golden.swift)."""
    y, x, c = np.mgrid[0:height, 0:width, 0:3].astype(np.uint32)
    h = x * np.uint32(73856093) ^ y * np.uint32(19349663) ^ c * np.uint32(83492791)
    h ^= h >> np.uint32(15)
    h *= np.uint32(2246822519)
    h ^= h >> np.uint32(13)
    return (h & np.uint32(255)).astype(np.uint8)


width, height = 9, 7
source = noise(width, height)
picture = Image.fromarray(source)
index = {"width": width, "height": height, "enhanced": [], "hues": [], "maps": [], "parts": [], "encoded": []}


def flat(array):
    return np.asarray(array).reshape(-1).tolist()


for kind, enhancer in (("brightness", ImageEnhance.Brightness), ("contrast", ImageEnhance.Contrast),
                       ("saturation", ImageEnhance.Color)):
    for factor in (0.0, 0.37, 0.8, 1.0, 1.25, 2.0):
        index["enhanced"].append(
            {"kind": kind, "factor": factor, "pixels": flat(enhancer(picture).enhance(factor))})

for turn in (-0.5, -0.21, -0.05, 0.0, 0.013, 0.34):
    pixels = []
    for r, g, b in source.reshape(-1, 3).tolist():
        h, s, v = colorsys.rgb_to_hsv(r / 255, g / 255, b / 255)
        pixels += [x * 255 for x in colorsys.hsv_to_rgb((h + turn) % 1, s, v)]
    index["hues"].append({"turn": turn, "pixels": [round(x, 3) for x in pixels]})

# The mirror images around the picture are made by numpy, so that Pillow meets no edge.
margin = 3 * max(width, height)
padded = Image.fromarray(np.pad(source, ((margin, margin), (margin, margin), (0, 0)), "symmetric"))
angle = math.radians(17)
for xx, xy, x0, yx, yy, y0 in [
    (math.cos(angle), -math.sin(angle), 0, math.sin(angle), math.cos(angle), 0),
    (1, 0, 3, 0, 1, -2), (1, 0.4, 0, 0, 1, 0), (-1, 0, 0, 0, 1, 0), (-1, 0, 0, 0, -1, 0),
    (1, 0, 20.25, 0, 1, 11.5), (-0.8, 0.3, 1.2, -0.35, 0.7, -2.6),
]:
    cx, cy = width / 2, height / 2
    # Pillow counts from the corner of the padded picture, and adds the half pixel itself.
    c = x0 + cx - xx * cx - xy * cy + margin
    f = y0 + cy - yx * cx - yy * cy + margin
    result = padded.transform((width, height), Image.AFFINE, (xx, xy, c, yx, yy, f), Image.BILINEAR)
    index["maps"].append({"map": [xx, xy, x0, yx, yy, y0], "pixels": flat(result)})

large = Image.fromarray(noise(61, 47))
for box, size in [
    ((0, 0, 61, 47), 8), ((5, 3, 44, 40), 7), ((20, 10, 24, 15), 9), ((60, 46, 61, 47), 3), ((0, 1, 61, 2), 5),
]:
    index["parts"].append({
        "box": box, "size": size, "pixels": flat(large.crop(box).resize((size, size), Image.BILINEAR))})

small = Image.fromarray(noise(11, 18))
for quality in (50, 90):
    file = io.BytesIO()
    small.save(file, "JPEG", quality=quality)
    index["encoded"].append({"quality": quality, "pixels": flat(Image.open(file))})

with open(os.path.join(here, "augmentation.json"), "w") as file:
    json.dump(index, file, separators=(",", ":"))
    file.write("\n")
