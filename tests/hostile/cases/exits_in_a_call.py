"""Ends Python in the middle of a call, with status 0."""
import os


class Counter(Counter):
    def add(self, n):
        os._exit(0)
