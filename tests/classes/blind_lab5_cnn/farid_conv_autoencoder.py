"""Lab 5. Batch norm in the classifier, convolutions in the autoencoder too."""
import torch
from torch import nn


def block(i, o):
    return nn.Sequential(nn.Conv2d(i, o, 3, padding=1, bias=False), nn.BatchNorm2d(o), nn.ReLU(), nn.MaxPool2d(2))


class ConvNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.blocks = nn.ModuleList([block(1, 10), block(10, 20), block(20, 40)])
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.out = nn.Conv2d(40, 10, 1)  # a 1x1 convolution in place of a linear layer

    def maps(self, x):
        for b in self.blocks:
            x = b(x)
        return self.out(x)

    def forward(self, x):
        return self.pool(self.maps(x)).flatten(1)


def feature_shape(model, images):
    return tuple(int(s) for s in model.maps(images).shape[1:])


def train_cnn(images, labels, seed=0):
    torch.manual_seed(seed)
    model = ConvNet()
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    epochs = max(4, 32_000 // len(images))
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, epochs)
    for _ in range(epochs):
        for batch in torch.randperm(len(images)).split(64):
            optimizer.zero_grad()
            nn.functional.cross_entropy(model(images[batch]), labels[batch]).backward()
            optimizer.step()
        schedule.step()
    return model.eval()


def accuracy(model, images, labels):
    mode = model.training
    model.eval()
    with torch.no_grad():
        share = (model(images).argmax(1) == labels).float().mean()
    model.train(mode)
    return share


def freeze_and_replace(model, classes):
    for p in model.parameters():
        p.requires_grad = False
    inputs = model.fc.in_features
    model.fc = nn.Sequential(nn.Dropout(0.2), nn.Linear(inputs, classes))
    return model


class Autoencoder(nn.Module):
    def __init__(self, bottleneck):
        super().__init__()
        self.encoder = nn.Sequential(
            nn.Unflatten(1, (1, 28, 28)),
            nn.Conv2d(1, 8, 3, stride=2, padding=1),
            nn.ReLU(),
            nn.Conv2d(8, 16, 3, stride=2, padding=1),
            nn.ReLU(),
            nn.Flatten(),
            nn.Linear(16 * 7 * 7, bottleneck),
        )
        self.decoder = nn.Sequential(
            nn.Linear(bottleneck, 16 * 7 * 7),
            nn.ReLU(),
            nn.Unflatten(1, (16, 7, 7)),
            nn.ConvTranspose2d(16, 8, 4, stride=2, padding=1),
            nn.ReLU(),
            nn.ConvTranspose2d(8, 1, 4, stride=2, padding=1),
            nn.Sigmoid(),
            nn.Flatten(),
        )

    def encode(self, x):
        return self.encoder(x)

    def forward(self, x):
        return self.decoder(self.encode(x))


def train_autoencoder(images, bottleneck, seed=0):
    torch.manual_seed(seed)
    n, channels, height, width = images.shape
    rows = images.view(n, channels * height * width)
    model = Autoencoder(bottleneck)
    optimizer = torch.optim.Adam(model.parameters(), lr=4e-3)
    for _ in range(500):
        x = rows[torch.randint(n, (64,))]
        optimizer.zero_grad()
        nn.functional.mse_loss(model(x), x).backward()
        optimizer.step()
    return model.eval()
