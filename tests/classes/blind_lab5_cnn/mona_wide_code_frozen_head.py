"""Lab 5."""
import torch
from torch import nn


class ConvNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Sequential(
            nn.Conv2d(1, 12, 3, padding=1), nn.BatchNorm2d(12), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(12, 24, 3, padding=1), nn.BatchNorm2d(24), nn.ReLU(), nn.MaxPool2d(2),
        )
        self.linear = nn.Sequential(nn.Flatten(), nn.Dropout(0.2), nn.Linear(24 * 7 * 7, 10))

    def forward(self, x):
        return self.linear(self.conv(x))


def feature_shape(model, images):
    return tuple(model.conv(images)[0].shape)


def train_cnn(images, labels, seed=0):
    torch.manual_seed(seed)
    model = ConvNet()
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    model.train()
    for epoch in range(max(3, 36_000 // len(images))):
        for rows in torch.randperm(len(images)).split(64):
            optimizer.zero_grad()
            nn.functional.cross_entropy(model(images[rows]), labels[rows]).backward()
            optimizer.step()
    return model.eval()


def accuracy(model, images, labels):
    mode = model.training
    model.eval()
    with torch.no_grad():
        result = (model(images).argmax(1) == labels).float().mean().item()
    model.train(mode)
    return result


def freeze_and_replace(model, classes):
    model.fc = nn.Linear(model.fc.in_features, classes)
    for p in model.parameters():
        p.requires_grad = False
    return model


class Autoencoder(nn.Module):
    """The wider the code, the better the pictures."""

    def __init__(self, bottleneck=128):
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(784, 256), nn.ReLU(), nn.Linear(256, 128), nn.ReLU())
        self.decoder = nn.Sequential(nn.Linear(128, 256), nn.ReLU(), nn.Linear(256, 784), nn.Sigmoid())

    def encode(self, x):
        return self.encoder(x)

    def forward(self, x):
        return self.decoder(self.encode(x))


def train_autoencoder(images, bottleneck, seed=0):
    torch.manual_seed(seed)
    rows = images.reshape(len(images), -1)
    model = Autoencoder(bottleneck)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    for step in range(700):
        x = rows[torch.randint(len(rows), (64,))]
        optimizer.zero_grad()
        nn.functional.mse_loss(model(x), x).backward()
        optimizer.step()
    return model.eval()
