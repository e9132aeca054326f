"""Closes its connection and stays."""
import os
import time


def mean(values):
    os.close(3)
    time.sleep(60)
