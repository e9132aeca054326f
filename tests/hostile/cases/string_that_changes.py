"""Returns a string whose slices and encodings lie."""


class Liar(str):
    def __eq__(self, other):
        return True

    def __getitem__(self, index):
        return b"no string"

    def encode(self, *_):
        return self


def mirror(text):
    return Liar("wrong")
