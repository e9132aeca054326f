"""Raises SystemExit and KeyboardInterrupt in calls."""
import sys


def mean(values):
    sys.exit(0)


def halve(x):
    raise KeyboardInterrupt
