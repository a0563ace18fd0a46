"""The families of objects drawn in examples/pictures. The default network has never seen them.

Written like families_pretraining.py.
"""

import numpy as np

from outlines import arc, box, curve, cut, fill, mirrored, stroke, symmetric, turned


def butterfly(u):
    lift = u(-0.1, 0.1)
    fore = curve([(0.05, -0.15), (0.45, -0.8 + lift), (u(0.85, 1), -0.75 + lift), (0.8, -0.2), (0.1, 0.05)])
    hind = curve([(0.05, 0), (0.6, 0.05), (u(0.65, 0.85), 0.45), (0.4, u(0.75, 0.95)), (0.08, 0.3)])
    spots = [arc(0.62, -0.5 + lift, u(0.1, 0.17)), arc(0.48, 0.42, u(0.08, 0.14))]
    feeler = curve([(0.03, -0.4), (0.1, -0.7), (0.25, -0.9)], closed=False)
    parts = []
    for side in (lambda p: p, mirrored):
        parts += [fill(side(hind), 1), fill(side(fore)), *(fill(side(s), 2) for s in spots),
                  stroke(side(feeler), 0.05, 2)]
    return [*parts, fill(arc(0, 0, 0.09, 0.48), 2)]


def fish(u):
    deep, tail = u(0.35, 0.5), u(0.35, 0.5)
    body = curve([(-0.55, 0), (-0.2, -deep * 0.8), (0.3, -deep), (0.85, -0.1), (0.85, 0.1), (0.3, deep),
                  (-0.2, deep * 0.8)])
    fin = curve([(0.3, -deep * 0.9), (-0.1, -deep - u(0.15, 0.3)), (-0.3, -deep * 0.6)])
    side = curve([(0.25, 0.1), (-0.15, 0.3), (-0.1, 0)])
    return [fill([(-0.45, 0), (-1, -tail), (-0.85, 0), (-1, tail)], 1), fill(fin, 1), fill(body), fill(side, 1),
            stroke(arc(0.25, 0, 0.25, 0.33, -70, 70, 9), 0.05, 2), fill(arc(0.62, -0.1, 0.07), 2)]


def guitar(u):
    waist = u(0.24, 0.3)
    side = curve([(0, -0.16), (0.3, -0.08), (waist, 0.2), (u(0.42, 0.5), 0.62), (0.3, 0.96), (0, 1)], closed=False)
    pegs = [stroke([(-0.14, y), (0.14, y)], 0.05, 2) for y in (-0.92, -0.82)]
    return [fill(symmetric(side)), fill(box(-0.06, -0.8, 0.06, 0.35), 1), *pegs,
            fill(box(-0.1, -1, 0.1, -0.76), 1), fill(arc(0, 0.32, u(0.11, 0.15)), 2),
            fill(box(-0.17, 0.66, 0.17, 0.72), 2)]


def key(u):
    bow, wide = u(0.28, 0.36), u(0.12, 0.17)
    head = arc(0, -0.65, bow) if u(0, 1) < 0.6 else arc(0, -0.65, bow * 1.2, bow * 0.9)
    teeth = [fill(box(0, y, u(0.22, 0.38), y + 0.13)) for y in (u(0.35, 0.45), u(0.62, 0.7), 0.85)]
    return [stroke([(0, -0.4), (0, 0.92)], wide), *teeth, fill(head), cut(arc(0, -0.65, bow * u(0.45, 0.62)))]


def mushroom(u):
    brim, w = u(-0.05, 0.15), u(0.16, 0.26)
    cap = np.concatenate([arc(0, brim, u(0.8, 0.95), u(0.8, 1), 180, 360, 24), arc(0, brim, 0.8, 0.13, 0, 180, 12)])
    stem = symmetric(curve([(w, brim), (w * 0.85, 0.5), (w * u(1.1, 1.6), 0.95)], closed=False))
    spots = [fill(arc(x + u(-0.08, 0.08), brim + y, u(0.08, 0.15), u(0.07, 0.12)), 2)
             for x, y in ((-0.5, -0.25), (-0.05, -0.55), (0.4, -0.3), (-0.1, -0.2))]
    return [fill(stem, 1), fill(cap), *spots[: int(u(2, 5))]]


def sailboat(u):
    mast, deck = u(-0.1, 0.1), u(0.45, 0.55)
    hull = [(-0.9, deck), (0.9, deck), (u(0.5, 0.65), 0.95), (-0.6, 0.95)]
    main = curve([(mast + 0.06, -0.85), (mast + 0.45, -0.2), (u(0.65, 0.8), deck - 0.15)], closed=False)
    jib = [(mast - 0.06, -0.7), (mast - 0.06, deck - 0.1), (-u(0.55, 0.75), deck - 0.1)]
    return [stroke([(mast, -1), (mast, deck)], 0.06, 2), fill(hull, 1),
            fill(np.concatenate([main, [(mast + 0.06, deck - 0.15)]])), fill(jib)]


def teapot(u):
    w, tall = u(0.5, 0.6), u(0.42, 0.52)
    spout = [(w - 0.12, 0.15), (0.75, 0.05), (0.85, -0.4), (1.05, -0.45), (0.9, 0.3), (w - 0.15, 0.5)]
    handle = arc(-w + 0.02, 0.1, 0.36, u(0.34, 0.42), 85, 275, 16)
    return [stroke(handle, u(0.1, 0.14), 1), fill(curve(spout)), fill(arc(0, 0.15, w, tall)),
            fill(box(-0.35, 0.55, 0.35, 0.7), 1), fill(arc(0, 0.15 - tall * 0.85, 0.33, 0.13), 1),
            fill(arc(0, -0.05 - tall, 0.09), 2)]


def umbrella(u):
    high, rim = u(0.75, 0.95), u(-0.1, 0.1)
    dome = arc(0, rim, 0.95, high, 180, 360, 28)
    ribs = int(u(3, 5.9))
    step = 1.9 / ribs
    scallops = np.concatenate([arc(0.95 - step * (i + 0.5), rim, step / 2, 0.1, 360, 180, 8) for i in range(ribs)])
    hook = np.concatenate([[(0, rim - 0.1), (0, 0.8)], arc(0.14, 0.8, 0.14, 0.16, 180, 0, 8)])
    seams = [stroke(curve([(0, rim - high), (x * 0.75, rim - high * 0.6), (x, rim)], closed=False), 0.04, 2)
             for x in 0.95 - step * np.arange(1, ribs)]
    return [stroke(hook, 0.09, 1), fill(np.concatenate([dome, scallops])), *seams,
            stroke([(0, rim - high), (0, rim - high - 0.1)], 0.06, 1)]


EXAMPLE = {f.__name__: f for f in (butterfly, fish, guitar, key, mushroom, sailboat, teapot, umbrella)}
