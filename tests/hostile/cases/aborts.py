"""Aborts."""
import os


class Counter(Counter):
    def add(self, n):
        os.abort()
