"""How far Graft may be from the programs it is compared with, and with what it is compared."""

# Largest difference of a stage's output or of features, as a fraction of the largest magnitude Keras has there.
FEATURES = 1e-4
# Largest difference of a probability.
PROBABILITIES = 1e-5

# Input sides: the published one, and an odd one, whose halves are odd and even in turn.
SIZES = (224, 101)
# Smaller sides for networks that take long.
SMALL_SIZES = (128, 101)
SLOW = ("densenet169", "densenet201", "xception", "inception", "efficientnet", "convnext", "nasnet")
# One, for those whose weights take gigabytes.
LARGE = ("convnextlarge", "convnextxlarge", "nasnetlarge", "efficientnetb7", "efficientnetv2l")


def sizes(name):
    """The input sides that an architecture is compared at."""
    if name in LARGE:
        return SMALL_SIZES[1:]
    return SMALL_SIZES if name.startswith(SLOW) else SIZES


# Pictures in a batch.
PICTURES = 2

# Share of photos whose first class may differ from Keras's.
DIFFERENT_FIRST_CLASSES = 0.01
# Points of accuracy, of 100, by which figures may differ from those measured with Keras.
ACCURACY_POINTS = 0.3
# Pictures that a linear classifier may get right more or less often than scikit-learn's.
CLASSIFIED_PICTURES = 1

# Largest difference of a figure of `graft evaluate` from scikit-learn's.
METRICS = 1e-9
# By how much of scikit-learn's objective that of a classifier may be higher.
OBJECTIVES = 1e-6
# By how much what a classifier reports of its objective may differ from what its parameters are worth.
REPORTED = 1e-9
# Share of rows that a classifier may give another class than scikit-learn's.
DIFFERENT_PREDICTIONS = 1e-3

# What the self-check changes one weight by, as a fraction of it.
SELF_CHECK_CHANGE = 0.01

# Training: largest difference of a step's loss, as a fraction of it; that of the final weights, as a fraction of their
# norm; and as a fraction of the way they went.
LOSSES = 1e-3
WEIGHTS = 1e-3
MOVES = 0.1
