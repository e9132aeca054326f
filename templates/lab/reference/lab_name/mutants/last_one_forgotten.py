def moving_average(x, width):
    return torch.stack([x[i : i + width].mean() for i in range(len(x) - width)])
