def sample(generator, n, seed=0):
    return torch.rand(n, 784, generator=torch.Generator().manual_seed(seed))
