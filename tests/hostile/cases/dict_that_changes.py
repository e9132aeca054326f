"""Returns a dict that gives others items each time it is asked."""


class Liar(dict):
    def items(self):
        return [(object(), object())] * 3

    def __iter__(self):
        return iter("abc")


def mean(values):
    return Liar(mean=1.0)
