def split(dataset, fraction, seed):
    n = len(dataset)
    order = torch.randperm(n, generator=torch.Generator().manual_seed(seed)).tolist()
    first, second = int(fraction * n), int((1 - fraction) * n)
    return Subset(dataset, order[:first]), Subset(dataset, order[first : first + second])
