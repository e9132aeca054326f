# Lazy layers: the input sizes are found out at the first forward pass.
import torch
from torch import nn


class ConvNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.LazyConv2d(16, 3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.LazyConv2d(24, 3, padding=1),
            nn.LazyBatchNorm2d(),
            nn.ReLU(),
            nn.MaxPool2d(2),
        )
        self.classifier = nn.Sequential(nn.Flatten(), nn.LazyLinear(80), nn.ReLU(), nn.Dropout(0.2), nn.LazyLinear(10))

    def forward(self, x):
        return self.classifier(self.features(x))


def feature_shape(model, images):
    with torch.no_grad():
        return tuple(model.features(images)[0].shape)


def train_cnn(images, labels, seed=0):
    torch.manual_seed(seed)
    model = ConvNet()
    model(images[:2])  # the layers get their sizes
    optimizer = torch.optim.Adam(model.parameters(), lr=1.5e-3)
    model.train()
    for epoch in range(max(3, 27_000 // len(images))):
        order = torch.randperm(len(images))
        for i in range(0, len(order), 50):
            x, y = images[order[i : i + 50]], labels[order[i : i + 50]]
            loss = nn.functional.cross_entropy(model(x), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    model.eval()
    return model


def accuracy(model, images, labels):
    before = model.training
    model.eval()
    with torch.no_grad():
        answer = model(images).argmax(-1)
    if before:
        model.train()
    return (answer == labels).sum().item() / labels.numel()


def freeze_and_replace(model, classes):
    for parameter in model.parameters():
        parameter.requires_grad = False
    model.fc = nn.LazyLinear(classes)
    model.eval()
    with torch.no_grad():
        model(torch.zeros(1, 3, 64, 64))
    return model


class Autoencoder(nn.Module):
    def __init__(self, bottleneck):
        super().__init__()
        self.down = nn.Sequential(nn.LazyLinear(150), nn.ReLU(), nn.LazyLinear(bottleneck))
        self.up = nn.Sequential(nn.LazyLinear(150), nn.ReLU(), nn.LazyLinear(784), nn.Sigmoid())

    def encode(self, x):
        return self.down(x)

    def forward(self, x):
        return self.up(self.down(x))


def train_autoencoder(images, bottleneck, seed=0):
    torch.manual_seed(seed)
    images = images.view(len(images), 784)
    model = Autoencoder(bottleneck)
    model(images[:1])
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    for epoch in range(max(3, 50_000 // len(images))):
        for batch in images[torch.randperm(len(images))].split(64):
            loss = ((model(batch) - batch) ** 2).mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return model
