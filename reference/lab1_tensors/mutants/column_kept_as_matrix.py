def first_column(x):
    return x[:, :1]  # [n, 1]
