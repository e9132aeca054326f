"""Returns a tensor whose storage it has taken away."""


def halve(x):
    half = x / 2
    half.untyped_storage().resize_(0)
    return half
