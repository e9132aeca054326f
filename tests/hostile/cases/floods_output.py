"""Prints 300 MB, half of it as one line and to the error stream."""
import os


def mean(values):
    for descriptor, block in ((1, b"x\n" * 2**19), (2, b"y" * 2**20)):
        for _ in range(150):
            os.write(descriptor, block)
    return sum(values) / len(values)
