"""Returns what has still to be computed."""


def mean(values):
    yield sum(values) / len(values)


async def halve(x):
    return x / 2


def mirror(text):
    return lambda: text[::-1]
