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
