"""The pictures that networks are trained on: the bench's JPEG files in a folder for each class."""

import os
import shutil

CLASSES = 4


def write_folder(paths, folder):
    """Links pictures, one after the other, into folders of classes."""
    shutil.rmtree(folder, ignore_errors=True)
    for number, path in enumerate(paths):
        target = os.path.join(folder, f"class-{number % CLASSES}")
        os.makedirs(target, exist_ok=True)
        os.link(path, os.path.join(target, os.path.basename(path)))
