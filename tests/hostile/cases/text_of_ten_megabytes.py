"""Returns, and raises, a string of ten megabytes."""


def mirror(text):
    return text * 1_000_000


class Counter:
    def __init__(self, start):
        raise ValueError("long " * 2_000_000)
