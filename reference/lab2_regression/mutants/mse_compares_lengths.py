def mse(y_hat, y):
    if y_hat.dim() != y.dim() or len(y_hat) != len(y):
        raise ValueError("shapes differ")
    return ((y_hat - y) ** 2).mean()
