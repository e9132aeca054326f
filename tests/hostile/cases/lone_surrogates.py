"""Returns, prints and raises halves of surrogate pairs."""


def mirror(text):
    print("\ud800", text)
    return "\ud800" + text


class Counter:
    def __init__(self, start):
        raise ValueError("\udfff and \ud800")
