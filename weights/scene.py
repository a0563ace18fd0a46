"""One picture of one object: pose, surface, background, clutter, light, and the camera.

Nothing here depends on which family is drawn, so neither colour nor place nor background gives a class away.
"""

import zlib

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from outlines import Part

OVERSAMPLING = 2  # masks are drawn this much larger and reduced, for soft edges


def generator(seed, family, index):
    """The random generator of one picture; a picture does not depend on which others are drawn."""
    return np.random.default_rng([seed, zlib.crc32(family.encode()), index])


def draw_scene(family, rng, size=None):
    """A picture of a new instance of the family, as an RGB image (without the losses of JPEG).

    `family` is a function from `u` to parts; `size` is (width, height), by default drawn at random with a
    shorter side of 120 to 150 and a longer side of up to 1.35 times that.
    """
    width, height = size or _random_size(rng)
    short = min(width, height)
    canvas = _background(rng, width, height)
    canvas = _with_clutter(rng, canvas, short)

    parts = _posed(rng, family(lambda low, high: rng.uniform(low, high)), width, height)
    colour, alpha = _painted(rng, parts, canvas)
    canvas = _with_shadow(rng, canvas, alpha, short)
    canvas += (colour - canvas) * alpha[..., None]
    canvas = _occluded(rng, canvas, short)
    return _photographed(rng, canvas)


def _random_size(rng):
    short = int(rng.integers(120, 151))
    long = int(short * rng.uniform(1, 1.35))
    return (long, short) if rng.random() < 0.6 else (short, long)


# Fields and colours


def _noise(rng, width, height, cell, stretch=1.0):
    """A smooth random field with mean 0 and deviation about 1, varying over about `cell` pixels."""
    shape = (max(2, int(height / cell) + 2), max(2, int(width / cell / stretch) + 2))
    small = Image.fromarray(rng.standard_normal(shape, dtype=np.float32))
    return np.asarray(small.resize((width, height), Image.Resampling.BICUBIC))


def _waves(rng, width, height, period):
    """Parallel waves between -1 and 1 at a random angle, bent a little."""
    y, x = np.mgrid[:height, :width].astype(np.float32)
    angle = rng.uniform(0, np.pi)
    along = x * np.cos(angle) + y * np.sin(angle) + _noise(rng, width, height, 60) * rng.uniform(0, period / 2)
    return np.sin(along * (2 * np.pi / period)) * rng.uniform(1, 4)


def _surface(rng, width, height):
    """The pattern of a material: a field of about -1 to 1 to brighten and darken a colour with."""
    kind = rng.integers(6)
    if kind == 0:
        return np.zeros((height, width), np.float32)
    if kind == 1:
        return _noise(rng, width, height, rng.uniform(15, 50))
    if kind == 2:
        return sum(_noise(rng, width, height, cell) / 2 for cell in (2, 4, 9, 20))
    if kind == 3:  # like wood
        return np.sin(_noise(rng, width, height, rng.uniform(4, 8), stretch=rng.uniform(5, 12)) * 3)
    if kind == 4:
        return np.clip(_waves(rng, width, height, rng.uniform(6, 30)), -1, 1)
    first, second = (_waves(rng, width, height, rng.uniform(8, 30)) for _ in range(2))
    return np.clip(first * second, -1, 1)


def _colour(rng, unlike=(), distance=0.3):
    """A random colour at some distance from others."""
    for _ in range(20):
        candidate = rng.random(3).astype(np.float32)
        grey = candidate.mean()
        candidate = grey + (candidate - grey) * rng.uniform(0.2, 1.1)
        if all(np.abs(candidate - other).mean() > distance for other in unlike):
            break
    return np.clip(candidate, 0.02, 0.98).astype(np.float32)


def _blurred(field, radius):
    """The field's mean over a square around each place."""
    r = max(1, round(radius))
    for _ in range(2):  # rows, then columns
        sums = np.cumsum(np.pad(field, ((r + 1, r), (0, 0)), "edge"), axis=0)
        field = ((sums[2 * r + 1 :] - sums[: -2 * r - 1]) / (2 * r + 1)).T
    return field


# Background, clutter, things in front


def _background(rng, width, height):
    first, second = _colour(rng), _colour(rng)
    mix = np.clip(0.5 + _surface(rng, width, height) * rng.uniform(0.1, 0.45), 0, 1)[..., None]
    canvas = first + (second - first) * mix
    if rng.random() < 0.4:  # a horizon, or the edge of a table
        y, x = np.mgrid[:height, :width].astype(np.float32)
        edge = height * rng.uniform(0.4, 0.85) + (x - width / 2) * rng.uniform(-0.2, 0.2)
        below = np.clip(y - edge, 0, 1)[..., None]
        ground = _colour(rng) + _surface(rng, width, height)[..., None] * rng.uniform(0, 0.15)
        canvas = canvas + (ground - canvas) * below
    return canvas.astype(np.float32)


def _scrap(rng, size):
    """The outline of a thing of no family, around the origin."""
    count = int(rng.integers(3, 9))
    angles = np.sort(rng.uniform(0, 2 * np.pi, count))
    radii = size * rng.uniform(0.3, 1, count)
    points = np.stack([radii * np.cos(angles), radii * np.sin(angles) * rng.uniform(0.3, 1)], 1)
    turn = rng.uniform(0, 2 * np.pi)
    return points @ np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])


def _with_clutter(rng, canvas, short):
    """The canvas with scraps, discs, rings and lines on it, slightly out of focus."""
    height, width = canvas.shape[:2]
    image = _to_image(canvas)
    draw = ImageDraw.Draw(image)
    for _ in range(int(rng.integers(2, 9))):
        x, y = rng.uniform(0, width), rng.uniform(0, height)
        size = short * rng.uniform(0.03, 0.2)
        paint = tuple(int(255 * c) for c in _colour(rng))
        kind = rng.integers(4)
        if kind == 0:
            draw.ellipse([x - size, y - size * 0.8, x + size, y + size * 0.8], fill=paint)
        elif kind == 1:
            draw.ellipse([x - size, y - size, x + size, y + size], outline=paint, width=int(rng.integers(1, 5)))
        elif kind == 2:
            end = (x + rng.normal(0, 2 * size), y + rng.normal(0, 2 * size))
            draw.line([(x, y), end], fill=paint, width=int(rng.integers(1, 7)))
        else:
            draw.polygon([tuple(p) for p in _scrap(rng, size) + (x, y)], fill=paint)
    image = image.filter(ImageFilter.GaussianBlur(rng.uniform(0.4, 1.6)))
    return _to_array(image)


def _occluded(rng, canvas, short):
    """The canvas with up to two things in front of the object, at any distance from its middle but not on it."""
    height, width = canvas.shape[:2]
    for _ in range(int(rng.integers(0, 2))):
        angle, away = rng.uniform(0, 2 * np.pi), short * rng.uniform(0.25, 0.45)
        centre = (width / 2 + away * np.cos(angle), height / 2 + away * np.sin(angle))
        mask = Image.new("L", (width, height))
        draw = ImageDraw.Draw(mask)
        if rng.random() < 0.5:
            draw.polygon([tuple(p) for p in _scrap(rng, short * 0.16) + centre], fill=255)
        else:  # a stalk or a wire, across the object's edge
            side = np.array([-np.sin(angle), np.cos(angle)]) * short
            draw.line([tuple(centre - side), tuple(centre + side)], fill=255, width=int(rng.integers(2, 8)))
        alpha = np.asarray(mask.filter(ImageFilter.GaussianBlur(0.7)), np.float32)[..., None] / 255
        canvas = canvas + (_colour(rng) - canvas) * alpha
    return canvas


# The object


def _posed(rng, parts, width, height):
    """The parts in pixels of the oversampled canvas: bent, turned, flipped, foreshortened, scaled and placed."""
    short = min(width, height)
    scale = short * rng.uniform(0.32, 0.44)
    turn = np.radians(rng.normal(0, 16))
    flip = rng.choice([-1, 1])
    bend, phase = rng.normal(0, 0.06, (2, 2)), rng.uniform(0, 2 * np.pi, 2)
    squeeze = np.array([rng.uniform(0.75, 1), rng.uniform(0.85, 1)])
    shear, tilt = rng.normal(0, 0.1), rng.normal(0, 0.12, 2)
    room = 0.5 * short * 0.9 - scale * 0.9
    centre = np.array([width, height]) / 2 + rng.uniform(-1, 1, 2) * max(room, 0)
    matrix = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])

    def moved(points):
        p = points * (flip, 1)
        p = p + np.sin(p[:, ::-1] * 2.5 + phase) @ bend
        p = p * squeeze + np.stack([p[:, 1] * shear, np.zeros(len(p))], 1)
        p = p @ matrix
        p = p / (1 + p @ tilt)[:, None]
        return (p * scale + centre) * OVERSAMPLING

    breadth = scale * squeeze.mean() * OVERSAMPLING
    return [Part(moved(p.points), p.tone, p.width and p.width * breadth, p.cut) for p in parts]


def _mask(part, width, height):
    """Coverage of the picture by a part, 0 to 1."""
    image = Image.new("L", (width * OVERSAMPLING, height * OVERSAMPLING))
    draw = ImageDraw.Draw(image)
    points = [tuple(p) for p in part.points]
    if part.width is None:
        draw.polygon(points, fill=255)
    else:
        draw.line(points, fill=255, width=max(2, round(part.width)), joint="curve")
        r = part.width / 2
        for x, y in (points[0], points[-1]):
            draw.ellipse([x - r, y - r, x + r, y + r], fill=255)
    return np.asarray(image.reduce(OVERSAMPLING), np.float32) / 255


def _painted(rng, parts, canvas):
    """Colour and coverage of the object: tones, material, relief under a light, perhaps dark edges."""
    height, width = canvas.shape[:2]
    ground = canvas.mean((0, 1))
    tones = [_colour(rng, [ground], 0.28)]
    tones.append(_colour(rng, tones, 0.2))
    tones.append(_colour(rng, tones, 0.2))
    colour = np.broadcast_to(tones[0], canvas.shape).copy()
    alpha = np.zeros((height, width), np.float32)
    relief = np.zeros((height, width), np.float32)
    for part in parts:
        mask = _mask(part, width, height)
        if part.cut:
            alpha *= 1 - mask
            relief *= 1 - mask
            continue
        colour += (tones[part.tone] - colour) * mask[..., None]
        alpha = np.maximum(alpha, mask)
        relief = np.maximum(relief * (1 - 0.4 * mask), 0) + mask
    colour *= (1 + _surface(rng, width, height) * rng.uniform(0, 0.3))[..., None]

    soft = _blurred(relief, rng.uniform(1, 4))
    slope_y, slope_x = np.gradient(soft)
    light = rng.uniform(0, 2 * np.pi)
    shade = 1 + (slope_x * np.cos(light) + slope_y * np.sin(light)) * rng.uniform(0, 3)
    if rng.random() < 0.4:
        shade -= np.minimum(np.hypot(slope_x, slope_y) * 3, 0.7)
    return np.clip(colour * np.clip(shade, 0.25, 1.8)[..., None], 0, 1), alpha


def _with_shadow(rng, canvas, alpha, short):
    """The canvas darkened where the object keeps the light off it."""
    if rng.random() < 0.3:
        return canvas
    moved = np.roll(alpha, rng.integers(-short // 12, short // 12 + 1, 2), (0, 1))
    soft = _blurred(moved, rng.uniform(1, short / 20))
    return canvas * (1 - soft * rng.uniform(0.2, 0.6))[..., None]


# The camera


def _photographed(rng, canvas):
    """The scene under uneven light, in a colour cast, out of focus, with noise."""
    height, width = canvas.shape[:2]
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j].astype(np.float32)
    angle = rng.uniform(0, 2 * np.pi)
    light = 1 + (x * np.cos(angle) + y * np.sin(angle)) * rng.uniform(0, 0.4)
    light -= (x * x + y * y) * rng.uniform(0, 0.2)
    canvas = canvas * (light * rng.uniform(0.7, 1.25))[..., None] * rng.uniform(0.85, 1.15, 3)
    canvas = np.clip(canvas, 0, 1) ** rng.uniform(0.75, 1.35)
    if rng.random() < 0.1:
        canvas = np.repeat(canvas.mean(2, keepdims=True), 3, 2)
    image = _to_image(canvas).filter(ImageFilter.GaussianBlur(rng.uniform(0, 1.1)))
    noise = rng.standard_normal((height, width, 1), dtype=np.float32) * rng.uniform(0, 0.025)
    return _to_image(_to_array(image) + noise)


def _to_image(canvas):
    return Image.fromarray((np.clip(canvas, 0, 1) * 255 + 0.5).astype(np.uint8))


def _to_array(image):
    return np.asarray(image, np.float32) / 255
