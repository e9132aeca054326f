def moving_average(x, width):
    return x.unfold(0, width, 1).sum(dim=1)
