train_right = train


def train(model, x, y, epochs, lr, batch_size=50, seed=0):
    for layer in model.modules():
        if isinstance(layer, (nn.Tanh, nn.Sigmoid, nn.ReLU)):
            raise TypeError("the model has to be linear")
    return train_right(model, x, y, epochs, lr, batch_size, seed)
