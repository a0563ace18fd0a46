"""The other programs' networks, in memory.

Each module has FORMS, the ways of running a network that its program's guides name, and a class Network:

    Network(stem, form, threads, batch)   reads the file `stem` + its own ending
    feed(pixels)                          takes a preprocessed batch, channels last; not timed
    run()                                 computes; this is what is timed
    output()                              the last result as an array, maps of features channels last
"""


def channels_last(result):
    return result.transpose(0, 2, 3, 1) if result.ndim == 4 else result
