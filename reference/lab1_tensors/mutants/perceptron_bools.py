def perceptron(x, w, b):
    return x @ w + b > 0
