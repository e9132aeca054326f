def fit_nonlinear(x, y, seed=0):
    torch.manual_seed(seed)
    return NonlinearRegression(1, 30, 1)
