def fit_linear(x, y, seed=0):
    torch.manual_seed(seed)
    model = LinearRegression(x.shape[1], 1)
    train(model, x, y, epochs=5, lr=0.1, seed=seed)
    return model
