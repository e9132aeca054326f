"""Returns an integer of 100,000 digits, and prints another."""


def mean(values):
    return 10**100_000
