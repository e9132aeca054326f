import torch
from torch.utils.data import DataLoader, random_split

# TODO: DigitCSV


def add_mult(add, mul):
    return lambda pair: (pair[0] + add, pair[1] * mul)


def compose(*transforms):
    def run(pair):
        for t in transforms:
            pair = t(pair)
        return pair

    return run


def batches(dataset, batch_size, seed):
    g = torch.Generator()
    g.manual_seed(seed)
    return DataLoader(dataset, batch_size=batch_size, shuffle=True, generator=g)


def split(dataset, fraction, seed):
    g = torch.Generator()
    g.manual_seed(seed)
    n = int(len(dataset) * fraction)
    return random_split(dataset, [n, len(dataset) - n], generator=g)


def channel_stats(images):
    mean = images.mean(dim=(0, 2, 3))
    std = ((images - mean) ** 2).mean(dim=(0, 2, 3)).sqrt()
    raise NotImplementedError("shapes do not fit, ask in the tutorial")
