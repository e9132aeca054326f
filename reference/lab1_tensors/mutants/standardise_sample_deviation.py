def standardise(x):
    std = x.std(dim=0)  # divides by n - 1
    return (x - x.mean(dim=0)) / torch.where(std > 0, std, 1.0)
