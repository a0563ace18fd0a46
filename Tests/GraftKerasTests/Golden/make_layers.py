#!/usr/bin/env python3
"""Makes layers_*.keras and layers.json: models of the layers that no network of Keras Applications has.

    python make_layers.py

Needs the packages of Tests/Parity/requirements.txt. The models are those of Tests/Parity/custom_models.py; of what
Keras makes of a picture, every seventh number is kept.
"""

import json
import os
import sys

here = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(here, "../../Parity"))
import custom_models  # noqa: E402
import numpy as np  # noqa: E402

NAMES = [
    "dilated", "grouped", "transposed", "transposed_padded", "pooling", "rectifiers", "parametric_rectifiers",
    "functions", "layer_normalization", "group_normalization", "unit_normalization", "merging", "repeated_axes",
    "joined_axes", "reshaped", "upsampled", "resized", "normalized", "nested", "shared", "mixer", "arithmetic",
]


def main():
    side = custom_models.SIDE
    picture = np.random.default_rng(3).integers(0, 256, (1, side, side, 3)).astype(np.float32)
    outputs = {}
    models = [(name, *[custom_models.build(name)] * 2) for name in NAMES]
    models.append(("channels_first", *custom_models.channels_first()))
    for name, saved, computing in models:
        saved.save(os.path.join(here, f"layers_{name}.keras"))
        result = np.asarray(computing.predict(picture, verbose=0)).ravel()
        outputs[name] = {"count": result.size, "values": [float(f"{value:.8g}") for value in result[::7]]}
    with open(os.path.join(here, "layers.json"), "w") as file:
        json.dump({"picture": picture.ravel().astype(int).tolist(), "side": side, "outputs": outputs}, file)
        file.write("\n")


if __name__ == "__main__":
    main()
