"""Overflows the stack of C, with Python's own limit taken away."""
import sys


class Counter(Counter):
    def add(self, n):
        sys.setrecursionlimit(10**9)
        deep = []
        for _ in range(600_000):
            deep = [deep]
        return deep == [deep]
