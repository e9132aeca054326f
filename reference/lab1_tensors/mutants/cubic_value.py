def cubic_gradient(x):
    return (x - 1) * (x - 2) * (x - 3)
