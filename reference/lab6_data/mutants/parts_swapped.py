def split(dataset, fraction, seed):
    return torch.utils.data.random_split(dataset, [1 - fraction, fraction], torch.Generator().manual_seed(seed))
