train_quietly = train


def train(model, x, y, epochs, lr, batch_size=50, seed=0):
    train_quietly(model, x, y, epochs, lr, batch_size, seed)
    return model
