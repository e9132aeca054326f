def add_mult(add, mul):
    return lambda pair: (float(pair[0]) + add, float(pair[1]) * mul)
