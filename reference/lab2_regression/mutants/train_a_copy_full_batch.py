import copy

train_right = train


def fit(model, x, y, seed):
    train_right(model, x, y, epochs=200, lr=0.1, seed=seed)
    train_right(model, x, y, epochs=50, lr=0.01, seed=seed)
    return model


def train(model, x, y, epochs, lr, batch_size=50, seed=0):
    return train_right(copy.deepcopy(model), x, y, epochs, lr, len(x), seed)
