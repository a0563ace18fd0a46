"""What logistic regression minimises, in double precision."""

import numpy as np


def log_loss(z, y, weights, bias, l2):
    """The mean log loss of standardized rows plus l2/2 times the squared norm of the weights (D x C)."""
    scores = z @ weights + bias
    top = scores.max(1)
    losses = np.log(np.exp(scores - top[:, None]).sum(1)) + top - scores[np.arange(len(y)), y]
    return float(losses.mean() + l2 / 2 * (weights**2).sum())
