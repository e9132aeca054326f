def train_cnn(images, labels, seed=0):
    torch.manual_seed(seed)
    return ConvNet().eval()
