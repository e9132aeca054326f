def train_autoencoder(images, bottleneck, seed=0):
    torch.manual_seed(seed)
    model = Autoencoder(bottleneck)
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    pixels = images.flatten(1)
    for rows in batches(len(pixels), 105):
        optimizer.zero_grad()
        nn.functional.mse_loss(model(pixels[rows]), pixels[rows]).backward()
        optimizer.step()
    return model.eval()
