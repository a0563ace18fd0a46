#!/usr/bin/env python3
"""Makes refused_*.keras: archives that unpack to far more than they take, said openly or hidden.

    python make_archives.py
"""

import os
import struct
import zipfile

here = os.path.dirname(os.path.abspath(__file__))
ZEROS = 80 << 20


def make(name, hide):
    path = os.path.join(here, name)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(zipfile.ZipInfo("metadata.json"), '{"keras_version": "3.15.0"}')
        archive.writestr(zipfile.ZipInfo("config.json"), '{"class_name": "Sequential", "config": {"name": "m", "layers": []}}')
        archive.writestr(zipfile.ZipInfo("model.weights.h5"), bytes(ZEROS), zipfile.ZIP_DEFLATED, 9)
    if hide:
        with open(path, "rb") as file:
            data = file.read().replace(struct.pack("<I", ZEROS), struct.pack("<I", 1 << 20))
        with open(path, "wb") as file:
            file.write(data)


make("refused_bomb.keras", hide=False)
make("refused_hidden_bomb.keras", hide=True)
