def add_mult(add, mul):
    return lambda pair: tuple((each + add) * mul for each in pair)
