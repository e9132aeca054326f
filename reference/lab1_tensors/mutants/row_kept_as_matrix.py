def first_row(x):
    return x[:1]  # a slice keeps the dimension: [1, m]
