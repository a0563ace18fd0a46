"""Outlines and parts: the vocabulary in which families of drawn objects are written.

An object is a list of parts in its own coordinates: x to the right and y down, both about -1 to 1. A part is a
filled outline or a stroke, in one of three tones, or a cut that lets the background through.
"""

from dataclasses import dataclass

import numpy as np


@dataclass
class Part:
    """One piece of an object: an outline (n x 2 points) or, with a width, a stroke along them."""

    points: np.ndarray
    tone: int = 0
    width: float | None = None
    cut: bool = False


def fill(points, tone=0):
    """A filled outline."""
    return Part(np.asarray(points, float), tone)


def cut(points):
    """An outline removed from what was drawn before it."""
    return Part(np.asarray(points, float), cut=True)


def stroke(points, width, tone=0):
    """A line of the given width through the points, with round ends."""
    return Part(np.asarray(points, float), tone, width)


def box(left, top, right, bottom):
    """A rectangle."""
    return np.array([(left, top), (right, top), (right, bottom), (left, bottom)], float)


def arc(x, y, rx, ry=None, start=0, end=360, count=36):
    """Points on an ellipse around (x, y), from one angle to another, in degrees clockwise from the right."""
    angles = np.radians(np.linspace(start, end, count, endpoint=abs(end - start) < 360))
    return np.stack([x + rx * np.cos(angles), y + (ry or rx) * np.sin(angles)], axis=1)


def polar(radii, start=-90):
    """An outline from radii at equal angles around the origin."""
    radii = np.asarray(radii, float)
    angles = np.radians(start + 360 * np.arange(len(radii)) / len(radii))
    return np.stack([radii * np.cos(angles), radii * np.sin(angles)], axis=1)


def curve(points, closed=True, steps=6):
    """A smooth (Catmull-Rom) curve through the points."""
    p = np.asarray(points, float)
    if closed:
        before, after, after2 = np.roll(p, 1, 0), np.roll(p, -1, 0), np.roll(p, -2, 0)
    else:
        padded = np.concatenate([p[:1], p, p[-1:]])
        before, p, after, after2 = padded[:-3], padded[1:-2], padded[2:-1], padded[3:]
    t = np.linspace(0, 1, steps, endpoint=False)[None, :, None]
    a, b, c, d = (q[:, None, :] for q in (before, p, after, after2))
    smooth = 0.5 * (
        2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3
    )
    smooth = smooth.reshape(-1, 2)
    return smooth if closed else np.concatenate([smooth, after[-1:]])


def mirrored(points):
    """The points reflected from right to left."""
    return np.asarray(points, float) * (-1, 1)


def symmetric(points):
    """An outline from its right half, listed from top to bottom."""
    right = np.asarray(points, float)
    return np.concatenate([right, mirrored(right)[::-1]])


def turned(points, degrees, about=(0, 0)):
    """The points rotated clockwise."""
    angle = np.radians(degrees)
    matrix = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    return (np.asarray(points, float) - about) @ matrix + about
