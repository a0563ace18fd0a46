"""The families of objects on which the default network is trained. None of them occurs in examples/pictures.

A family is a function from `u`, which draws a number between two bounds, to the parts of one instance: what
stays the same from instance to instance is the family, what `u` draws is not.
"""

import numpy as np

from outlines import arc, box, curve, cut, fill, mirrored, polar, stroke, symmetric, turned


def triangle(u):
    tip = (u(-0.4, 0.4), -1)
    return [fill([tip, (1, u(0.5, 0.9)), (-1, u(0.5, 0.9))])]


def square(u):
    side = u(0.8, 0.9)
    return [fill(box(-side, -side * u(0.8, 1), side, side)), fill(box(-0.3, -0.3, 0.3, 0.3), 1)]


def hexagon(u):
    return [fill(polar([1] * 6)), fill(polar([u(0.4, 0.7)] * 6), 1)]


def star(u):
    return [fill(polar([1, u(0.38, 0.5)] * 5))]


def burst(u):
    return [fill(polar([1, u(0.6, 0.75)] * int(u(11, 16)))), fill(arc(0, 0, 0.35), 1)]


def ring(u):
    return [fill(arc(0, 0, 1)), cut(arc(0, 0, u(0.55, 0.75)))]


def cross(u):
    w = u(0.2, 0.35)
    return [fill(box(-w, -1, w, 1)), fill(box(-1, -w, 1, w))]


def heart(u):
    side = curve([(0, -0.5), (0.45, -u(0.8, 1)), (0.95, -0.5), (0.7, 0.2), (0, 1)], closed=False)
    return [fill(symmetric(side))]


def crescent(u):
    return [fill(arc(0, 0, 1)), cut(arc(u(0.4, 0.55), u(-0.2, 0.2), u(0.75, 0.85)))]


def gear(u):
    teeth, root = int(u(8, 13)), u(0.72, 0.8)
    return [fill(polar([1, 1, root, root] * teeth)), cut(arc(0, 0, u(0.2, 0.4)))]


def arrow(u):
    w, neck = u(0.14, 0.28), u(-0.2, 0.1)
    return [fill(symmetric([(0, -1), (u(0.6, 0.8), neck), (w, neck), (w, 1)]))]


def bolt(u):
    k = u(-0.1, 0.1)
    return [fill([(0.2, -1), (-0.6, 0.15 + k), (-0.05, 0.1 + k), (-0.3, 1), (0.6, -0.2 + k), (0.05, -0.15 + k),
                  (0.55, -1)])]


def drop(u):
    side = curve([(0, -1), (0.25, -0.4), (u(0.55, 0.7), 0.3), (0.4, 0.85), (0, 1)], closed=False)
    return [fill(symmetric(side)), stroke(arc(0, 0.35, 0.35, start=100, end=170, count=8), 0.1, 1)]


def leaf(u):
    w = u(0.4, 0.6)
    side = curve([(0, -1), (w * 0.7, -0.5), (w, 0.05), (w * 0.6, 0.5), (0, 0.75)], closed=False)
    veins = [stroke([(0, y + 0.2), (s * w * 0.7, y)], 0.04, 1) for y in (-0.4, -0.1, 0.2) for s in (-1, 1)]
    return [fill(symmetric(side)), stroke([(0, -0.8), (0, 1)], 0.07, 1), *veins]


def flower(u):
    petals, long = int(u(5, 9)), u(0.55, 0.62)
    each = 360 / petals
    blade = arc(0, -long, 1.7 / petals, 0.38)
    return [*(fill(turned(blade, each * i)) for i in range(petals)), fill(arc(0, 0, u(0.25, 0.35)), 1)]


def cloud(u):
    puffs = [fill(arc(x, u(-0.35, -0.1) + abs(x) * 0.35, u(0.35, 0.5))) for x in (-0.55, -0.1, 0.35, 0.65)]
    return [*puffs, fill(box(-0.75, 0.05, 0.8, 0.45))]


def sun(u):
    rays = int(u(8, 13))
    ray = [(-0.1, -0.65), (0, -1), (0.1, -0.65)]
    return [fill(arc(0, 0, u(0.45, 0.55))), *(fill(turned(ray, 360 / rays * i), 1) for i in range(rays))]


def spiral(u):
    t = np.linspace(0.08, 1, 70)
    angle = t * 2 * np.pi * u(2.2, 3)
    return [stroke(np.stack([t * np.cos(angle), t * np.sin(angle)], 1), u(0.13, 0.19))]


def hourglass(u):
    w, neck = u(0.5, 0.7), u(0.04, 0.12)
    return [fill(symmetric([(w, -0.9), (neck, 0), (w, 0.9)])), fill(box(-w - 0.1, -1, w + 0.1, -0.82), 1),
            fill(box(-w - 0.1, 0.82, w + 0.1, 1), 1)]


def house(u):
    eaves, w = u(-0.3, 0), u(0.6, 0.75)
    door = u(-0.4, 0.2)
    return [fill(box(-w, eaves, w, 1)), fill([(0, -1), (1, eaves), (-1, eaves)], 1),
            fill(box(door, 0.4, door + 0.28, 1), 2), fill(box(-0.1 - door, 0.15, 0.2 - door, 0.45), 2)]


def fir(u):
    tiers = [fill([(0, y - 0.6), (w, y + 0.15), (-w, y + 0.15)]) for y, w in
             ((0.45, u(0.65, 0.8)), (0, 0.55), (-0.4, 0.38))]
    return [fill(box(-0.12, 0.5, 0.12, 1), 1), *tiers]


def palm(u):
    bend = u(-0.3, 0.3)
    top = (bend, -0.45)
    trunk = stroke(curve([(0, 1), (bend * 0.3, 0.3), top], closed=False), 0.14, 1)
    frond = np.array([(0, 0), (0.3, -0.25), (0.75, 0.05), (0.35, -0.08)]) + top
    return [trunk, *(fill(turned(frond, a + u(-12, 12), about=top)) for a in (-200, -150, -100, -50, 0, 40))]


def cactus(u):
    low, high = u(0, 0.3), u(-0.2, 0.2)
    return [stroke([(0, -0.75), (0, 0.7)], 0.42), stroke([(0, low), (-0.6, low), (-0.6, low - u(0.4, 0.6))], 0.24),
            stroke([(0, high), (0.6, high), (0.6, high - u(0.3, 0.6))], 0.24), fill(box(-0.45, 0.65, 0.45, 1), 1)]


def cup(u):
    w, foot = u(0.55, 0.65), u(0.35, 0.5)
    return [stroke(arc(w - 0.05, 0, 0.33, 0.36, -80, 80), 0.14, 0),
            fill([(-w, -0.7), (w, -0.7), (foot, 0.8), (-foot, 0.8)]), fill(arc(0, -0.7, w, 0.14), 1)]


def bottle(u):
    w, neck, shoulder = u(0.3, 0.42), u(0.1, 0.15), u(-0.4, -0.1)
    side = [(neck, -1), (neck, shoulder - 0.2), (w, shoulder + 0.15), (w, 1)]
    return [fill(symmetric(side)), fill(box(-w, 0.2, w, u(0.6, 0.75)), 1), fill(box(-neck, -1, neck, -0.86), 2)]


def ladder(u):
    w, wide = u(0.35, 0.5), u(0.1, 0.16)
    rungs = [stroke([(-w, y), (w, y)], wide) for y in np.linspace(-0.8, 0.8, int(u(5, 8)))]
    return [stroke([(-w, -1), (-w, 1)], wide), stroke([(w, -1), (w, 1)], wide), *rungs]


def comb(u):
    teeth = np.linspace(-0.9, 0.9, int(u(9, 14)))
    return [fill(box(-1, -0.5, 1, u(-0.2, -0.1))), *(stroke([(x, -0.3), (x, 0.55)], 0.08) for x in teeth)]


def hammer(u):
    back = u(0.45, 0.6)
    return [stroke([(0, -0.5), (0, 1)], u(0.16, 0.24), 1),
            fill([(-back, -0.95), (0.3, -0.95), (0.75, -0.6), (0.3, -0.5), (-back, -0.5)])]


def scissors(u):
    half = u(14, 28)
    handle = arc(0.02, 0.68, 0.24, 0.3, 0, 359)
    parts = []
    for side in (-1, 1):
        blade = [(-0.07, 0.2), (0.07, 0.2), (0.04 * side, -1)]
        parts += [fill(turned(blade, side * half)), stroke(turned(handle, side * half), 0.12, 1)]
    return [*parts, fill(arc(0, 0.1, 0.09), 2)]


def fork(u):
    prongs = np.linspace(-0.27, 0.27, 4)
    return [*(stroke([(x, -0.95), (x, -0.35)], 0.09) for x in prongs),
            fill(arc(0, -0.35, 0.33, 0.32, 0, 180)), stroke([(0, -0.2), (0, 0.95)], u(0.12, 0.18))]


def spoon(u):
    return [fill(arc(0, -0.6, u(0.28, 0.36), 0.42)), stroke([(0, -0.3), (0, 0.95)], u(0.1, 0.16))]


def anchor(u):
    w = u(0.11, 0.16)
    hook = arc(0, 0.15, u(0.65, 0.8), 0.75, 5, 175, 20)
    flukes = [fill(s * np.array([(0.5, 0), (1, 0), (0.72, -0.35)]) * (1, s) + (0, 0.3)) for s in (1, -1)]
    return [stroke([(0, -0.6), (0, 0.9)], w), stroke([(-0.4, -0.4), (0.4, -0.4)], w), stroke(hook, w), *flukes,
            stroke(arc(0, -0.8, 0.18, start=0, end=359), 0.1)]


def clock(u):
    hours = [fill(arc(0.75 * np.cos(a), 0.75 * np.sin(a), 0.06), 2) for a in np.arange(12) * np.pi / 6]
    hands = [stroke([(0, 0), (n * np.cos(a), n * np.sin(a))], 0.1, 2) for n, a in ((0.4, u(0, 6)), (0.6, u(0, 6)))]
    return [fill(arc(0, 0, 1)), fill(arc(0, 0, 0.86), 1), *hours, *hands]


def glasses(u):
    r, gap, wide = u(0.34, 0.42), u(0.08, 0.16), u(0.09, 0.14)
    parts = [stroke(arc(0, -0.05, gap + 0.06, 0.12, 180, 360, 9), wide)]
    for side in (-1, 1):
        x = side * (gap + r)
        parts += [stroke(arc(x, 0, r, start=0, end=359), wide), stroke([(x + side * r, 0), (side, -0.35)], wide)]
    return parts


def car(u):
    roof = u(-0.65, -0.5)
    return [fill([(-1, -0.1), (1, -0.05), (1, 0.4), (-1, 0.4)]),
            fill([(-0.6, -0.1), (-0.35, roof), (0.25, roof), (0.6, -0.05)]),
            fill([(-0.42, -0.12), (-0.27, roof + 0.12), (0.2, roof + 0.12), (0.42, -0.12)], 1),
            *(fill(arc(x, 0.4, u(0.2, 0.26)), 2) for x in (-0.55, 0.55))]


def bird(u):
    body = curve([(-1, 0.1), (-0.4, -0.1), (0.2, -0.4), (0.55, -0.75), (0.8, -0.5), (0.55, 0.1), (0, 0.45)])
    wing = curve([(0.25, -0.15), (-0.1, u(0.2, 0.3)), (-0.75, u(0.25, 0.4)), (-0.25, -0.1)])
    legs = [stroke([(x, 0.35), (x + 0.08, 0.9)], 0.06, 2) for x in (0, 0.2)]
    return [*legs, fill(body), fill(wing, 1), fill([(0.75, -0.6), (1.05, -0.45), (0.75, -0.42)], 2),
            fill(arc(0.58, -0.55, 0.06), 2)]


def rocket(u):
    side = curve([(0, -1), (0.28, -0.5), (u(0.28, 0.38), 0.1), (0.22, 0.6)], closed=False)
    fin = [(0.2, 0.2), (0.6, u(0.65, 0.85)), (0.2, 0.6)]
    return [fill(fin, 1), fill(mirrored(fin), 1), fill(symmetric(side)), fill(arc(0, -0.3, 0.14), 2),
            fill([(-0.16, 0.6), (0, u(0.85, 1)), (0.16, 0.6)], 2)]


def snowman(u):
    return [fill(arc(0, 0.5, u(0.45, 0.52))), fill(arc(0, -0.1, u(0.33, 0.38))), fill(arc(0, -0.6, 0.26)),
            fill(box(-0.3, -0.86, 0.3, -0.78), 1), fill(box(-0.2, -1.1, 0.2, -0.8), 1),
            *(fill(arc(x, y, 0.05), 2) for x, y in ((-0.1, -0.65), (0.1, -0.65), (0, -0.2), (0, 0.02), (0, 0.4)))]


def ice_cream(u):
    w = u(0.36, 0.45)
    return [fill([(-w, -0.1), (w, -0.1), (0, 1)], 1), fill(arc(-w / 2, -0.3, 0.32)), fill(arc(w / 2, -0.3, 0.32)),
            fill(arc(0, u(-0.75, -0.65), 0.3), 2)]


def chair(u):
    seat, w = u(0, 0.15), u(0.4, 0.55)
    legs = [stroke([(x, seat), (x * 1.1, 1)], 0.11) for x in (-w, w)]
    return [*legs, stroke([(-w, seat), (-w * 1.1, -0.95)], 0.11), fill(box(-w - 0.06, seat - 0.1, w + 0.06, seat + 0.1)),
            *(stroke([(-w * 1.02, y), (-w + 0.3, y + 0.05)], 0.1, 1) for y in (-0.8, -0.5)),
            stroke([(-w + 0.32, seat), (-w + 0.3, -0.9)], 0.09)]


def lamp(u):
    wide, narrow = u(0.55, 0.7), u(0.2, 0.35)
    return [stroke([(0, -0.3), (0, 0.85)], 0.1, 1), fill(arc(0, 0.9, u(0.3, 0.42), 0.12), 1),
            fill([(-narrow, -1), (narrow, -1), (wide, -0.15), (-wide, -0.15)])]


def letter_a(u):
    w, bar = u(0.2, 0.32), u(0.2, 0.4)
    return [stroke([(-0.7, 0.9), (0, -0.85), (0.7, 0.9)], w), stroke([(-0.45, bar), (0.45, bar)], w * 0.8)]


def letter_e(u):
    w, reach = u(0.2, 0.32), u(0.4, 0.6)
    return [stroke([(reach, -0.85), (-0.5, -0.85), (-0.5, 0.85), (reach, 0.85)], w),
            stroke([(-0.5, 0), (reach * 0.8, 0)], w)]


def letter_s(u):
    path = [(0.55, -0.65), (0, -0.9), (-0.5, -0.5), (0, -0.02), (0.5, 0.45), (0, 0.9), (-0.6, 0.6)]
    return [stroke(curve(path, closed=False), u(0.2, 0.32))]


def fence(u):
    pales = np.linspace(-0.85, 0.85, int(u(4, 6.9)))
    rails = [stroke([(-1, y), (1, y)], 0.12, 1) for y in (u(-0.4, -0.2), 0.5)]
    return rails + [fill(symmetric([(0, -0.9), (0.13, -0.65), (0.13, 0.9)]) + (x, 0)) for x in pales]


def chain(u):
    links, rx = np.linspace(-0.72, 0.72, 4), u(0.27, 0.32)
    return [stroke(arc(x, 0, rx, 0.24, 0, 359), u(0.09, 0.13), i % 2) for i, x in enumerate(links)]


def bricks(u):
    rows, h = int(u(4, 6.9)), u(0.85, 0.93)
    parts = [fill(box(-1, -1, 1, 1), 1)]
    for i in range(rows):
        top = -1 + 2 * i / rows
        for x in np.arange(-1 - (i % 2) * 0.33, 1, 0.66):
            parts.append(fill(box(max(x, -1), top, min(x + 0.66 * h, 1), top + 2 / rows * h)))
    return parts


def checks(u):
    n = int(u(4, 6.9))
    side = 2 / n
    squares = [(i, j) for i in range(n) for j in range(n) if (i + j) % 2]
    return [fill(box(-1, -1, 1, 1), 1), *(fill(box(-1 + i * side, -1 + j * side, -1 + (i + 1) * side,
                                                   -1 + (j + 1) * side)) for i, j in squares)]


def honeycomb(u):
    cell = polar([u(0.26, 0.3)] * 6)
    return [fill(cell + (x * 0.56 + (y % 2) * 0.28, y * 0.48)) for y in range(-2, 3) for x in range(-2, 2 - y % 2 + 1)
            if abs(x * 0.56 + (y % 2) * 0.28) < 1.2 - 0.15 * abs(y)]


def die(u):
    spots = [(-0.5, -0.5), (0.5, 0.5), (0.5, -0.5), (-0.5, 0.5), (0, 0)]
    corner = curve([(0.9, -0.9), (0.95, 0), (0.9, 0.9), (0, 0.95), (-0.9, 0.9), (-0.95, 0), (-0.9, -0.9), (0, -0.95)])
    return [fill(corner), *(fill(arc(x, y, u(0.16, 0.2)), 1) for x, y in spots[: 4 + int(u(0, 2))])]


def stripes(u):
    n = int(u(4, 7.9))
    return [fill(arc(0, 0, 1), 1), *(stroke([(-np.sqrt(1 - y * y), y), (np.sqrt(1 - y * y), y)], 0.9 / n)
                                     for y in np.linspace(-0.8, 0.8, n))]


def face(u):
    return [fill(arc(0, 0, 1)), *(fill(arc(x, -0.3, u(0.1, 0.17), u(0.12, 0.22)), 1) for x in (-0.38, 0.38)),
            stroke(arc(0, u(0, 0.15), 0.55, 0.5, 20, 160, 14), 0.12, 1)]


PRETRAINING = {
    f.__name__: f
    for f in (
        triangle, square, hexagon, star, burst, ring, cross, heart, crescent, gear, arrow, bolt, drop, leaf, flower,
        cloud, sun, spiral, hourglass, house, fir, palm, cactus, cup, bottle, ladder, comb, hammer, scissors, fork,
        spoon, anchor, clock, glasses, car, bird, rocket, snowman, ice_cream, chair, lamp, letter_a, letter_e,
        letter_s, fence, chain, bricks, checks, honeycomb, die, stripes, face,
    )
}
