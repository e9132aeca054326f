def to_column(x):
    return x[None]  # [1, n]
