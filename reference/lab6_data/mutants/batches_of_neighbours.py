def batches(dataset, batch_size, seed):
    generator = torch.Generator().manual_seed(seed)
    starts = range(0, len(dataset), batch_size)
    for number in torch.randperm(len(starts), generator=generator).tolist():
        stop = min(starts[number] + batch_size, len(dataset))
        yield torch.utils.data.default_collate([dataset[index] for index in range(starts[number], stop)])
