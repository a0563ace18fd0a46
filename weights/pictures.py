"""Draws pictures of the families, from a seed: folders of JPEG files per class, arrays to train on, contact sheets.

    python pictures.py examples ../examples/pictures      the picture set of the examples
    python pictures.py sheet pretraining sheet.png        a look at some families
"""

import argparse
import io
import multiprocessing
import os
import shutil
from pathlib import Path

import numpy as np
from PIL import Image

import scene
from families_example import EXAMPLE
from families_pretraining import PRETRAINING

FAMILIES = {"pretraining": PRETRAINING, "example": EXAMPLE}
ALL = PRETRAINING | EXAMPLE
EXAMPLE_SEED = 7
EXAMPLE_SPLITS = {"train": 40, "val": 30}  # pictures per class


def jpeg(seed, name, index, size=None):
    """The JPEG bytes of the index-th picture of a family."""
    rng = scene.generator(seed, name, index)
    image = scene.draw_scene(ALL[name], rng, size)
    data = io.BytesIO()
    image.save(data, "JPEG", quality=int(rng.integers(55, 88)))
    return data.getvalue()


def as_network_sees(image, side):
    """The picture with its shorter side at `side`, antialiased, and the middle square of it."""
    width, height = image.size
    scale = side / min(width, height)
    width, height = max(side, round(width * scale)), max(side, round(height * scale))
    image = image.convert("RGB").resize((width, height), Image.Resampling.BILINEAR)
    left, top = (width - side) // 2, (height - side) // 2
    return image.crop((left, top, left + side, top + side))


def _drawn(job):
    seed, name, index, side = job
    return np.asarray(as_network_sees(Image.open(io.BytesIO(jpeg(seed, name, index))), side))


def array(kind, seed, count, side, processes=2):
    """`count` pictures of each family of a kind: uint8 pictures (N x side x side x 3) and int labels."""
    names = sorted(FAMILIES[kind])
    jobs = [(seed, name, index, side) for index in range(count) for name in names]
    pictures = np.empty((len(jobs), side, side, 3), np.uint8)
    with multiprocessing.get_context("fork").Pool(processes) as pool:
        for i, picture in enumerate(pool.imap(_drawn, jobs, chunksize=64)):
            pictures[i] = picture
    return pictures, np.tile(np.arange(len(names)), count)


def write_examples(folder):
    """Writes the picture set of the examples: <folder>/train/<class>/*.jpg and <folder>/val/<class>/*.jpg."""
    for split_seed, (split, count) in enumerate(EXAMPLE_SPLITS.items()):
        shutil.rmtree(Path(folder) / split, ignore_errors=True)
        for name in sorted(EXAMPLE):
            target = Path(folder) / split / name
            target.mkdir(parents=True)
            for index in range(count):
                data = jpeg(EXAMPLE_SEED + split_seed, name, index)
                (target / f"{name}-{index + 1:02}.jpg").write_bytes(data)


def write_sheet(kind, path, columns=10, side=110, seed=99):
    """Writes a contact sheet: a row of instances for each family of a kind."""
    names = sorted(FAMILIES[kind])
    sheet = Image.new("RGB", (columns * side, len(names) * side))
    for row, name in enumerate(names):
        for column in range(columns):
            picture = _drawn((seed, name, column, side))
            sheet.paste(Image.fromarray(picture), (column * side, row * side))
    sheet.save(path)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    examples = commands.add_parser("examples", help="write the picture set of the examples")
    examples.add_argument("folder", help="where train/ and val/ go; both are replaced")
    sheet = commands.add_parser("sheet", help="write a contact sheet as PNG")
    sheet.add_argument("kind", choices=FAMILIES)
    sheet.add_argument("path")
    options = parser.parse_args()
    if options.command == "examples":
        write_examples(options.folder)
    else:
        write_sheet(options.kind, options.path)


if __name__ == "__main__":
    main()
