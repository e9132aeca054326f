# -*- coding: latin-1 -*-
"""Is in another encoding, and says so: nothing is wrong with it."""
NAME = 'Jürgen'
def mean(values):
    return sum(values) / len(values)


def halve(x):
    return x / 2


def mirror(text):
    return text[::-1]


class Counter:
    def __init__(self, start):
        self.total = start

    def add(self, n):
        self.total += n
        return self.total
