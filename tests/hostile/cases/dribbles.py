"""Sends its reply a byte a second."""
import os
import time


def mean(values):
    while True:
        os.write(3, b"\1")
        time.sleep(1)
        os.write(3, b"\0\0\0\0\1\0\0")
        time.sleep(1)
        while True:
            os.write(3, b"\0")
            time.sleep(1) if values else None
            values = values[1:] or [1]
            time.sleep(30)
