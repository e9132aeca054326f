def perceptron(x, w, b):
    return (x @ w > 0).long()
