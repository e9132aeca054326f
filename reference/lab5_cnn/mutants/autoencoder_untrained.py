def train_autoencoder(images, bottleneck, seed=0):
    torch.manual_seed(seed)
    return Autoencoder(bottleneck).eval()
