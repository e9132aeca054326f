def batches(dataset, batch_size, seed):
    torch.manual_seed(seed)
    return DataLoader(dataset, batch_size)
