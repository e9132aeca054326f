"""Fills /tmp and /dev/shm."""
import os


def fill(folder):
    written = 0
    while written < 2**30:
        with open(f"{folder}/{MARK}-{written}", "wb") as file:
            written += file.write(b"x" * 2**20)


def mean(values):
    refused(fill, "/tmp")
    refused(fill, "/dev/shm")
    return sum(values) / len(values)
