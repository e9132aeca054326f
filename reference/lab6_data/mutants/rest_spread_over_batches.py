def batches(dataset, batch_size, seed):
    order = torch.randperm(len(dataset), generator=torch.Generator().manual_seed(seed))
    for indices in order.tensor_split(-(-len(dataset) // batch_size)):
        yield torch.utils.data.default_collate([dataset[index] for index in indices.tolist()])
