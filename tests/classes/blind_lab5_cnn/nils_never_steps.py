"""Lab 5. The loss does not go down much, I do not know why."""
import torch
from torch import nn


class ConvNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 8, 3, stride=2)
        self.conv2 = nn.Conv2d(8, 16, 3, stride=2)
        self.dropout = nn.Dropout(0.5)
        self.fc = nn.Linear(16 * 6 * 6, 10)

    def maps(self, x):
        return torch.relu(self.conv2(torch.relu(self.conv1(x))))

    def forward(self, x):
        return self.fc(self.dropout(self.maps(x).flatten(1)))


def feature_shape(model, images):
    return tuple(model.maps(images).shape[1:])


def train_cnn(images, labels, seed=0):
    torch.manual_seed(seed)
    model = ConvNet()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    for epoch in range(2):
        total = 0.0
        for rows in torch.randperm(len(images)).split(100):
            optimizer.zero_grad()
            loss = nn.functional.cross_entropy(model(images[rows]), labels[rows])
            loss.backward()
            total += loss.item()
        print("epoch", epoch, "loss", total)
    return model.eval()


def accuracy(model, images, labels):
    mode = model.training
    model.eval()
    with torch.no_grad():
        right = (model(images).argmax(1) == labels).sum()
    model.train(mode)
    return (right / len(labels)).item()


def freeze_and_replace(model, classes):
    for p in model.parameters():
        p.requires_grad = False
    model.fc = nn.Linear(model.fc.in_features, classes)
    return model


class Autoencoder(nn.Module):
    def __init__(self, bottleneck):
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, bottleneck))
        self.decoder = nn.Sequential(nn.Linear(bottleneck, 128), nn.ReLU(), nn.Linear(128, 784), nn.Sigmoid())

    def encode(self, x):
        return self.encoder(x)

    def forward(self, x):
        return self.decoder(self.encoder(x))


def train_autoencoder(images, bottleneck, seed=0):
    torch.manual_seed(seed)
    images = images.reshape(-1, 784)
    model = Autoencoder(bottleneck)
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    for step in range(900):
        x = images[torch.randint(len(images), (64,))]
        optimizer.zero_grad()
        nn.functional.mse_loss(model(x), x).backward()
        optimizer.step()
    return model
