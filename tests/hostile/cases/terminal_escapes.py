"""Prints and raises what a terminal obeys."""
TEXT = "\x1b[2J\x1b]0;mine\x07\x1b[31mred \x9b31m \x1bP0;1|17/ab\x1b\\ \x08\x08\r\x0c\x7f"


def mean(values):
    print(TEXT)
    raise ValueError(TEXT)


def halve(x):
    raise type("\x1b[31mRed", (Exception,), {})(TEXT)


def mirror(text):
    return TEXT
