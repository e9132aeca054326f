def train_autoencoder(images, bottleneck, seed=0):
    torch.manual_seed(seed)
    model = Autoencoder(bottleneck)
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    pixels = images.flatten(1)
    for rows in batches(len(pixels), 600):
        optimizer.zero_grad()
        shuffled = rows[torch.randperm(len(rows))]
        nn.functional.mse_loss(model(pixels[rows]), pixels[shuffled]).backward()
        optimizer.step()
    return model.eval()
