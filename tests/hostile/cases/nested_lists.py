"""Returns a list a hundred thousand deep."""


def mean(values):
    for _ in range(100_000):
        values = [values]
    return values
