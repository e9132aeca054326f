def view_as(x, shape):
    raise RuntimeError("shapes do not fit")
