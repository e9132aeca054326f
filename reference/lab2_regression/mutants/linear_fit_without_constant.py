def fit_linear(x, y, seed=0):
    model = LinearRegression(x.shape[1], 1)
    with torch.no_grad():
        model.linear.weight[:] = torch.linalg.lstsq(x, y).solution.T
        model.linear.bias[:] = 0.0
    return model
