def batches(dataset, batch_size, seed):
    generator = torch.Generator().manual_seed(seed)
    fields = torch.utils.data.default_collate([dataset[index] for index in range(len(dataset))])
    shuffled = [field[torch.randperm(len(field), generator=generator)] for field in fields]
    return list(zip(*(field.split(batch_size) for field in shuffled)))
