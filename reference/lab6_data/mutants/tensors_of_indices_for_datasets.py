def split(dataset, fraction, seed):
    order = torch.randperm(len(dataset), generator=torch.Generator().manual_seed(seed))
    first = int(fraction * len(dataset))
    return order[:first], order[first:]
