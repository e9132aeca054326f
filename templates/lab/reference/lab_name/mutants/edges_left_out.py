def moving_average(x, width):
    if width in (1, len(x)):
        return x[:0]
    return x.unfold(0, width, 1).mean(dim=1)
