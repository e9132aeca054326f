def split(dataset, fraction, seed):
    return torch.utils.data.random_split(dataset, [fraction, 1 - fraction], torch.Generator().manual_seed(0))
