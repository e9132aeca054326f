"""Computes for ever."""


class Counter(Counter):
    def add(self, n):
        while True:
            pass
