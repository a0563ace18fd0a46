"""From the JPEG files of a folder to features, as each program's guides do it.

Each module has FORMS and a class Pipeline:

    Pipeline(stem, form, threads, mode)   loads the network of `stem` + its ending; `mode` is the preprocessing
    features(paths)                       pictures x features
    checked_features(paths)               the same, if there is a form that gives the pixels that Pillow gives
"""

BATCH = 32
