def split(dataset, fraction, seed):
    first = int(fraction * len(dataset))
    return Subset(dataset, range(first)), Subset(dataset, range(first, len(dataset)))
