"""Sends a message nested a hundred thousand deep."""
import os
import struct


def mean(values):
    head = b"\x91" * 100_000 + b"\xc0"
    os.write(3, struct.pack("<II", len(head), 0) + head)
    os.abort()
