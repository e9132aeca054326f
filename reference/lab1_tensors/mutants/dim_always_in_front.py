def add_dim(x, dim):
    return x[None]
