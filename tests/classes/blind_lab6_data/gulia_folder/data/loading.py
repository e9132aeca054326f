import torch
from torch.utils.data import BatchSampler, DataLoader, SubsetRandomSampler, random_split


def batches(dataset, batch_size, seed):
    generator = torch.Generator().manual_seed(seed)
    sampler = BatchSampler(SubsetRandomSampler(range(len(dataset)), generator), batch_size, drop_last=False)
    return DataLoader(dataset, batch_sampler=sampler)


def split(dataset, fraction, seed):
    return random_split(dataset, [fraction, 1 - fraction], torch.Generator().manual_seed(seed))
