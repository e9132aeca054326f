def squeeze_dim(x, dim):
    return x.squeeze()
