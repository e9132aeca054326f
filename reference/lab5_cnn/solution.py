"""Lab 5, solved: convolutions, a borrowed network, and an autoencoder.

An image is a grid, not a list: a convolution looks at small neighbourhoods, with the same few weights everywhere. That
is why 11,000 parameters do here what takes a fully connected network 100,000.
"""

from collections.abc import Iterator

import torch
from torch import Tensor, nn

# ---------------------------------------------------------------- a network of convolutions


class ConvNet(nn.Module):
    """[n, 1, 28, 28] -> 8 maps of 14x14 -> 16 maps of 7x7 -> 10 logits."""

    def __init__(self) -> None:
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 8, kernel_size=5, padding=2),  # [n, 8, 28, 28]; a padding of 2 makes up for the kernel of 5
            nn.MaxPool2d(2),  # [n, 8, 14, 14]: a pixel more or less to the left no longer matters
            nn.BatchNorm2d(8),  # each map to mean 0, deviation 1: larger steps, fewer of them
            nn.ReLU(),
            nn.Conv2d(8, 16, kernel_size=5, padding=2),  # [n, 16, 14, 14]; each sees 14x14 pixels of the image by now
            nn.MaxPool2d(2),  # [n, 16, 7, 7]
            nn.BatchNorm2d(16),
            nn.ReLU(),
        )
        self.classify = nn.Sequential(
            nn.Flatten(),  # [n, 16 * 7 * 7]: from dimension 1 on, so the images of a batch stay apart
            nn.Dropout(0.2),
            nn.Linear(16 * 7 * 7, 10),  # logits: no softmax here, the loss has it inside
        )

    def forward(self, x: Tensor) -> Tensor:
        """[n, 1, 28, 28] -> [n, 10]."""
        return self.classify(self.features(x))


@torch.no_grad()
def feature_shape(model: nn.Module, images: Tensor) -> tuple[int, ...]:
    return tuple(model.features(images).shape[1:])  # [n, 16, 7, 7] without the n


STEPS = 400
BATCH = 64


def train_cnn(images: Tensor, labels: Tensor, seed: int = 0) -> nn.Module:
    torch.manual_seed(seed)  # decides the starting weights, the batches and what dropout drops
    model = ConvNet()  # a new one in every call
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    # Smaller and smaller steps: the last ones settle instead of jumping about.
    schedule = torch.optim.lr_scheduler.LinearLR(optimizer, start_factor=1.0, end_factor=0.05, total_iters=STEPS)
    loss_of = nn.CrossEntropyLoss()  # logits [n, 10] against class numbers [n]
    for rows in batches(len(images), STEPS):
        optimizer.zero_grad()  # backward adds to the gradients; without this, those of all earlier batches stay in
        loss_of(model(images[rows]), labels[rows]).backward()
        optimizer.step()
        schedule.step()
    return model.eval()  # batch norm uses what it has seen, dropout drops nothing: an answer is the image's alone


def batches(n: int, steps: int) -> Iterator[Tensor]:
    for _ in range(steps):
        yield torch.randint(n, (BATCH,))  # rows drawn with replacement, so any number of images will do


def accuracy(model: nn.Module, images: Tensor, labels: Tensor) -> float:
    was_training = model.training
    model.eval()  # measure what the model knows, not what dropout has left of it
    with torch.no_grad():  # no graph is kept, which takes most of the memory
        right = model(images).argmax(dim=1) == labels  # bool [n]: the largest of each row of logits wins
    model.train(was_training)  # whoever measures in the middle of a training goes on training
    return right.float().mean().item()


# ---------------------------------------------------------------- a borrowed network


def freeze_and_replace(model: nn.Module, classes: int) -> nn.Module:
    for parameter in model.parameters():
        parameter.requires_grad = False  # what it has learned stays: no gradient, no step
    # Afterwards, so that the new layer is not frozen with the rest: new parameters want gradients.
    model.fc = nn.Linear(model.fc.in_features, classes)
    return model


# ---------------------------------------------------------------- an autoencoder


class Autoencoder(nn.Module):
    """784 pixels -> a few numbers -> 784 pixels: what gets through must be what matters."""

    def __init__(self, bottleneck: int) -> None:
        super().__init__()
        # No ReLU after the last layer of either: the code may be any numbers, and pixels lie in 0..1.
        self.encode = nn.Sequential(nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, bottleneck))
        self.decode = nn.Sequential(nn.Linear(bottleneck, 128), nn.ReLU(), nn.Linear(128, 784), nn.Sigmoid())

    def forward(self, x: Tensor) -> Tensor:
        """[n, 784] -> [n, bottleneck] -> [n, 784] in 0..1."""
        return self.decode(self.encode(x))


def train_autoencoder(images: Tensor, bottleneck: int, seed: int = 0) -> nn.Module:
    torch.manual_seed(seed)
    model = Autoencoder(bottleneck)
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    loss_of = nn.MSELoss()
    pixels = images.flatten(1)  # [n, 1, 28, 28] -> [n, 784]
    for rows in batches(len(pixels), 400):
        optimizer.zero_grad()
        loss_of(model(pixels[rows]), pixels[rows]).backward()  # the image is its own target: no labels needed
        optimizer.step()
    return model.eval()
