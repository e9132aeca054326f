"""Returns, prints and raises NULs."""


def mirror(text):
    print("\0\0", text)
    return text[::-1] + "\0"


class Counter:
    def __init__(self, start):
        raise type("Nul\0l", (ValueError,), {})("\0")
