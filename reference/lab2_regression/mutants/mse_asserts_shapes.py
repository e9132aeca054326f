def mse(y_hat, y):
    assert y_hat.shape == y.shape
    return ((y_hat - y) ** 2).mean()
