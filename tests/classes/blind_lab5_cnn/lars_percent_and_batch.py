# Lab 5, Lars
import torch
from torch import nn
from torch.nn import functional as F


class ConvNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 12, 5, padding=2)
        self.bn1 = nn.BatchNorm2d(12)
        self.conv2 = nn.Conv2d(12, 24, 5, padding=2)
        self.bn2 = nn.BatchNorm2d(24)
        self.fc = nn.Linear(24 * 7 * 7, 10)

    def features(self, x):
        x = F.max_pool2d(F.relu(self.bn1(self.conv1(x))), 2)
        return F.max_pool2d(F.relu(self.bn2(self.conv2(x))), 2)

    def forward(self, x):
        return self.fc(self.features(x).flatten(1))


def feature_shape(model, images):
    with torch.no_grad():
        return tuple(model.features(images).shape)


def train_cnn(images, labels, seed=0):
    torch.manual_seed(seed)
    model = ConvNet()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    for epoch in range(5 if len(images) < 9000 else 3):
        model.train()
        for rows in torch.randperm(len(images)).split(64):
            optimizer.zero_grad()
            F.cross_entropy(model(images[rows]), labels[rows]).backward()
            optimizer.step()
        print(f"epoch {epoch}: {accuracy(model, images[:1000], labels[:1000]):.1f} %")
    return model.eval()


def accuracy(model, images, labels):
    model.eval()
    with torch.no_grad():
        predicted = model(images).argmax(dim=1)
    return 100.0 * (predicted == labels).sum().item() / len(labels)


def freeze_and_replace(model, classes):
    for p in model.parameters():
        p.requires_grad = False
    model.fc = nn.Linear(512, classes)
    return model


class Autoencoder(nn.Module):
    def __init__(self, bottleneck):
        super().__init__()
        self.enc = nn.Sequential(nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, bottleneck))
        self.dec = nn.Sequential(nn.Linear(bottleneck, 128), nn.ReLU(), nn.Linear(128, 784), nn.Sigmoid())

    def encode(self, x):
        return self.enc(x)

    def forward(self, x):
        return self.dec(self.enc(x))


def train_autoencoder(images, bottleneck, seed=0):
    torch.manual_seed(seed)
    images = images.reshape(-1, 784)
    model = Autoencoder(bottleneck)
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    for step in range(900):
        x = images[torch.randint(len(images), (64,))]
        optimizer.zero_grad()
        F.mse_loss(model(x), x).backward()
        optimizer.step()
    return model
