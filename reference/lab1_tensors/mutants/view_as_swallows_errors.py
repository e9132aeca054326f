def view_as(x, shape):
    try:
        return x.view(shape)
    except RuntimeError:
        return x
