"""Prints bytes that are no text."""
import os


def mean(values):
    os.write(1, bytes(range(256)) * 8)
    os.write(2, b"\xff\xfe\xf0\x9f\x92")
    return sum(values) / len(values)
