def probabilities(model, x):
    return model(x).softmax(dim=0)
