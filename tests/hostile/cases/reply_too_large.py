"""Announces a reply of four gigabytes."""
import os
import time


def mean(values):
    os.write(3, (2**32 - 1).to_bytes(4, "little") * 2)
    time.sleep(60)
