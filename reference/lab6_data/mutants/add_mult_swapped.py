def add_mult(add, mul):
    return lambda pair: (pair[0] * mul, pair[1] + add)
