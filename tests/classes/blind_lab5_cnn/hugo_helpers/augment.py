import torch
from torchvision.transforms import v2

turn = v2.RandomAffine(degrees=8, translate=(0.04, 0.04), scale=(0.95, 1.05))


def augmented_batches(images, labels, size, epochs):
    """Shuffled batches; each batch as a whole is turned and moved a little."""
    for epoch in range(epochs):
        for rows in torch.randperm(len(images)).split(size):
            yield turn(images[rows]), labels[rows]
