def squeeze_all(x):
    for dim in range(x.dim()):
        if x.shape[dim] == 1:
            return x.squeeze(dim)
    return x
