def split(dataset, fraction, seed):
    first = int(fraction * len(dataset))
    return torch.utils.data.random_split(dataset, [first, len(dataset) - first])
