"""Returns more numbers than fit into an answer."""


def mean(values):
    return [0.5] * 600_000
