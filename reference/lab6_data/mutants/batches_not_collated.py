def batches(dataset, batch_size, seed):
    order = torch.randperm(len(dataset), generator=torch.Generator().manual_seed(seed)).tolist()
    for start in range(0, len(dataset), batch_size):
        yield [dataset[index] for index in order[start : start + batch_size]]
