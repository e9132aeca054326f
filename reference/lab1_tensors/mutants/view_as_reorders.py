def view_as(x, shape):
    return x.flatten().sort().values.view(shape)
