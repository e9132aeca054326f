def batches(dataset, batch_size, seed):
    return DataLoader(dataset, batch_size, shuffle=True)
