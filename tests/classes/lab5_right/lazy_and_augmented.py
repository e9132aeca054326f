# Lazy layers, Dropout2d, shifted images, a validation part, early stopping, and the best state restored.
import copy

import torch
from torch import nn


class ConvNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.LazyConv2d(8, 5, stride=2, padding=2)
        self.bn = nn.LazyBatchNorm2d()
        self.depthwise = nn.Conv2d(8, 8, 3, padding=1, groups=8)
        self.pointwise = nn.Conv2d(8, 32, 1)
        self.drop = nn.Dropout2d(0.05)
        self.hidden = nn.LazyLinear(64)
        self.out = nn.LazyLinear(10)

    def features(self, x):
        x = self.bn(torch.relu(self.conv1(x)))
        x = torch.relu(self.pointwise(self.depthwise(x)))
        return self.drop(nn.functional.avg_pool2d(x, 2))

    def forward(self, x):
        return self.out(torch.relu(self.hidden(torch.flatten(self.features(x), start_dim=1))))


def feature_shape(model, images):
    return [torch.tensor(size) for size in model.features(images[:1])[0].shape]


def shifted(images):
    down, right = torch.randint(-1, 2, (2,)).tolist()
    return images.roll((down, right), dims=(2, 3))


def train_cnn(images, labels, seed=0):
    torch.manual_seed(seed)
    order = torch.randperm(len(images))
    held, rest = order[:500], order[500:]
    model = ConvNet()
    model(images[:2])  # the lazy layers find their sizes
    optimizer = torch.optim.RMSprop(model.parameters(), lr=2e-3)
    best, best_state, worse = 0.0, None, 0
    for epoch in range(12):
        for group in optimizer.param_groups:
            group["lr"] = 2e-3 * 0.7**epoch
        model.train()
        for rows in rest[torch.randperm(len(rest))].split(64)[:100]:
            optimizer.zero_grad()
            nn.functional.cross_entropy(model(shifted(images[rows])), labels[rows]).backward()
            optimizer.step()
        score = accuracy(model, images[held], labels[held])
        worse = 0 if score > best else worse + 1
        if score > best:
            best, best_state = score, copy.deepcopy(model.state_dict())
        if worse == 3:
            break
    model.load_state_dict(best_state)
    model.eval()
    return model


def accuracy(model, images, labels):
    before = model.training
    model.train(False)
    with torch.no_grad():
        right = torch.cat([model(x).argmax(1) for x in images.split(100)]).eq(labels)
    model.train(before)
    return right.double().mean()


def freeze_and_replace(model, classes):
    for child in model.children():
        for parameter in child.parameters():
            parameter.requires_grad = False
    setattr(model, "fc", nn.Sequential(nn.Dropout(0.5), nn.Linear(model.fc.in_features, classes)))
    return model


class Autoencoder(nn.Module):
    def __init__(self, bottleneck):
        super().__init__()
        self.encoder = nn.Sequential(nn.Flatten(), nn.Linear(784, 200), nn.BatchNorm1d(200), nn.GELU(), nn.Linear(200, bottleneck), nn.Tanh())
        self.decoder = nn.Sequential(nn.Linear(bottleneck, 200), nn.GELU(), nn.Linear(200, 784))

    def encode(self, x):
        return self.encoder(x)

    def forward(self, x):
        logits = self.decoder(self.encode(x))
        return logits if self.training else torch.sigmoid(logits)


def train_autoencoder(images, bottleneck, seed=0):
    torch.manual_seed(seed)
    model = Autoencoder(bottleneck)
    optimizer = torch.optim.Adam(model.parameters(), 3e-3)
    for _ in range(400):
        batch = images[torch.randint(len(images), (64,))].flatten(1)
        optimizer.zero_grad()
        nn.functional.binary_cross_entropy_with_logits(model(batch), batch).backward()
        optimizer.step()
    return model
