def split(dataset, fraction, seed):
    n, generator = len(dataset), torch.Generator().manual_seed(seed)
    first = int(fraction * n)
    train, test = (torch.randperm(n, generator=generator).tolist() for _ in "12")  # drawn twice
    return Subset(dataset, train[:first]), Subset(dataset, test[first:])
