"""Returns numpy arrays of objects, structures and strings."""
import numpy as np


def mean(values):
    return np.array([object()], dtype=object)


def halve(x):
    return np.zeros(5, dtype=[("a", "f4")])


def mirror(text):
    return np.array([text[::-1]])
