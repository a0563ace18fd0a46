"""Draws pictures of the families, from a seed: folders of JPEG files per class, contact sheets.

    python pictures.py examples ../examples/pictures      the picture set of the examples
    python pictures.py pretraining folder                 what the default network learns from
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
# Seed and pictures per class: to choose the best epoch by, to judge by in the end, to learn from.
PRETRAINING_SPLITS = {"val": (2_000_001, 20), "judge": (1_000_001, 60), "train": (1, 700)}


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


def _write(job):
    path, seed, name, index = job
    if not path.exists():
        unfinished = path.with_suffix(".part")
        unfinished.write_bytes(jpeg(seed, name, index))
        unfinished.rename(path)


def write_pretraining(folder, processes=2):
    """Writes <folder>/<split>/<class>/*.jpg of the pretraining families; pictures that are there are left alone."""
    jobs = []
    for split, (seed, count) in PRETRAINING_SPLITS.items():
        for name in PRETRAINING:
            (Path(folder) / split / name).mkdir(parents=True, exist_ok=True)
        jobs += [
            (Path(folder) / split / name / f"{name}-{index:03}.jpg", seed, name, index)
            for index in range(count) for name in sorted(PRETRAINING)
        ]
    with multiprocessing.get_context("fork").Pool(processes) as pool:
        for number, _ in enumerate(pool.imap_unordered(_write, jobs, chunksize=64), 1):
            if number % 5000 == 0 or number == len(jobs):
                print(f"{number} of {len(jobs)} pictures", flush=True)


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
            picture = as_network_sees(Image.open(io.BytesIO(jpeg(seed, name, column))), side)
            sheet.paste(picture, (column * side, row * side))
    sheet.save(path)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    examples = commands.add_parser("examples", help="write the picture set of the examples")
    examples.add_argument("folder", help="where train/ and val/ go; both are replaced")
    pretraining = commands.add_parser("pretraining", help="write the pictures that the default network learns from")
    pretraining.add_argument("folder", help="where train/, val/ and judge/ go")
    sheet = commands.add_parser("sheet", help="write a contact sheet as PNG")
    sheet.add_argument("kind", choices=FAMILIES)
    sheet.add_argument("path")
    options = parser.parse_args()
    if options.command == "examples":
        write_examples(options.folder)
    elif options.command == "pretraining":
        write_pretraining(options.folder)
    else:
        write_sheet(options.kind, options.path)


if __name__ == "__main__":
    main()
