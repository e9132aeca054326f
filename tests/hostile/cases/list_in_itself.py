"""Returns a list that is its own item."""


def mean(values):
    values.append(values)
    return values
