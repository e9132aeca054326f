def noise_images(n, seed=0):
    return torch.randn(n, 784, generator=torch.Generator().manual_seed(seed))
