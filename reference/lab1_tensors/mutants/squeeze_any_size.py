def squeeze_dim(x, dim):
    return x.select(dim, 0)  # drops the dimension, and with it all but the first of its elements
