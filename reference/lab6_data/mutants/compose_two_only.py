def compose(first, second):
    return lambda pair: second(first(pair))
