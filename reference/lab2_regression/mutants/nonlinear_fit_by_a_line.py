def fit_nonlinear(x, y, seed=0):
    return fit_linear(x, y, seed)
