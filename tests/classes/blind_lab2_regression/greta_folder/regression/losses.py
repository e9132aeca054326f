class ShapeError(ValueError):
    """The two tensors do not belong together."""


def mse(y_hat, y):
    if y_hat.shape != y.shape:
        raise ShapeError(y_hat.shape, y.shape)
    return (y_hat - y).pow(2).mean()


def r2_score(y_hat, y):
    return float(1 - mse(y_hat, y) / mse(y.mean().expand_as(y), y))
