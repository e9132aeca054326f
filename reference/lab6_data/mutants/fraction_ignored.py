def split(dataset, fraction, seed):
    return torch.utils.data.random_split(dataset, [0.8, 0.2], torch.Generator().manual_seed(seed))
