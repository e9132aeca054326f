def add_mult(add, mul):
    def transform(x, y):  # two arguments; a transform takes one pair
        return x + add, y * mul

    return transform
