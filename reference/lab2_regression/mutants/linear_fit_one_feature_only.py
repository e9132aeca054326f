def fit_linear(x, y, seed=0):
    torch.manual_seed(seed)
    return fit(LinearRegression(1, 1), x[:, :1], y, seed)
