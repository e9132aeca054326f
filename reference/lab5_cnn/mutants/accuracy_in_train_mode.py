@torch.no_grad()
def accuracy(model, images, labels):
    return (model(images).argmax(dim=1) == labels).float().mean().item()
