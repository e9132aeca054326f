def probabilities(model, x):
    return model(x).sigmoid()
